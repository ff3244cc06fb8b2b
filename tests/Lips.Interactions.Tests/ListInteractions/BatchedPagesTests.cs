using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Lips.Interactions.Filter;
using Lips.Interactions.Listing;
using Lips.Kernel;
using Lips.Kernel.Database;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests.ListInteractions;

/// <summary>Pages that are asked for at the same time are read in one batch; each says what it says alone.</summary>
public sealed class BatchedPagesTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    private const int Advertisers = 12;

    // A range that holds everything: another statement for the same rows.
    private const string All = "&start_date=2000-01-01&end_date=2099-12-31";

    [Fact]
    public async Task Each_of_those_who_ask_together_gets_the_own_page_as_when_asking_alone()
    {
        (await nodes.First.Client.BulkAsync(
            Enumerable.Range(0, Advertisers * 30).Select(i => New(i % Advertisers, 1 + (i / Advertisers % 28), $"t{i}")))).Is(200);
        using var blind = await nodes.First.NewCallerAsync(abilities: ["read"], pii: false);
        using var partner = await nodes.First.NewPartnerAsync();
        HttpClient[] clients = [nodes.First.Client, blind, partner];
        // Those of one size stand together, so that groups are as large as they get.
        string[] pages = ["25", "100", "10", "50", "10&page=2", "10&page=3", "10&page=9", "25&page=2"];
        var questions = pages.SelectMany(page => clients.SelectMany(
            client => Enumerable.Range(0, Advertisers + 1).Select(advertiser => (client, Address(advertiser, page))))).ToList();
        var alone = new List<string>();
        foreach (var (client, address) in questions)
            alone.Add((await client.GetAnswerAsync(address + All)).Is(200).Body);

        // No more at a time than a node lets wait.
        var together = new List<Answer>();
        foreach (var some in questions.Chunk(Settings.UsualWaiting))
            together.AddRange(await Task.WhenAll(some.Select(q => q.client.GetAnswerAsync(q.Item2))));

        Assert.Equal(alone, together.Select(a => a.Is(200).Body));
        Assert.Equal(25, JsonNode.Parse(alone[0])!["contact_interactions"]!.AsArray().Count);
    }

    [Fact]
    public async Task Notes_marks_and_sources_of_every_kind_are_on_the_page_as_elsewhere()
    {
        // The database separates what it puts together by control characters.
        string?[] notes = [null, "", "10:x", "\u0001\u0010\u001f\n\t\"}", "Grüße 漢字 🙂", new string('ß', 10_000)];
        string?[] sources = [null, "crm", "\u0001\u0011:3:\u0001"];
        var expected = new Dictionary<long, (string? Notes, bool Important, bool Read)>();
        foreach (var source in sources)
        {
            for (var i = 0; i < notes.Length; i++)
            {
                var interaction = New(104, 1 + i, $"{source?.Length}-{i}");
                interaction["contact_external_source"] = source;
                var id = (long)(await nodes.First.Client.IngestAsync(interaction))["id"]!;
                var (important, read) = (i % 2 == 0, i % 3 == 0);
                (await nodes.First.Client.UpdateAsync(id, new { notes = notes[i], important, read })).Is(200);
                expected.Add(id, (notes[i], important, read));
            }
        }

        using var blind = await nodes.First.NewCallerAsync(abilities: ["read"], pii: false);
        using var partner = await nodes.First.NewPartnerAsync();
        foreach (var client in new[] { nodes.First.Client, blind, partner })
            Assert.Equal(
                (await client.GetAnswerAsync(Address(104) + All)).Is(200).Body, (await client.GetAnswerAsync(Address(104))).Is(200).Body);
        var page = (await nodes.First.Client.GetAnswerAsync(Address(104))).Is(200).Json["contact_interactions"]!.AsArray();
        Assert.Equal(
            expected, page.ToDictionary(x => (long)x!["id"]!, x => ((string?)x!["notes"], (bool)x["important"]!, (bool)x["read"]!)));
        var shown = (await partner.GetAnswerAsync(Address(104))).Is(200).Json["contact_interactions"]!.AsArray();
        Assert.Equal(
            sources.Select(s => s ?? "").ToHashSet(), shown.Select(x => (string)x!["contact"]!["contact_external_source"]!).ToHashSet());
    }

    [Fact]
    public async Task A_database_that_keeps_texts_in_another_encoding_serves_them_whole()
    {
        await TestPostgres.ExecuteAsync(
            nodes.Database, "CREATE DATABASE windows ENCODING 'WIN1252' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
        await using var node = await LipsNode.StartAsync(
            new NpgsqlConnectionStringBuilder(nodes.Database) { Database = "windows" }.ConnectionString);
        var interaction = New(1, 1, "é");
        interaction["notes"] = "Grüße";
        interaction["contact_external_source"] = "Büro";
        await node.Client.IngestAsync(interaction);

        var page = (await node.Client.GetAnswerAsync(Address(1))).Is(200);

        Assert.Equal((await node.Client.GetAnswerAsync(Address(1) + All)).Is(200).Body, page.Body);
        Assert.Equal("Grüße", (string?)page.Json["contact_interactions"]![0]!["notes"]);
        Assert.Single((await node.Client.GetAnswerAsync(Address(1) + "&q=" + Uri.EscapeDataString("GRÜß"))).Is(200).Ids);
    }

    [Fact]
    public async Task What_another_node_acknowledged_is_in_the_next_page_and_its_counts_are_of_the_same_moment()
    {
        var ids = new List<long>();
        for (var i = 0; i < 8; i++)
            ids.Add((long)(await nodes.First.Client.IngestAsync(New(100, 3, $"race{i}")))["id"]!);
        using var enough = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 6).Select(turn => Task.Run(async () =>
        {
            var read = 0;
            for (; !enough.IsCancellationRequested; read++)
                AssertAgrees((await nodes.Client(turn).GetAnswerAsync(Address(100))).Is(200).Json);
            return read;
        })).ToList();

        for (var i = 0; i < 60; i++)
        {
            var id = ids[i % ids.Count];
            (await nodes.First.Client.SendAsync(
                HttpMethod.Put,
                $"/contact_interactions/{id}",
                new { contact_interaction = new { read = i / ids.Count % 2 == 0, notes = $"n{i}" } })).Is(200);
            var page = (await nodes.Second.Client.GetAnswerAsync(Address(100))).Is(200).Json;
            Assert.Equal($"n{i}", (string?)page["contact_interactions"]!.AsArray().Single(x => (long)x!["id"]! == id)!["notes"]);
            AssertAgrees(page);
        }

        await enough.CancelAsync();
        Assert.All(await Task.WhenAll(readers), read => Assert.True(read > 0));
    }

    [Fact]
    public async Task Pages_without_filters_are_one_statement_whose_plan_is_kept()
    {
        // Two are not lent: all pages come over one connection.
        await using var pool = LipsDatabase.Open(nodes.Database + ";Maximum Pool Size=3;Minimum Pool Size=1");
        using var connections = new Connections(pool);
        var pages = new PageReader(connections);
        var caller = new Caller { TokenId = 1, Abilities = Ability.Read, Advertisers = null, Trusted = false, Pii = true };
        var slices = Enumerable.Range(605, 40).Select(number => new ListSlice(
            new InteractionFilter { Advertisers = [GlobalId.FromValue(1_000_000_000_000 + number)] },
            new ListOrder(SortBy.OccurredAt, Descending: true),
            Rows: number - 600)).ToList();
        foreach (var slice in slices)
            await nodes.First.Client.IngestAsync(New((int)(slice.Filter.Advertisers[0].Value % 1000) - 500, 3, $"planned {slice.Rows}"));

        for (var i = 0; i < 10; i++)
        {
            var read = await Task.WhenAll(slices.Select(
                slice => pages.ReadAsync(slice, () => new PageBody(caller, isSummary: false), CancellationToken.None)));
            foreach (var (slice, page) in slices.Zip(read))
            {
                Assert.Contains($"planned {slice.Rows}", Encoding.UTF8.GetString(page.Rows().Span));
                page.Dispose();
            }
        }

        var plans = await connections.RunAsync(async connection =>
        {
            var found = new List<(long Generic, long Custom)>();
            await using var command = new NpgsqlCommand(
                "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%string_agg%'", connection);
            await using var row = await command.ExecuteReaderAsync();
            while (await row.ReadAsync())
                found.Add((row.GetInt64(0), row.GetInt64(1)));
            return found;
        }, CancellationToken.None);
        // The server plans five times for the values before it compares. Those who come while it reads are read together.
        var (generic, custom) = Assert.Single(plans);
        Assert.Equal(5, custom);
        Assert.InRange(generic, 10, 10 * slices.Count / 2);
    }

    [Fact]
    public async Task Who_goes_away_takes_nobody_along()
    {
        await nodes.First.Client.IngestAsync(New(101, 3, "stays"));
        for (var round = 0; round < 20; round++)
        {
            using var gone = new CancellationTokenSource();
            var leaving = Enumerable.Range(0, 10)
                .Select(_ => nodes.First.Client.GetAsync(new Uri(Address(101), UriKind.Relative), gone.Token)).ToList();
            var staying = Enumerable.Range(0, 10).Select(_ => nodes.First.Client.GetAnswerAsync(Address(101))).ToList();
            await gone.CancelAsync();
            Assert.All(await Task.WhenAll(staying), answer => Assert.Single(answer.Is(200).Json["contact_interactions"]!.AsArray()));
            foreach (var one in leaving)
            {
                try
                {
                    (await one).Dispose();
                }
                catch (OperationCanceledException)
                {
                    // It had not been answered yet.
                }
            }
        }
    }

    [Fact]
    public async Task Deep_pages_amid_changes_of_another_node_are_each_of_one_moment()
    {
        const int Rows = 600;
        (await nodes.First.Client.BulkAsync(Enumerable.Range(0, Rows).Select(i => New(103, 1 + (i % 3), $"deep{i}")))).Is(200);
        using var enough = new CancellationTokenSource();
        var writer = Task.Run(async () =>
        {
            for (var i = 0; i < 400 && !enough.IsCancellationRequested; i++)
                await nodes.First.Client.IngestAsync(New(103, 28, $"more{i}"));
        });

        for (var i = 0; i < 40; i++)
        {
            // What is counted tells which rows are before a page: the newer ones, however many they are by now.
            var page = (await nodes.Second.Client.GetAnswerAsync(Address(103, "10&page=41"))).Is(200).Json;
            var newer = (int)page["totals"]!["events"]! - Rows;
            var behind = (await nodes.Second.Client.GetAnswerAsync(Address(103, $"50&end_date=2026-02-27&page={1 + ((400 - newer) / 50)}")))
                .Is(200).Json["contact_interactions"]!.AsArray();
            Assert.Equal((long)behind[(400 - newer) % 50]!["id"]!, (long)page["contact_interactions"]![0]!["id"]!);
        }

        await enough.CancelAsync();
        await writer;
    }

    // All of the advertiser's are on the page.
    private static void AssertAgrees(JsonNode page)
    {
        var rows = page["contact_interactions"]!.AsArray();
        Assert.Equal(rows.Count, (int)page["totals"]!["events"]!);
        Assert.Equal(rows.Count(row => !(bool)row!["read"]!), (int)page["unread"]!["events"]!);
    }

    private static string Address(int advertiser, string page = "25") =>
        string.Create(
            CultureInfo.InvariantCulture, $"/contact_interactions?global_master_advertiser_id=USA_{500 + advertiser}&per_page={page}");

    private static JsonObject New(int advertiser, int day, string external) => Make.Interaction(
        string.Create(CultureInfo.InvariantCulture, $"USA_{500 + advertiser}"), "form",
        ("occurred_at", string.Create(CultureInfo.InvariantCulture, $"2026-02-{day:00}T10:00:00Z")), ("external_app_id", "first"),
        ("external_id", external),
        ("form", new JsonObject { ["message"] = $"Hello \"{external}\"" }),
        ("contact", new JsonObject { ["first_name"] = "Ann", ["email"] = $"{external}@mail.example" }));
}
