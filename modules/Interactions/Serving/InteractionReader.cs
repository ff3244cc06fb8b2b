using System.Buffers;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.Serving;

/// <summary>An interaction as it is served, and its ETag.</summary>
internal readonly record struct ServedInteraction(ReadOnlyMemory<byte> Body, string Tag);

/// <summary>Reads one interaction by its id alone.</summary>
internal sealed class InteractionReader(Connections database)
{
    /// <summary>One interaction of an advertiser. Index: interactions_by_id or interactions_pkey.</summary>
    public const string SelectOne =
        $"SELECT {StoredInteraction.Text} FROM interactions.interactions i WHERE i.advertiser = $1 AND i.id = $2";

    // Indexes: interactions_by_id, interaction_versions_pkey.
    internal static readonly string Select =
        $"""
        SELECT {StoredInteraction.Text}, i.advertiser, i.archived_at IS NOT NULL,
            v.version, {AdvertiserVersions.RunOf("i.advertiser", "v.version")}
        FROM interactions.interactions i
        JOIN interactions.interaction_versions v ON v.advertiser = i.advertiser AND v.interaction_id = i.id
        WHERE i.id = $1
        """;

    /// <summary>
    /// The interaction in the caller's profile; null when there is none, or none that the caller may see. To partners an archived one is
    /// not there.
    /// </summary>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public Task<ServedInteraction?> ReadAsync(long id, Caller caller, CancellationToken cancellation) =>
        database.RunAsync<ServedInteraction?>(async connection =>
        {
            await using var command = new NpgsqlCommand(Select, connection)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = id } },
            };
            await using var row = await command.ExecuteReaderAsync(cancellation);
            if (!await row.ReadAsync(cancellation) || !caller.MaySee(GlobalId.FromValue(row.GetInt64(1))))
                return null;
            if (caller.Profile == Profile.Partner && row.GetBoolean(2))
                return null;
            var body = new ArrayBufferWriter<byte>();
            new InteractionJson(body, caller).Write(row);
            return new(body.WrittenMemory, InteractionTag.Of(row.GetInt64(3), row.GetInt64(4), caller));
        }, cancellation);
}
