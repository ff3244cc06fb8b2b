using System.Globalization;
using Lips.Bench.Load;

namespace Lips.Bench.Rows;

/// <summary>Marking interactions as read and unread, against one UPDATE by primary key; over many advertisers and over one, also while somebody holds a snapshot open.</summary>
internal static class UpdateRows
{
    public static IReadOnlyList<RowGroup> Groups { get; } =
    [
        Row("update", 0.5, size => size.Usual, withSnapshot: false),
        Row("update-one", 0.2, size => [size.BigOne], withSnapshot: false),
        Row("update-snapshot", 0.5, size => size.Usual, withSnapshot: true),
        Row("update-one-snapshot", 0.2, size => [size.BigOne], withSnapshot: true),
    ];

    private static RowGroup Row(string name, double target, Func<Size, IEnumerable<BenchAdvertiser>> advertisersOf, bool withSnapshot) => new(
        [name, .. Turns.Besides(name)],
        async world =>
        {
            var toggles = await Toggles.OfAsync(world, advertisersOf(world.Size));
            var statement = await FloorAsync(world, toggles);
            // An answer says the same whatever was updated.
            var bytes = await Toggles.SendAsync(world, toggles.Ids[0], read: true);
            await using var holder = withSnapshot ? await world.Database.OpenConnectionAsync() : null;
            await using var snapshot = holder is null ? null : await holder.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
            if (snapshot is not null)
            {
                await using var first = new Npgsql.NpgsqlCommand("SELECT 1 FROM interactions.interactions LIMIT 1", holder);
                await first.ExecuteNonQueryAsync();
            }

            var rounds = await Turns.RunAsync(
                world,
                (null, seconds => world.PgBenchAsync(statement, Wrk.Connections, seconds)),
                (world.Product, seconds => ToggleAsync(world, toggles, seconds, bytes)));
            IReadOnlyList<Result> results =
            [
                Result.Of(new Goal(name, "per s", target, IsRate: true), rounds.Of(0, 1, run => run.PerSecond)),
                .. await Turns.BesidesAsync(name, rounds, 0, 1, (rate, seconds) => AtRateAsync(world, toggles, rate, seconds), world.Size.Seconds),
            ];
            if (snapshot is not null)
                await snapshot.RollbackAsync();
            await world.ExecuteAsync(Statements.Drop);
            await world.ExecuteAsync("VACUUM");
            return results;
        });

    /// <summary>
    /// Makes the floor's statement. Which rows there are it looks up by number in a small table, because pgbench knows numbers only and both parts of the key are needed: some
    /// microseconds beside a commit. It writes the value that is there, which costs PostgreSQL the same as another one, and leaves the product's counters right.
    /// </summary>
    private static async Task<string> FloorAsync(World world, Toggles toggles)
    {
        await world.ExecuteAsync("DROP SCHEMA IF EXISTS bench CASCADE");
        await world.ExecuteAsync("CREATE SCHEMA bench");
        await world.ExecuteAsync("CREATE UNLOGGED TABLE bench.rows (number integer PRIMARY KEY, advertiser bigint NOT NULL, id bigint NOT NULL)");
        await world.ExecuteAsync(
            "INSERT INTO bench.rows SELECT row_number() OVER (), advertiser, id FROM interactions.interactions WHERE id = ANY($1)", toggles.Ids);
        await world.ExecuteAsync("VACUUM ANALYZE bench.rows");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            \set number random(1, {toggles.Ids.Length})
            UPDATE interactions.interactions i SET read = i.read FROM bench.rows r WHERE r.number = :number AND i.advertiser = r.advertiser AND i.id = r.id
            """);
    }

    private static async Task<LoadRun> ToggleAsync(World world, Toggles toggles, int seconds, double bytes)
    {
        var states = await toggles.ReadAsync(world);
        var before = await Toggles.ChangedAsync(world);
        var run = await world.Wrk.ToggleAsync(world.Product, states, seconds, bytes);
        var changed = await Toggles.ChangedAsync(world) - before;
        // wrk lets go of what is on its way at the end; and two updates of the same interaction may overtake each other.
        if (changed < run.Requests * 0.97 || changed > run.Requests + Wrk.Connections)
            throw new BenchException($"The run is void: {run.Requests} updates were answered and {changed} interactions changed.");
        return run;
    }

    private static async Task<LoadRun> AtRateAsync(World world, Toggles toggles, double rate, int seconds)
    {
        var states = (await toggles.ReadAsync(world)).ToArray();
        return await OpenLoop.RunAsync(
            world.Product,
            () =>
            {
                ref var state = ref states[Random.Shared.Next(states.Length)];
                state.Read = !state.Read;
                return OpenLoop.Put(world.Product, state.Id, state.Read);
            },
            rate,
            seconds,
            200);
    }
}
