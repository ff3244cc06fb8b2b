using Lips.Kernel;
using Npgsql;

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

    /// <summary>The advertiser of an interaction. Index: interactions_by_id.</summary>
    public const string SelectAdvertiser = "SELECT advertiser FROM interactions.interactions WHERE id = $1";

    /// <summary>
    /// The advertiser of an interaction, which never changes. Null when there is no such interaction, or none of the caller's: the two
    /// are answered alike.
    /// </summary>
    public static async Task<GlobalId?> AdvertiserOfAsync(NpgsqlDataSource database, long id, Caller caller, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(SelectAdvertiser);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        return await command.ExecuteScalarAsync(cancellation) is long value && caller.MaySee(GlobalId.FromValue(value)) ? GlobalId.FromValue(value) : null;
    }
}
