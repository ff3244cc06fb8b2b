using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Audit.Contracts;
using Lips.Interactions.Writing;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lips.Interactions.Tests.ListInteractions;

/// <summary>Pages that begin at a row that the counters and anchors name hold what a walk over the whole list holds.</summary>
public sealed class DeepPageTests(DeepPageTests.HeavyDays fixture) : IClassFixture<DeepPageTests.HeavyDays>
{
    private const string First = "1000000000001";
    private const string Both = "1000000000001, 1000000000002";
    private const string ByTime = "occurred_at DESC, id DESC";
    private const string ByTimeUp = "occurred_at, id";

    private readonly HttpClient client = fixture.Node.Client;

    /// <summary>A query; the same in SQL: the advertisers, the conditions and the order; and how many rows a page has.</summary>
    public static TheoryData<string, string, string, string, int> Lists { get; } = new()
    {
        { "global_master_advertiser_id=USA_1", First, "archived_at IS NULL", ByTime, 130 },
        { "global_master_advertiser_id=USA_1&sort_dir=asc", First, "archived_at IS NULL", ByTimeUp, 130 },
        { "global_master_advertiser_id=USA_1&archived=true", First, "archived_at IS NOT NULL", ByTime, 50 },
        { "global_master_advertiser_id=USA_1,USA_2", Both, "archived_at IS NULL", ByTime, 250 },
        { "global_master_advertiser_id=USA_2,USA_1&sort_dir=asc&event_type[]=call&event_type[]=form&event_type[]=lsa", Both,
            "archived_at IS NULL AND kind IN (2, 10, 15)", ByTimeUp, 177 },
        { "global_master_advertiser_id=USA_1&event_type[]=call", First, "archived_at IS NULL AND kind = 2", ByTime, 49 },
        { "global_master_advertiser_id=USA_1&sort_dir=asc&global_master_campaign_id=USA_1,USA_2", First,
            "archived_at IS NULL AND campaign IS NOT NULL", ByTimeUp, 150 },
        { "global_master_advertiser_id=USA_1,USA_2&channel[]=search&channel[]=none", Both,
            "archived_at IS NULL AND wpc_id IS NOT NULL AND channel IN (0, 1)", ByTime, 150 },
        { "global_master_advertiser_id=USA_2&start_date=2026-01-03&end_date=2026-01-20", "1000000000002",
            "archived_at IS NULL AND occurred_at >= '2026-01-03Z' AND occurred_at < '2026-01-21Z'", ByTime, 100 },
        {
            "global_master_advertiser_id=USA_1&start_date=2026-01-09T07:00:00Z&end_date=2026-01-11T16:59:59.999Z",
            First, "archived_at IS NULL AND occurred_at BETWEEN '2026-01-09T07:00Z' AND '2026-01-11T16:59:59.999Z'", ByTime, 120
        },
        {
            "global_master_advertiser_id=USA_1,USA_2&start_date=2026-01-10T06:30:00Z&end_date=2026-01-10T19:00:00Z&sort_dir=asc",
            Both, "archived_at IS NULL AND occurred_at BETWEEN '2026-01-10T06:30Z' AND '2026-01-10T19:00Z'", ByTimeUp, 120
        },
        { "global_master_advertiser_id=USA_1&sort_by=important", First, "archived_at IS NULL",
            "important, occurred_at DESC, id DESC", 140 },
        { "global_master_advertiser_id=USA_1&sort_by=important&sort_dir=desc", First, "archived_at IS NULL",
            "important DESC, occurred_at DESC, id DESC", 140 },
        { "global_master_advertiser_id=USA_1,USA_2&sort_by=important&sort_dir=desc", Both, "archived_at IS NULL",
            "important DESC, occurred_at DESC, id DESC", 333 },
        {
            "global_master_advertiser_id=USA_1&sort_by=important&start_date=2026-01-02T12:00:00Z&end_date=2026-01-10T17:00:00Z"
                + "&event_type[]=call&event_type[]=chat",
            First, "archived_at IS NULL AND occurred_at BETWEEN '2026-01-02T12:00Z' AND '2026-01-10T17:00Z' AND kind IN (2, 3, 4, 5, 6)",
            "important, occurred_at DESC, id DESC", 60
        },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task All_pages_together_are_the_list_in_its_order_however_deep(
        string query, string advertisers, string conditions, string order, int perPage)
    {
        var expected = await fixture.ListAsync(advertisers, conditions, order);
        Assert.True(expected.Length > 5 * perPage && expected.Length > 400, $"{query} has too few rows to be deep: {expected.Length}");

        // Backwards the second time: the anchors are there then.
        foreach (var isAgain in (bool[])[false, true])
        {
            var pages = new List<IReadOnlyList<long>>();
            var total = (expected.Length + perPage - 1) / perPage;
            foreach (var page in isAgain ? Enumerable.Range(1, total).Reverse() : Enumerable.Range(1, total))
            {
                var answer = (await client.GetAnswerAsync($"/contact_interactions?{query}&per_page={perPage}&page={page}")).Is(200);
                Assert.Equal((total, expected.Length), ((int)answer.Json["total_pages"]!, (int)answer.Json["totals"]!["events"]!));
                pages.Insert(isAgain ? 0 : pages.Count, answer.Ids);
            }

            Assert.Equal(expected, pages.SelectMany(ids => ids));
        }
    }

    [Fact]
    public async Task One_archived_and_another_brought_back_move_the_rows_between_them_though_no_number_changes()
    {
        const string query = "/contact_interactions?global_master_advertiser_id=USA_3&per_page=25&page=15";
        var lines = Enumerable.Range(0, 600).Select(
            n => (object)HeavyDays.Line("USA_3", string.Create(CultureInfo.InvariantCulture, $"2026-01-10T{n / 60:00}:{n % 60:00}:00Z")));
        (await client.BulkAsync(lines)).Is(200);
        var all = await fixture.ListAsync("1000000000003", "true", ByTime);
        (await client.ArchiveAsync(all[590])).Is(200);
        for (var round = 0; round < 4; round++)
        {
            var (leaves, returns) = round % 2 == 0 ? (all[10], all[590]) : (all[590], all[10]);
            var before = (await client.GetAnswerAsync(query)).Is(200);
            Assert.Equal((await ExpectedAsync(), 599), (string.Join(' ', before.Ids), (int)before.Json["totals"]!["events"]!));

            (await client.ArchiveAsync(leaves)).Is(200);
            (await client.UnarchiveAsync(returns)).Is(200);

            var after = (await client.GetAnswerAsync(query)).Is(200);
            Assert.Equal((await ExpectedAsync(), 599), (string.Join(' ', after.Ids), (int)after.Json["totals"]!["events"]!));
            Assert.NotEqual(before.Ids, after.Ids);
        }

        async Task<string> ExpectedAsync() =>
            string.Join(' ', (await fixture.ListAsync("1000000000003", "archived_at IS NULL", ByTime)).Skip(350).Take(25));
    }

    [Fact]
    public async Task The_same_when_one_transaction_does_both()
    {
        var lines = Enumerable.Range(0, 600).Select(n => (object)HeavyDays.Line(
            "USA_4", string.Create(CultureInfo.InvariantCulture, $"2026-01-10T{n / 60:00}:{n % 60:00}:00Z"), important: n == 19));
        (await client.BulkAsync(lines)).Is(200);
        var all = await fixture.ListAsync("1000000000004", "true", ByTime);
        await ApplyAsync(new Archiving(all[590], AuditActor.Operator, null, DateTime.UtcNow));
        var together = 0;
        for (var round = 0; round < 20; round++)
        {
            await AssertPagesAsync(round);
            var (leaves, returns) = round % 2 == 0 ? (10, 590) : (590, 10);
            var (rises, falls) = round % 2 == 0 ? (20, 580) : (580, 20);
            var before = await VersionAsync();
            await Task.WhenAll(
                ApplyAsync(new Archiving(all[leaves], AuditActor.Operator, null, DateTime.UtcNow)),
                ApplyAsync(new Unarchiving(all[returns], AuditActor.Operator, null)),
                ApplyAsync(Important(all[rises], true)),
                ApplyAsync(Important(all[falls], false)));
            together += await VersionAsync() - before == 1 ? 1 : 0;
        }

        await AssertPagesAsync(20);
        Assert.True(together > 0, "No four changes were in one transaction.");

        async Task AssertPagesAsync(int round)
        {
            foreach (var (sort, order) in new[] { ("", ByTime), ("&sort_by=important", $"important, {ByTime}") })
            {
                var answer = (await client.GetAnswerAsync(
                    $"/contact_interactions?global_master_advertiser_id=USA_4&per_page=25&page=15{sort}")).Is(200);
                var expected = (await fixture.ListAsync("1000000000004", "archived_at IS NULL", order)).Skip(350).Take(25);
                Assert.Equal($"{round} {sort}: {string.Join(' ', expected)}", $"{round} {sort}: {string.Join(' ', answer.Ids)}");
            }
        }

        Task<ChangeOutcome> ApplyAsync(InteractionChange change) => fixture.Node.Services.GetRequiredService<ChangeBatcher>().ApplyAsync(
            change, new Caller { TokenId = 0, Abilities = Ability.Write, Advertisers = null, Trusted = false, Pii = true }, default);

        static InteractionChange Important(long id, bool important) =>
            new Update(id, AuditActor.Operator, null, new NewState(null, important, SetsNotes: false, null));

        Task<long> VersionAsync() => fixture.ScalarAsync<long>("SELECT version FROM counters.advertisers WHERE advertiser = 1000000000004");
    }

    /// <summary>Two advertisers with some rows every day of a month, and some thousand on two days of it, many of one instant.</summary>
    public sealed class HeavyDays : IAsyncLifetime
    {
        private readonly NodeFixture fixture = new();

        public LipsNode Node => fixture.Node;

        /// <summary>A list by SQL, which has nothing of the product but its table.</summary>
        public Task<long[]> ListAsync(string advertisers, string conditions, string order) => ScalarAsync<long[]>(
            "SELECT ARRAY(SELECT id FROM interactions.interactions WHERE advertiser IN "
                + $"({advertisers}) AND {conditions} ORDER BY {order})");

        public Task<T> ScalarAsync<T>(string sql) => fixture.ScalarAsync<T>(sql);

        public static JsonObject Line(string advertiser, string occurredAt, bool important = false) =>
            Make.Interaction(advertiser, "call", ("occurred_at", occurredAt), ("important", important));

        public async Task InitializeAsync()
        {
            await fixture.InitializeAsync();
            var random = new Random(5);
            foreach (var (advertiser, heavy) in new[] { ("USA_1", 4_000), ("USA_2", 1_500) })
            {
                // Few instants, so that many interactions share one and the id decides.
                var lines = Enumerable.Range(0, heavy + 1_200)
                    .Select(n => (object)New(advertiser, n < heavy ? 10 + (n % 5 / 4) : random.Next(1, 29), random));
                Assert.Equal(heavy + 1_200, (int)(await Node.Client.BulkAsync(lines)).Is(200).Json["created"]!);
            }
        }

        public Task DisposeAsync() => fixture.DisposeAsync();

        private static JsonObject New(string advertiser, int day, Random random) => new()
        {
            ["global_master_advertiser_id"] = advertiser,
            ["event_type"] = random.Next(4) switch { 0 => "call", 1 => "form", 2 => "lsa", _ => "chat" },
            ["sub_type"] = "FormPost",
            ["channel"] = random.Next(3) switch { 0 => "search", 1 => "social", _ => null },
            ["global_master_campaign_id"] = random.Next(3) switch { 0 => "USA_1", 1 => "USA_2", _ => null },
            ["occurred_at"] = string.Create(CultureInfo.InvariantCulture, $"2026-01-{day:00}T{random.Next(24):00}:00:00Z"),
            ["wpc_id"] = random.Next(8) == 0 ? null : "1",
            ["important"] = random.Next(3) == 0,
            ["archived_at"] = random.Next(10) == 0 ? "2026-02-01T00:00:00Z" : null,
        };
    }
}
