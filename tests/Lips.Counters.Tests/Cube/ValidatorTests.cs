using Lips.Counters.Contracts;
using Lips.Counters.Cube;
using Lips.Kernel;
using Lips.Kernel.Database;
using Lips.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Lips.Counters.Tests.Cube;

public sealed class ValidatorTests : IAsyncLifetime
{
    private string database = "";
    private PostgresRelay? relay;
    private NpgsqlDataSource? pool;

    private PostgresRelay Wire => relay!;

    public async Task InitializeAsync()
    {
        database = await TestPostgres.NewDatabaseAsync();
        relay = new PostgresRelay(database);
        pool = LipsDatabase.Open(new NpgsqlConnectionStringBuilder(Wire.ConnectionString) { Pooling = false }.ConnectionString);
        await WriteAsync(database, advertisers: 40, cells: 3);
    }

    public async Task DisposeAsync()
    {
        await pool!.DisposeAsync();
        await Wire.DisposeAsync();
    }

    [Fact]
    public async Task Readers_that_wait_share_a_query_and_an_advertisers_readers_its_catch_up()
    {
        using var validator = new Validator(pool!, new CubeStore(1 << 24));
        Wire.Hold();
        var readers = Enumerable.Range(0, 200).Select(i => validator.ValidateAsync([Usa((i % 40) + 1), Usa(1)], CancellationToken.None))
            .ToList();
        Wire.Release();
        var answers = await Task.WhenAll(readers);

        // The first readers ask twice, as the node does not know the history yet, and one query is for all who came meanwhile. Each may be
        // asked once more: other tests' transactions end on the same server, which makes another moment.
        Assert.InRange(Wire.TakeStatements().Count(s => s.Contains("counters.cells", StringComparison.Ordinal)), 1, 6);
        Assert.All(answers, a => Assert.All(a.Cubes, cube => Assert.Equal(3, TotalOf(cube))));
        Assert.Equal(40, answers.SelectMany(a => a.Cubes).Distinct().Count());
    }

