using Lips.Counters.Cells;
using Lips.Counters.Contracts;
using Lips.Counters.Grains;
using Lips.Kernel;
using Lips.Testing;

namespace Lips.Counters.Tests.Grains;

/// <summary>Rows of Counters' tables, as the database's owner writes and reads them: no hold is told.</summary>
internal static class CounterRows
{
    /// <summary>The day on which all events of these tests are added.</summary>
    public static readonly DateOnly Day = new(2025, 12, 31);

    public static long Usa(int number) => 1_000_000_000_000 + number;

    /// <summary>A call on <see cref="Day"/>.</summary>
    public static CountedInteraction Call(int advertiser) => new(
        GlobalId.FromValue(Usa(advertiser)), Day.ToDateTime(new TimeOnly(10, 0), DateTimeKind.Utc), null, EventKind.Call, Channel.None,
        HasWpc: false, Read: true, Important: false, Archived: false);

    /// <summary>What <see cref="AddAsync"/> changes, as a writer tells it.</summary>
    public static CellChange[] Added() =>
        [new(new CellKey(Day.DayNumber, 0, EventKind.Call, Channel.None, false), new Tally(1, 0, 0, 0, 0, 0))];

    /// <summary>Writes the cells of advertisers, of one event each, on as many days before 2026, at the next version.</summary>
    public static Task WriteAsync(string database, int advertisers, int cells) => TestPostgres.ExecuteAsync(
        database,
        $"""
        BEGIN;
        SET LOCAL lips.tells_holders = 'on';
        INSERT INTO counters.advertisers AS a (advertiser, version) SELECT n, 1 FROM generate_series({Usa(1)}, {Usa(advertisers)}) n
            ON CONFLICT (advertiser) DO UPDATE SET version = a.version + 1;
        INSERT INTO counters.cells SELECT n, date '2026-01-01' - d, 0, 2, 0, false, 1, 0, 0, 0, 0, 0, a.version
        FROM generate_series({Usa(1)}, {Usa(advertisers)}) n JOIN counters.advertisers a ON a.advertiser = n
            CROSS JOIN generate_series(1, {cells}) d ON CONFLICT DO NOTHING;
        COMMIT
        """);

    /// <summary>Adds an event, as a writer that dies after its commit.</summary>
    public static Task AddAsync(string database, int advertiser) =>
        TestPostgres.ExecuteAsync(database, $"BEGIN; {Add(advertiser)}; COMMIT");

    /// <summary>The statements that add an event, for a transaction of the test.</summary>
    public static string Add(int advertiser) =>
        $"""
        SET LOCAL lips.tells_holders = 'on';
        UPDATE counters.advertisers SET version = version + 1 WHERE advertiser = {Usa(advertiser)};
        UPDATE counters.cells SET total = total + 1,
            version = (SELECT version FROM counters.advertisers WHERE advertiser = {Usa(advertiser)})
        WHERE advertiser = {Usa(advertiser)} AND day = '{Day:yyyy-MM-dd}'
        """;

    /// <summary>Gives all advertisers' rows another history, as a restored backup does.</summary>
    public static Task MakeAnewAsync(string database) => TestPostgres.ExecuteAsync(
        database,
        """
        BEGIN;
        CREATE TABLE counters.anew (LIKE counters.advertisers INCLUDING ALL) WITH (fillfactor = 50);
        INSERT INTO counters.anew SELECT * FROM counters.advertisers;
        DROP TABLE counters.advertisers;
        ALTER TABLE counters.anew RENAME TO advertisers;
        GRANT SELECT, INSERT, UPDATE ON counters.advertisers TO lips_app;
        COMMIT
        """);

    /// <summary>No look succeeds from now on, so that every read asks the database.</summary>
    public static Task DenyLooksAsync(string database) =>
        TestPostgres.ExecuteAsync(database, "REVOKE SELECT ON counters.ended_holds FROM lips_app");

    /// <summary>The hold that the advertiser's row names; null when there is no row.</summary>
    public static async Task<long?> HolderAsync(string database, int advertiser) =>
        await TestPostgres.ColumnAsync<long>(database, $"SELECT hold FROM counters.holders WHERE advertiser = {Usa(advertiser)}")
            is [var hold] ? hold : null;

    /// <summary>Of each time that the hold ended: whether it was given back, or else revoked.</summary>
    public static Task<List<bool>> EndsAsync(string database, AdvertiserHold hold) => EndsAsync(database, hold.Id);

    /// <inheritdoc cref="EndsAsync(string, AdvertiserHold)"/>
    public static Task<List<bool>> EndsAsync(string database, long hold) =>
        TestPostgres.ColumnAsync<bool>(database, $"SELECT has_left FROM counters.ended_holds WHERE hold = {hold} ORDER BY ended_at");

    /// <summary>How many statements of the database wait for a lock.</summary>
    public static Task<long> WaitingAsync(string database) => TestPostgres.ScalarAsync<long>(
        database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
}
