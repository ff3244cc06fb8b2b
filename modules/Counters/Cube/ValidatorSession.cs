using System.Runtime.InteropServices;
using Lips.Counters.Cells;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Npgsql;

namespace Lips.Counters.Cube;

/// <summary>The validator's questions on one connection, which is opened with the first and kept for the next.</summary>
/// <param name="database">Where it comes from, and goes back to.</param>
internal sealed class ValidatorSession(NpgsqlDataSource database) : IAsyncDisposable
{
    // Where the database stands: its history, since versions of another cannot be compared with ours, and the snapshot. What is visible
    // depends on nothing else, so while the snapshot stays the same nobody has committed anything, and what was valid still is.
    private const string Moment = $"{AdvertiserVersions.RunText}, pg_current_snapshot()::text";

    private const string OnlyMoment = $"SELECT {Moment}";

    // Moment, versions and newer cells come from one statement, so from one snapshot. Indexes: advertisers_pkey, cells_by_version. OFFSET 0
    // keeps the planner from merging the subquery into a join whose filter, and not whose index, would find the newer cells among all of
    // the advertiser's.
    private const string Query =
        $"""
        SELECT {Moment}, NULL::bigint AS advertiser, NULL::bigint AS version, NULL::date AS day, NULL::bigint AS campaign,
            NULL::smallint AS kind, NULL::smallint AS channel, NULL::boolean AS has_wpc, NULL::integer AS total, NULL::integer AS unread,
            NULL::integer AS important, NULL::integer AS archived_total, NULL::integer AS archived_unread,
                NULL::integer AS archived_important
        UNION ALL
        SELECT NULL, NULL, a.advertiser, a.version, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM counters.advertisers a WHERE a.advertiser = ANY($1)
        UNION ALL
        SELECT NULL, NULL, h.advertiser, NULL, c.day, c.campaign, c.kind, c.channel, c.has_wpc,
            c.total, c.unread, c.important, c.archived_total, c.archived_unread, c.archived_important
        FROM unnest($1, $2) AS h(advertiser, version)
        CROSS JOIN LATERAL (
            SELECT * FROM counters.cells c WHERE c.advertiser = h.advertiser AND c.version > h.version OFFSET 0
        ) c
        """;

    private NpgsqlConnection? connection;
    private NpgsqlCommand? moment;
    private NpgsqlCommand? query;
    private NpgsqlParameter<long[]> advertisersOfQuery = new();
    private NpgsqlParameter<long[]> versionsOfQuery = new();

    /// <summary>Asks for the moment, and for what is new of advertisers.</summary>
    /// <param name="advertisers">Whose; none for the moment alone.</param>
    /// <param name="versions">Which of each is known.</param>
    /// <exception cref="NpgsqlException">The database did not answer; <see cref="CloseAsync"/> then.</exception>
    public async Task<ValidatorAnswer> ReadAsync(long[] advertisers, long[] versions)
    {
        var read = new ValidatorAnswer();
        connection ??= await database.OpenConnectionAsync();
        await using var row = await CommandFor(connection, advertisers, versions).ExecuteReaderAsync();
        while (await row.ReadAsync())
            read.Add(row);
        return read;
    }

    /// <summary>Gives the connection back; the next question opens another one.</summary>
    public async ValueTask CloseAsync()
    {
        if (connection is null)
            return;
        moment?.Dispose();
        query?.Dispose();
        var last = connection;
        (connection, moment, query) = (null, null, null);
        try
        {
            await last.DisposeAsync();
        }
        catch (NpgsqlException)
        {
            // Lost: that is why it is closed.
        }
    }

    public ValueTask DisposeAsync() => CloseAsync();

    private NpgsqlCommand CommandFor(NpgsqlConnection open, long[] advertisers, long[] versions)
    {
        if (advertisers.Length == 0)
            return moment ??= new NpgsqlCommand(OnlyMoment, open);
        if (query is null)
        {
            (advertisersOfQuery, versionsOfQuery) = (new(), new());
            query = new NpgsqlCommand(Query, open) { Parameters = { advertisersOfQuery, versionsOfQuery } };
        }

        (advertisersOfQuery.TypedValue, versionsOfQuery.TypedValue) = (advertisers, versions);
        return query;
    }
}

/// <summary>What one statement told.</summary>
internal sealed class ValidatorAnswer
{
    public string Epoch { get; private set; } = "";

    public string Snapshot { get; private set; } = "";

    /// <summary>The advertisers that there are, with their versions and the cells that are newer than the held ones.</summary>
    public Dictionary<long, (long Version, List<(CellKey Key, Tally Value)> Cells)> Advertisers { get; } = [];

    public void Add(NpgsqlDataReader row)
    {
        if (!row.IsDBNull(0))
        {
            (Epoch, Snapshot) = (row.GetString(0), row.GetString(1));
            return;
        }

        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(Advertisers, row.GetInt64(2), out var isKnown);
        if (!isKnown)
            entry.Cells = [];
        if (!row.IsDBNull(3))
            entry.Version = row.GetInt64(3);
        else
            entry.Cells.Add((KeyOf(row),
                new Tally(row.GetInt32(9), row.GetInt32(10), row.GetInt32(11), row.GetInt32(12), row.GetInt32(13), row.GetInt32(14))));
    }

    private static CellKey KeyOf(NpgsqlDataReader row) =>
        new(row.GetFieldValue<DateOnly>(4)
            .DayNumber, row.GetInt64(5), (EventKind)row.GetInt16(6), (Channel)row.GetInt16(7), row.GetBoolean(8));
}
