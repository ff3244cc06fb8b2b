using System.Diagnostics;
using System.Globalization;
using Lips.Bench.Load;
using Npgsql;

namespace Lips.Bench.Rows;

/// <summary>What silos have: statements beside polls, polls with half of the grains elsewhere, and the first poll of a grain.</summary>
internal static class SiloRows
{
    // Statistics of the server are a second old at most.
    private static readonly TimeSpan UntilCounted = TimeSpan.FromSeconds(1.2);

    // Both sides' code is compiled in haste at first.
    private const int WarmUps = 3;

    private static readonly (string Name, int Cells, double Target)[] Activations =
        [("activate", 10_000, 1.5), ("activate-100k", 100_000, 1.5), ("activate-800k", 800_000, 0.5)];

    public static IReadOnlyList<RowGroup> Groups { get; } =
    [
        new(["totals-db"], StatementsAsync),
        new(["totals-two-silos", "totals-two-silos-cpu"], TwoSilosAsync),
        new([.. Activations.Select(a => a.Name)], ActivateAsync),
    ];

    /// <summary>Transactions of the database, each of a statement at least, for 1,000 polls.</summary>
    private static async Task<IReadOnlyList<Result>> StatementsAsync(World world)
    {
        var side = await Side.OfAsync(world.Product, [.. world.Size.Usual.Select(a => new Target(AllRows.Totals(a)))]);
        await world.Wrk.ReadAsync(side, world.Size.WarmUpSeconds, isEachChecked: true);
        var before = await CountAsync(world);
        var run = await world.Wrk.ReadAsync(side, world.Size.Seconds, isEachChecked: false);
        // Without those of the bench's own two questions.
        var statements = await CountAsync(world) - before - 1;
        return [Result.Of(new Goal("totals-db", "per 1,000", 1), [new Round(run.Requests / 1000.0, statements)])];
    }

    private static async Task<long> CountAsync(World world)
    {
        await Task.Delay(UntilCounted);
        return await world.ScalarAsync<long>(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()");
    }

    /// <summary>Two nodes that are a cluster of their own; one is asked first for half of the advertisers, the other for all.</summary>
    private static async Task<IReadOnlyList<Result>> TwoSilosAsync(World world)
    {
        var cluster = ("Lips__Cluster__Id", "two-silos");
        await using var near = await world.StartNodeAsync("near", cluster);
        await using var far = await world.StartNodeAsync("far", cluster);
        var targets = world.Size.Usual.Select(a => new Target(AllRows.Totals(a))).ToList();
        await Side.OfAsync(far, targets[..(targets.Count / 2)]);
        var side = await Side.OfAsync(near, targets);
        await using var constant = await world.StartFloorAsync(
            "constant", ((side.LeastBody + side.MostBody) / 2).ToString(CultureInfo.InvariantCulture));
        var floor = await Side.OfAsync(constant, targets);
        var cpu = new List<double>();
        var rounds = await Turns.RunAsync(
            world,
            2 * world.Size.WarmUpSeconds,
            world.Size.Rounds,
            (constant, (seconds, isEachChecked) => world.Wrk.ReadAsync(floor, seconds, isEachChecked)),
            (near, ReadNearAsync));
        var ofFar = cpu.TakeLast(rounds.Count).ToList();
        return
        [
            Result.Of(new Goal("totals-two-silos", "requests/s", 0.4, IsRate: true), rounds.Of(0, 1, run => run.PerSecond)),
            Result.Of(
                new Goal("totals-two-silos-cpu", "CPU ms/1,000"),
                [.. rounds.Of(0, 1, run => run.ServerCpu * 1e6 / run.Requests)
                    .Select((r, i) => r with { Product = r.Product + ofFar[i] })]),
        ];

        // Both silos work for each of its polls.
        async Task<LoadRun> ReadNearAsync(int seconds, bool isEachChecked)
        {
            var before = Usage.SecondsOf(far.Pid);
            var run = await world.Wrk.ReadAsync(side, seconds, isEachChecked);
            cpu.Add((Usage.SecondsOf(far.Pid) - before) * 1e6 / run.Requests);
            return run;
        }
    }

    /// <summary>
    /// The first totals of a grain, against reading the same cells by one prepared statement. The one before has put them away.
    /// </summary>
    private static async Task<IReadOnlyList<Result>> ActivateAsync(World world)
    {
        var results = new List<Result>();
        foreach (var (name, cells, target) in Activations)
        {
            if (cells > world.Size.MostCells)
                continue;
            var advertiser = new BenchAdvertiser("USA_" + (5_000 + cells).ToString(CultureInfo.InvariantCulture), 0, 0);
            await world.ExecuteAsync("INSERT INTO counters.advertisers (advertiser, version) VALUES ($1, 1)", advertiser.Value);
            // Five kinds and channels, two campaigns each day and as many days as that takes.
            await world.ExecuteAsync(
                $"""
                INSERT INTO counters.cells
                SELECT $1, date '2000-01-01' + n / 50, n / 25 % 2, n / 5 % 5, n % 5, true, 1, 1, 0, 0, 0, 0, 1
                FROM generate_series(0, {cells - 1}) AS n
                """,
                advertiser.Value);
            await world.ExecuteAsync("VACUUM ANALYZE counters.cells");
            var rounds = new List<Round>();
            for (var round = -WarmUps; round < world.Size.Rounds; round++)
            {
                var floor = await ReadCellsAsync(world, advertiser.Value, cells);
                // The hold is ended as by a writer that got no answer, gone with the next look, and its checkpoint written.
                await world.ExecuteAsync(
                    """
                    INSERT INTO counters.ended_holds
                    SELECT hold, silo, clock_timestamp(), false FROM counters.holders WHERE advertiser = $1
                    """,
                    advertiser.Value);
                await Task.Delay(UntilCounted);
                var product = await LatencyRows.TimeAsync(world, AllRows.Totals(advertiser));
                if (round >= 0)
                    rounds.Add(new Round(floor, product));
            }

            results.Add(Result.Of(new Goal(name, "ms", target), rounds));
            await world.ExecuteAsync("DELETE FROM counters.cells WHERE advertiser = $1", advertiser.Value);
        }

        return results;
    }

    private static async Task<double> ReadCellsAsync(World world, long advertiser, int cells)
    {
        await using var connection = await world.Database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT day, campaign, kind, channel, has_wpc, total, unread, important, archived_total, archived_unread, archived_important
            FROM counters.cells WHERE advertiser = $1
            """,
            connection)
        { Parameters = { new NpgsqlParameter<long> { TypedValue = advertiser } } };
        await command.PrepareAsync();
        var (start, read) = (Stopwatch.GetTimestamp(), 0);
        await using (var row = await command.ExecuteReaderAsync())
        {
            while (await row.ReadAsync())
                read += Read(row);
        }

        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return read == cells ? time : throw new BenchException($"{read} cells were read of {cells}.");
    }

    private static int Read(NpgsqlDataReader row)
    {
        var sum = row.GetFieldValue<DateOnly>(0).DayNumber + row.GetInt64(1) + row.GetInt16(2) + row.GetInt16(3);
        for (var column = 5; column < 11; column++)
            sum += row.GetInt32(column);
        return sum > 0 && row.GetBoolean(4) ? 1 : 0;
    }
}
