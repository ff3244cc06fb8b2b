using System.Globalization;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>Updating, archiving and unarchiving, again and again, at once, through two nodes.</summary>
public sealed class ConcurrentWorkTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    private static int advertisers;

    private readonly string advertiser = $"USA_{Interlocked.Increment(ref advertisers)}";

    [Fact]
    public async Task Archiving_twice_keeps_the_time_of_the_first()
    {
        var id = await NewAsync();

        (await ArchiveAsync(0, id)).Is(200);
        var first = (string?)(await nodes.Client(1).ShowAsync(id))["archived_at"];
        await Task.Delay(5);
        var again = (await ArchiveAsync(1, id)).Is(200);

        Assert.NotNull(first);
        Assert.Empty(again.Body);
        Assert.Equal(first, (string?)(await nodes.Client(0).ShowAsync(id))["archived_at"]);
        Assert.Equal(2, await VersionAsync());
        Assert.Equal(2, await StampAsync(id));
    }

    [Fact]
    public async Task Unarchiving_what_is_not_archived_changes_nothing()
    {
        var id = await NewAsync();

        Assert.Empty((await UnarchiveAsync(0, id)).Is(200).Body);

        Assert.Equal((1, 1), (await VersionAsync(), await StampAsync(id)));
    }

    [Fact]
    public async Task The_same_change_by_many_at_once_is_one_change()
    {
        var id = await NewAsync();

        await AllAsync(24, turn => UpdateAsync(turn, id, new { read = true, notes = "n" }));
        Assert.Equal((2, 2), (await VersionAsync(), await StampAsync(id)));
        await AllAsync(24, turn => ArchiveAsync(turn, id));
        Assert.Equal((3, 3), (await VersionAsync(), await StampAsync(id)));
        await AllAsync(24, turn => UnarchiveAsync(turn, id));
        Assert.Equal((4, 4), (await VersionAsync(), await StampAsync(id)));

        var shown = await nodes.Client(0).ShowAsync(id);
        Assert.Equal((true, "n", null), ((bool)shown["read"]!, (string?)shown["notes"], (string?)shown["archived_at"]));
    }

    [Fact]
    public async Task Every_acknowledged_change_is_in_a_version_and_in_the_trail()
    {
        const int interactions = 10;
        const int changes = 240;
        var ids = new List<long>();
        for (var i = 0; i < interactions; i++)
            ids.Add(await NewAsync());
        var before = await VersionAsync();

        // Each change writes notes that nobody else writes, so each is a change whatever comes first.
        await AllAsync(
            changes, turn => UpdateAsync(turn, ids[turn % interactions], new { notes = turn.ToString(CultureInfo.InvariantCulture) }));

        // Those that are committed together share a version; those of one interaction never are.
        var version = await VersionAsync();
        Assert.InRange(version - before, changes / interactions, changes);
        Assert.Equal(version, (await StampsAsync()).Max());
        Assert.Equal(changes, await nodes.ScalarAsync<long>(
            "SELECT count(*) FROM audit.entries WHERE action = 'update' AND interaction_id = "
                + $"ANY(ARRAY[{string.Join(',', ids)}]::bigint[])"));
        await nodes.First.AssertWholeAsync();
        await nodes.AssertNothingIsLeftOverAsync();
    }

    [Fact]
    public async Task Any_mixture_over_many_advertisers_ends_in_what_came_last()
    {
        const int perAdvertiser = 5;
        var places = Enumerable.Range(1, 6).Select(i => $"GBR_{i}").ToArray();
        var ids = new List<long>();
        foreach (var place in places)
        {
            for (var i = 0; i < perAdvertiser; i++)
                ids.Add((await nodes.Client(0).SendOneAsync(Records.Call(place).From($"{i % 2}@example.com"))).Is(201).Json.Id());
        }

        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 40; i++)
            {
                var id = ids[random.Next(ids.Count)];
                var answer = random.Next(6) switch
                {
                    0 => await ArchiveAsync(worker, id),
                    1 => await UnarchiveAsync(worker, id),
                    2 => await UpdateAsync(worker, id, new { read = random.Next(2) == 0 }),
                    3 => await UpdateAsync(worker, id, new { important = random.Next(2) == 0, notes = $"{worker}-{i}" }),
                    // These fill contacts, and so stamp what others are working on; in the opposite order of advertisers at times.
                    4 => await nodes.Client(worker).BulkAsync((i % 2 == 0 ? places : places.Reverse())
                        .Select(p => (object)Records.Call(p).From("0@example.com", $"98936{random.Next(99):00000}"))),
                    _ => await nodes.Client(worker).GetAnswerAsync(
                        $"/contact_interactions?per_page=5&{string.Join('&', places.Select(p => "global_master_advertiser_id[]=" + p))}"),
                };
                answer.Is(200);
            }
        })));

        await nodes.First.AssertWholeAsync();
        await nodes.AssertNothingIsLeftOverAsync();
        // Whatever happened before, now each is brought into one state, through one node, and the other node shows it.
        await Task.WhenAll(ids.Select((id, turn) => UpdateAsync(turn, id, new { read = true, important = false, notes = (string?)null })));
        await Task.WhenAll(ids.Select((id, turn) => UnarchiveAsync(turn, id)));
        for (var turn = 0; turn < ids.Count; turn++)
        {
            var shown = await nodes.Client(turn + 1).ShowAsync(ids[turn]);
            Assert.Equal(
                (true, false, null, null),
                ((bool)shown["read"]!, (bool)shown["important"]!, (string?)shown["notes"], (string?)shown["archived_at"]));
        }
    }

    private async Task<long> NewAsync() => (await nodes.Client(0).SendOneAsync(Records.Call(advertiser))).Is(201).Json.Id();

    private Task<Answer> ArchiveAsync(int turn, long id) => nodes.Client(turn).ArchiveAsync(id);

    private Task<Answer> UnarchiveAsync(int turn, long id) => nodes.Client(turn).UnarchiveAsync(id);

    private Task<Answer> UpdateAsync(int turn, long id, object change) => nodes.Client(turn).UpdateAsync(id, change);

    private static async Task AllAsync(int count, Func<int, Task<Answer>> send)
    {
        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, count).Select(send)))
            answer.Is(200);
    }

    private Task<long> VersionAsync() =>
        nodes.ScalarAsync<long>($"SELECT version FROM counters.advertisers WHERE advertiser = 1000000000000 + {advertiser[4..]}");

    private Task<long> StampAsync(long id) =>
        nodes.ScalarAsync<long>($"SELECT version FROM interactions.interaction_versions WHERE interaction_id = {id}");

    private Task<List<long>> StampsAsync() =>
        TestPostgres.ColumnAsync<long>(
            nodes.Database, $"SELECT version FROM interactions.interaction_versions WHERE advertiser = 1000000000000 + {advertiser[4..]}");
}
