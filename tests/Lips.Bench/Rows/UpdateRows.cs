using System.Data;
using System.Globalization;
using Lips.Bench.Load;
using Npgsql;

namespace Lips.Bench.Rows;

/// <summary>
/// Marking interactions as read and unread, against one UPDATE by primary key; over many advertisers and over one, also while somebody
/// holds a snapshot open.
/// </summary>
internal static class UpdateRows
{
    public static IReadOnlyList<RowGroup> Groups { get; } = [Group("", withSnapshot: false), Group("-snapshot", withSnapshot: true)];

    private static RowGroup Group(string suffix, bool withSnapshot)
    {
        var (many, one) = ("update" + suffix, "update-one" + suffix);
        var few = withSnapshot ? [] : FewConnections.Names(many);
        return new(
            [many, one, .. Besides.Names(many), .. Besides.Names(one), .. few], world => MeasureAsync(world, many, one, withSnapshot));
    }

    private static async Task<IReadOnlyList<Result>> MeasureAsync(World world, string many, string one, bool withSnapshot)
    {
        var ofMany = await Toggles.OfAsync(world, world.Size.Usual);
        var ofOne = await Toggles.OfAsync(world, [world.Size.BigOne]);
        // Whose row it is makes no difference to a plain UPDATE, but how many versions of a row are kept does: so each has a floor that
        // updates the same rows.
        await world.ExecuteAsync("DROP SCHEMA IF EXISTS bench CASCADE");
        await world.ExecuteAsync("CREATE SCHEMA bench");
        var (floorOfMany, floorOfOne) = (await FloorAsync(world, "bench.many", ofMany), await FloorAsync(world, "bench.one", ofOne));
        // An answer says the same whatever was updated.
        var bytes = await Toggles.SendAsync(world, ofMany.Ids[0], read: true);
        await using var holder = await world.Database.OpenConnectionAsync();
        await using var snapshot = withSnapshot ? await HoldAsync(holder) : null;
        var rounds = await Turns.RunAsync(
            world,
            2 * world.Size.WarmUpSeconds,
            withSnapshot ? world.Size.Rounds : world.Size.MoreRounds,
            (null, (seconds, _) => world.PgBench.RunAsync(floorOfMany, Wrk.Connections, seconds)),
            (world.Product, (seconds, _) => ToggleAsync(world, ofMany, Wrk.Connections, seconds, bytes)),
            (null, (seconds, _) => world.PgBench.RunAsync(floorOfOne, Wrk.Connections, seconds)),
            (world.Product, (seconds, _) => ToggleAsync(world, ofOne, Wrk.Connections, seconds, bytes)));
        List<Result> results =
        [
            Result.Of(new Goal(many, "per s", 0.5, IsRate: true), rounds.Of(0, 1, run => run.PerSecond)),
            Result.Of(new Goal(one, "per s", 0.2, IsRate: true), rounds.Of(2, 3, run => run.PerSecond)),
            .. await Besides.MeasureAsync(
                many, rounds, 0, 1, (rate, seconds) => AtRateAsync(world, ofMany, rate, seconds), world.Size.Seconds),
            .. await Besides.MeasureAsync(
                one, rounds, 2, 3, (rate, seconds) => AtRateAsync(world, ofOne, rate, seconds), world.Size.Seconds),
        ];
        if (snapshot is not null)
            await snapshot.RollbackAsync();
        else
            results.AddRange(await OnFewAsync(world, many, floorOfMany, ofMany, bytes));
        await world.ExecuteAsync(Statements.Drop);
        await world.ExecuteAsync("VACUUM");
        return results;
    }

    private static async Task<IReadOnlyList<Result>> OnFewAsync(World world, string row, string floor, Toggles toggles, double bytes)
    {
        var results = new List<Result>();
        foreach (var connections in FewConnections.Counts)
        {
            var rounds = await Turns.RunAsync(
                world,
                0,
                world.Size.FewRounds,
                (null, (seconds, _) => world.PgBench.RunAsync(floor, connections, seconds)),
                (world.Product, (seconds, _) => ToggleAsync(world, toggles, connections, seconds, bytes)));
            var goal = new Goal(FewConnections.Name(row, connections), "per s", IsRate: true);
            results.Add(Result.Of(goal, rounds.Of(0, 1, run => run.PerSecond)));
        }

        return results;
    }

    /// <summary>
    /// Begins a transaction that sees the database as it is now: no row version that it could see may be removed until it ends.
    /// </summary>
    private static async Task<NpgsqlTransaction> HoldAsync(NpgsqlConnection connection)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        await using var first = new NpgsqlCommand("SELECT 1 FROM interactions.interactions LIMIT 1", connection, transaction);
        await first.ExecuteScalarAsync();
        return transaction;
    }

    /// <summary>
    /// Makes the floor's statement. Which rows there are it looks up by number in a small table, because pgbench knows numbers only and
    /// both parts of the key are needed: some microseconds beside a commit. It writes the value that is there, which costs PostgreSQL the
    /// same as another one, and leaves the product's counters right.
    /// </summary>
    private static async Task<string> FloorAsync(World world, string rows, Toggles toggles)
    {
        await world.ExecuteAsync(
            $"CREATE UNLOGGED TABLE {rows} (number integer PRIMARY KEY, advertiser bigint NOT NULL, id bigint NOT NULL)");
        await world.ExecuteAsync(
            $"INSERT INTO {rows} SELECT row_number() OVER (), advertiser, id FROM interactions.interactions WHERE id = ANY($1)",
            toggles.Ids);
        await world.ExecuteAsync($"VACUUM ANALYZE {rows}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            \set number random(1, {toggles.Ids.Length})
            UPDATE interactions.interactions i SET read = i.read FROM {rows} r WHERE r.number = :number AND i.advertiser = r.advertiser
                AND i.id = r.id
            """);
    }

    private static async Task<LoadRun> ToggleAsync(World world, Toggles toggles, int connections, int seconds, double bytes)
    {
        var before = await Toggles.ChangedInTheEndAsync(world);
        var states = await toggles.ReadAsync(world);
        var run = await world.Wrk.ToggleAsync(world.Product, states, connections, seconds, bytes);
        var changed = await Toggles.ChangedAsync(world) - before;
        // wrk lets go of what is on its way at the end; and two updates of the same interaction may overtake each other.
        if (changed < run.Requests * 0.97 || changed > run.Requests + connections)
            throw new BenchException($"The run is void: {run.Requests} updates were answered and {changed} interactions changed.");
        return run;
    }

    private static async Task<LoadRun> AtRateAsync(World world, Toggles toggles, double rate, int seconds) =>
        await OpenLoop.RunAsync(world.Product, await toggles.RequestsAsync(world), rate, seconds, 200);
}
