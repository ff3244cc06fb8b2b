namespace Lips.Interactions.Record;

/// <summary>Finds single interactions.</summary>
internal static class InteractionRows
{
    /// <summary>One interaction with its contact. Indexes: interactions_pkey, contacts_pkey.</summary>
    public const string SelectOne =
        $"""
        SELECT {InteractionJson.Columns}
        FROM interactions.interactions i
        JOIN interactions.contacts c ON c.advertiser = i.advertiser AND c.id = i.contact_id
        WHERE i.advertiser = $1 AND i.id = $2
        """;
}