    [Fact]
    public async Task A_reader_never_gets_the_answer_of_a_query_that_began_before_it()
    {
        using var validator = new Validator(pool!, new CubeStore(1 << 24));
        using var enough = new CancellationTokenSource();
        // These keep queries on their way all the time.
        var others = Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
                await validator.ValidateAsync([Usa(1)], CancellationToken.None);
        })).ToList();
        for (var i = 1; i <= 60; i++)
        {
            await AddAsync(1);
            Assert.Equal(3 + i, TotalOf((await validator.ValidateAsync([Usa(1)], CancellationToken.None)).Cubes[0]));
        }

        await enough.CancelAsync();
        await Task.WhenAll(others);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_a_reader_may_for_a_database_that_does_not_answer()
    {
        using var validator = new Validator(pool!, new CubeStore(1 << 24), TimeSpan.FromMilliseconds(100));
        Wire.Hold();
        var first = validator.ValidateAsync([Usa(1)], CancellationToken.None);
        var second = validator.ValidateAsync([Usa(2)], CancellationToken.None);

        Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<NpgsqlException>(() => first)).InnerException);
        await Assert.ThrowsAsync<NpgsqlException>(() => second);
        Wire.Release();
    }

    [Fact]
    public async Task A_reader_that_gives_up_leaves_the_others_their_answer()
    {
        using var validator = new Validator(pool!, new CubeStore(1 << 24));
        using var givingUp = new CancellationTokenSource();
        Wire.Hold();
        var readers = Enumerable.Range(0, 30)
            .Select(i => validator.ValidateAsync([Usa(i + 1)], i % 3 == 0 ? givingUp.Token : CancellationToken.None)).ToList();
        await givingUp.CancelAsync();
        for (var i = 0; i < readers.Count; i += 3)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => readers[i]);
        Wire.Release();

        for (var i = 0; i < readers.Count; i++)
        {
            if (i % 3 != 0)
                Assert.Equal(3, TotalOf((await readers[i]).Cubes[0]));
        }
    }

    [Fact]
    public async Task A_query_that_fails_fails_for_all_who_waited_and_the_next_is_right()
    {
        using var validator = new Validator(pool!, new CubeStore(1 << 24));
        await validator.ValidateAsync([Usa(1), Usa(2), Usa(3)], CancellationToken.None);
        Wire.Hold();
        var readers = Enumerable.Range(0, 30).Select(i => validator.ValidateAsync([Usa((i % 3) + 1)], CancellationToken.None)).ToList();
        Wire.Close();
        Wire.Release();
        foreach (var reader in readers)
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => reader);
        await AddAsync(1);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => validator.ValidateAsync([Usa(1)], CancellationToken.None));

        Wire.Open();
        Assert.Equal([4, 3, 3], (await validator.ValidateAsync([Usa(1), Usa(2), Usa(3)], CancellationToken.None)).Cubes.Select(TotalOf));
    }

    [Fact]
    public async Task Without_its_database_a_node_answers_503_and_never_what_it_knew()
    {
        const string address = "/contact_interactions/totals?global_master_advertiser_id=USA_77";
        await using var writer = await LipsNode.StartAsync(database);
        await using var reader = await LipsNode.StartAsync(Wire.ConnectionString);
        var call = new { global_master_advertiser_id = "USA_77", event_type = "call", occurred_at = "2026-01-01T00:00:00Z" };
        await writer.Client.IngestAsync(call);
        var tag = (await reader.Client.GetAnswerAsync(address)).Is(200).Headers.ETag!.ToString();

        Wire.Close();
        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(_ => reader.Client.SendAsync(HttpMethod.Get, address, (HttpContent?)null, ("If-None-Match", tag)))))
            Assert.NotNull(answer.Is(503).Headers.RetryAfter);
        await writer.Client.IngestAsync(call);

        Wire.Open();
        var patience = DateTime.UtcNow.AddSeconds(20);
        Answer back;
        while ((back = await reader.Client.GetAnswerAsync(address)).Status == 503)
            Assert.True(DateTime.UtcNow < patience, back.Body);
        Assert.Equal(2, (int)back.Is(200).Json["totals"]!["events"]!);
    }

    [Fact]
    public async Task Queries_that_were_on_their_way_when_a_backup_was_put_back_do_not_mix_two_histories()
    {
        await using var backup = await Restores.Backup.NewAsync("a copy renamed");
        await using var wire = new PostgresRelay(backup.ConnectionString);
        await using var unpooled = LipsDatabase.Open(
            new NpgsqlConnectionStringBuilder(wire.ConnectionString) { Pooling = false }.ConnectionString);
        await WriteAsync(backup.ConnectionString, advertisers: 1, cells: 5);
        await backup.TakeAsync();
        // The lost history has other cells at the versions that come again.
        await WriteAsync(backup.ConnectionString, advertisers: 1, cells: 7);
        using var validator = new Validator(unpooled, new CubeStore(1 << 24));
        Assert.Equal(7, TotalOf((await validator.ValidateAsync([Usa(1)], CancellationToken.None)).Cubes[0]));

        // The connection of that question, which ends with the lost history, is closed once nobody asks any more.
        await wire.IdleAsync();
        wire.Hold();
        // Both ask for what is above the version that they hold of the lost history.
        var first = validator.ValidateAsync([Usa(1)], CancellationToken.None);
        await Task.Delay(100);
        var second = validator.ValidateAsync([Usa(1)], CancellationToken.None);
        await Task.Delay(100);
        await backup.PutBackAsync();
        await TestPostgres.ExecuteAsync(
            backup.ConnectionString, "UPDATE counters.advertisers SET version = 9; UPDATE counters.cells SET total = 10, version = 9 WHERE "
                + "day = (SELECT min(day) FROM counters.cells)");
        wire.Release();

        Assert.Equal((14, 14), (TotalOf((await first).Cubes[0]), TotalOf((await second).Cubes[0])));
        Assert.Equal(14, TotalOf((await validator.ValidateAsync([Usa(1)], CancellationToken.None)).Cubes[0]));
    }

    [Fact]
    public async Task More_advertisers_than_the_memory_holds_are_read_right_while_they_change()
    {
        const int advertisers = 40;
        await WriteAsync(database, advertisers, cells: 800);
        await using var node = await LipsNode.StartAsync(
            database, builder => builder.Configuration.AddInMemoryCollection([new("Lips:Counters:MemoryMb", "1")]));
        var store = node.Services.GetRequiredService<CubeStore>();
        var (begun, done) = (new int[advertisers + 1], new int[advertisers + 1]);
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        var reads = 0;
        var writers = Enumerable.Range(0, 2).Select(w => Task.Run(async () =>
        {
            for (var random = new Random(w); !enough.IsCancellationRequested;)
            {
                var advertiser = (random.Next(advertisers / 2) * 2) + 1 + w;
                Interlocked.Increment(ref begun[advertiser]);
                await AddAsync(advertiser);
                Interlocked.Increment(ref done[advertiser]);
            }
        }));
        var readers = Enumerable.Range(0, 6).Select(r => Task.Run(async () =>
        {
            for (var random = new Random(r); !enough.IsCancellationRequested; Interlocked.Increment(ref reads))
            {
                var advertiser = random.Next(1, advertisers + 1);
                var least = Volatile.Read(ref done[advertiser]);
                var answer = (await node.Client
                    .GetAnswerAsync($"/contact_interactions/totals?global_master_advertiser_id=USA_{advertiser}")).Is(200);
                Assert.InRange((int)answer.Json["totals"]!["events"]!, 800 + least, 800 + Volatile.Read(ref begun[advertiser]));
            }
        }));

        await Task.WhenAll([.. writers, .. readers]);

        Assert.True(reads > 50, $"Only {reads} reads.");
        Assert.InRange(store.Bytes, 1, 1 << 20);
        store.Clear();
        Assert.Equal(0, store.Bytes);
    }

    [Fact]
    public void The_store_counts_its_memory_right_however_cubes_come_and_go()
    {
        var store = new CubeStore(20_000);
        var cells = Enumerable.Range(0, 60)
            .Select(day => (new Cells.CellKey(day, 0, EventKind.Call, Channel.None, false), new Cells.Tally(1, 0, 0, 0, 0, 0))).ToList();
        Parallel.For(0, 8, worker =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 20_000; i++)
            {
                var advertiser = random.Next(12);
                if (random.Next(3) == 0)
                {
                    store.Drop(advertiser);
                    continue;
                }

                store.FindOrAdd(advertiser).Apply(i, cells[..random.Next(1, 60)]);
                store.Resized(advertiser);
            }
        });

        store.Clear();
        Assert.Equal(0, store.Bytes);
    }

    private static int TotalOf(AdvertiserCube? cube)
    {
        var question = new CellQuestion(new CellFilter());
        cube!.Sum(question);
        return (int)question.ToCounts().Events;
    }

    private static long Usa(int number) => 1_000_000_000_000 + number;

    /// <summary>Writes cells without interactions, many at once, one event in each; each call at the next version.</summary>
    private static Task WriteAsync(string database, int advertisers, int cells) => TestPostgres.ExecuteAsync(
        database,
        $"""
        INSERT INTO counters.advertisers AS a (advertiser, version) SELECT n, 1 FROM generate_series({Usa(1)}, {Usa(advertisers)}) n
            ON CONFLICT (advertiser) DO UPDATE SET version = a.version + 1;
        INSERT INTO counters.cells SELECT n, date '2026-01-01' - d, 0, 2, 0, false, 1, 0, 0, 0, 0, 0, a.version
        FROM generate_series({Usa(1)}, {Usa(advertisers)}) n JOIN counters.advertisers a ON a.advertiser = n
            CROSS JOIN generate_series(1, {cells}) d ON CONFLICT DO NOTHING;
        """);

    private Task AddAsync(int advertiser) => TestPostgres.ExecuteAsync(
        database,
        $"""
        UPDATE counters.advertisers SET version = version + 1 WHERE advertiser = {Usa(advertiser)};
        UPDATE counters.cells SET total = total + 1, version = (SELECT version FROM counters.advertisers
        WHERE advertiser = {Usa(advertiser)})
        WHERE advertiser = {Usa(advertiser)} AND day = date '2025-12-31';
        """);
}
