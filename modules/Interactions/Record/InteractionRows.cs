namespace Lips.Interactions.Record;

/// <summary>Finds single interactions.</summary>
internal static class InteractionRows
{
    /// <summary>One interaction. Index: interactions_by_id or interactions_pkey.</summary>
    public const string SelectOne =
        $"""
        SELECT {InteractionJson.Columns}
        FROM interactions.interactions i
        WHERE i.advertiser = $1 AND i.id = $2
        """;
}
