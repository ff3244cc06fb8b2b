using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

public sealed class BulkTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private static int advertisers;

    private readonly HttpClient client = fixture.Client;
    private readonly string advertiser = $"USA_{Interlocked.Increment(ref advertisers)}";

    [Fact]
    public async Task Lines_come_in_bare_and_wrapped()
    {
        var answer = await client.BulkAsync(
            [New().With("notes", "bare"), new JsonObject { ["contact_interaction"] = New().With("notes", "wrapped") }]);

        AssertReport(answer, received: 2, created: 2);
        Assert.Equal(["bare", "wrapped"], await TestPostgres.ColumnAsync<string>(
            fixture.Node.ConnectionString, $"SELECT notes FROM interactions.interactions WHERE {Mine} ORDER BY id"));
    }

    [Theory]
    [InlineData("{0}\n{0}\n", 2)]
    [InlineData("{0}\n{0}", 2)]
    [InlineData("{0}\r\n{0}\r\n", 2)]
    [InlineData("\n\r\n{0}\n\n \t\n{0}\n\n\n", 2)]
    [InlineData("\uFEFF{0}\n{0}", 2)]
    [InlineData("\uFEFF\n{0}", 1)]
    [InlineData("  {0}  ", 1)]
    [InlineData("\uFEFF", 0)]
    [InlineData("\n", 0)]
    [InlineData("", 0)]
    public async Task Blank_lines_line_ends_and_a_byte_order_mark_do_not_matter(string form, int lines)
    {
        var body = form.Replace("{0}", New().ToJsonString(), StringComparison.Ordinal);

        AssertReport(await client.SendBulkAsync(Encoding.UTF8.GetBytes(body)), received: lines, created: lines);
        Assert.Equal(lines, await CountAsync());
    }

    [Fact]
    public async Task A_byte_order_mark_on_a_later_line_is_not_json() =>
        AssertReport(
            await client.SendBulkAsync(Encoding.UTF8.GetBytes($"{New().ToJsonString()}\n\uFEFF{New().ToJsonString()}")), received: 2,
            created: 1, (2, "contact_interaction"));

    [Fact]
    public async Task Each_bad_line_says_its_number_and_all_that_is_wrong_and_costs_no_good_one()
    {
        object[] lines =
        [
            New(), // 1
            "", "not json {", // 3
            New().With("channel", "radio").With("read", 5), // 4
            "[1, 2]", "null", // 6
            New().With("notes", "good"), // 7
            new JsonObject { ["contact_interaction"] = new JsonObject() }, // 8
            "{\"a\":" + string.Concat(Enumerable.Repeat("[", 40)) + string.Concat(Enumerable.Repeat("]", 40)) + "}", // 9
            "{} {}", "{\"contact_interaction\": null}", // 11
            New(), // 12
        ];

        AssertReport(
            await client.BulkAsync(lines),
            received: 11,
            created: 3,
            (3, "contact_interaction"), (4, "channel"), (4, "read"), (5, "contact_interaction"), (6, "contact_interaction"),
            (8, "global_master_advertiser_id"), (8, "event_type"), (8, "occurred_at"), (9, "contact_interaction"),
            (10, "contact_interaction"), (11, "contact_interaction"));
        Assert.Equal(3, await CountAsync());
    }

    [Fact]
    public async Task A_line_that_is_not_utf8_is_rejected()
    {
        byte[] body = [.. Records.Lines([New()]), .. "{\"notes\": \""u8, 0xFF, .. "\"}\n"u8, .. Records.Lines([New()])];

        AssertReport(await client.SendBulkAsync(body), received: 3, created: 2, (2, "contact_interaction"));
    }

    [Fact]
    public async Task A_line_for_an_advertiser_that_is_not_the_tokens_is_rejected_and_the_others_are_not()
    {
        using var other = await fixture.Node.NewCallerAsync(new[] { advertiser }, ["ingest"]);

        AssertReport(
            await other.BulkAsync([New(), Records.Call("AUS_9"), New()]), received: 3, created: 2, (2, "global_master_advertiser_id"));
        Assert.Equal(0, await fixture.ScalarAsync<long>("SELECT count(*) FROM interactions.interactions WHERE advertiser = 3000000000009"));
        Assert.Equal(0, await fixture.ScalarAsync<long>("SELECT count(*) FROM counters.advertisers WHERE advertiser = 3000000000009"));
    }

    [Fact]
    public async Task The_first_1000_rejected_lines_are_named()
    {
        var lines = Enumerable.Range(1, 5_000).Select(i => (object)(i % 2 == 0 ? New() : New().With("channel", "radio").With("read", 1)))
            .ToList();

        var answer = (await client.BulkAsync(lines)).Is(200).Json;

        Assert.Equal((5_000, 2_500, 0, 2_500), Report(answer));
        Assert.Equal(
            Enumerable.Range(0, 1_000).Select(i => (2L * i) + 1),
            answer["errors"]!.AsArray().Select(e => (long)e!["line"]!).Distinct());
        Assert.Equal(2_000, answer["errors"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_line_of_one_mebibyte_comes_in_and_a_longer_one_is_passed_over()
    {
        var frame = New().With("notes", null).With("campaign_name", null).With("event_type", "form")
            .With("form", new JsonObject { ["message"] = "" }).ToJsonString();
        var fitting = frame.Replace(
            "\"message\":\"\"", $"\"message\":\"{new string('x', (1 << 20) - frame.Length)}\"", StringComparison.Ordinal);
        Assert.Equal(1 << 20, fitting.Length);
        var good = New().ToJsonString();

        foreach (var end in (string[])["\n", ""])
        {
            var body = string.Join(
                '\n', good, fitting, fitting + " ", good, fitting.Insert(fitting.Length / 2, new string('x', 5 << 20)), good,
                fitting + "xxxx") + end;
            AssertReport(
                await client.SendBulkAsync(Encoding.UTF8.GetBytes(body)),
                received: 7, created: 4, (3, "contact_interaction"), (5, "contact_interaction"), (7, "contact_interaction"));
        }

        Assert.Equal(8, await CountAsync());
    }

    [Theory]
    [Each("br", "deflate", "gzip, gzip", "x")]
    public async Task Another_encoding_is_refused(string encoding)
    {
        var content = new ByteArrayContent(Records.Lines([New()]));
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/x-ndjson");

        Assert.Equal(
            "unsupported_media_type", (string?)(await client.SendAsync(HttpMethod.Post, Records.Bulk, content)).Is(415).Json["name"]);
        Assert.Equal(0, await CountAsync());
    }

    [Theory]
    [Each("application/json", "text/plain", "application/gzip")]
    public async Task Another_type_is_refused(string type) => (await client.SendBulkAsync(Records.Lines([New()]), type: type)).Is(415);

    [Fact]
    public async Task A_body_without_a_type_is_refused() =>
        (await client.SendAsync(HttpMethod.Post, Records.Bulk, new ByteArrayContent(Records.Lines([New()])))).Is(415);

    [Fact]
    public async Task A_body_that_is_not_gzip_is_a_bad_request()
    {
        Assert.Equal("bad_request", (string?)(await client.SendBulkAsync(Records.Lines([New()]), "gzip")).Is(400).Json["name"]);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_record_is_stored_alike_whether_it_comes_alone_or_with_many()
    {
        const int many = 400;
        JsonObject[] kinds =
        [
            New(),
            New().With("occurred_at", "1900-01-01T00:00:00.001Z").With("archived_at", "2999-12-31T23:59:59.999Z").With(
                "global_master_campaign_id", "USA_7").With("channel", "social")
                .With("important", true).With("read", true).With("wpc_id", "").With("conversation_id", "c").With(
                    "contact_external_source", "x").With("notes", "ä\u0001\n\"\\ 日本 😀")
                .With("tags", new JsonArray("ä", "😀")).With("call", new JsonObject { ["duration"] = int.MaxValue }),
            Records.Of(advertiser, "booking").With("booking", new JsonObject { ["booking_id"] = "日" })
                .From("é@example.com", "212 555 0100", "Zoë").With("notes", ""),
            Records.Of(advertiser, "form").With("form", new JsonObject { ["message"] = new string('ä', 70_000) })
                .From(phone: "212 555 0101 ext 5"),
        ];
        var records = Enumerable.Range(0, many)
            .Select(i => ((JsonObject)kinds[i % kinds.Length].DeepClone()).External("many", i.ToString(CultureInfo.InvariantCulture)));

        AssertReport(await client.BulkAsync(records), received: many, created: many);
        for (var kind = 0; kind < kinds.Length; kind++)
            (await client.SendOneAsync(kinds[kind].External("alone", kind.ToString(CultureInfo.InvariantCulture)))).Is(201);

        // All of it but ids and the times that are those of its coming in.
        var stored = await TestPostgres.ColumnAsync<string>(
            fixture.Node.ConnectionString,
            $$"""
            SELECT concat(count(*), ' ', count(DISTINCT told)) FROM (
                SELECT i.external_id::integer % {{kinds.Length}} AS kind, concat(
                    to_jsonb(i) - '{id,contact_id,external_app_id,external_id,body,contact,read_at,important_at}'::text[],
                    i.body::jsonb - '{id,contact_id,external_app_id,external_id,created_at}'::text[],
                    i.contact::jsonb - '{id,created_at}'::text[],
                    (SELECT array_agg(t.tag ORDER BY t.tag) FROM interactions.interaction_tags t WHERE t.advertiser = i.advertiser
                        AND t.interaction_id = i.id)) AS told
                FROM interactions.interactions i WHERE {{Mine}}) AS rows
            GROUP BY kind
            """);
        Assert.Equal(Enumerable.Repeat($"{(many / kinds.Length) + 1} 1", kinds.Length), stored);
    }

    [Fact]
    public async Task Several_batches_over_many_advertisers_are_counted_right()
    {
        var lines = Enumerable.Range(0, 7_000).Select(i => (object)Records.Call($"CAN_{(i % 30) + 1}").External(
            "app", string.Create(CultureInfo.InvariantCulture, $"{i % 6_500}"))
            .From($"{i % 50}@example.com", string.Create(CultureInfo.InvariantCulture, $"98936{i % 5_000:00000}"))).ToList();

        var first = (await client.BulkAsync(lines)).Is(200).Json;
        var second = (await client.BulkAsync(lines)).Is(200).Json;

        // An id that comes again after 6,500 lines comes for another advertiser.
        Assert.Equal((7_000, 7_000, 0, 0), Report(first));
        Assert.Equal((7_000, 0, 7_000, 0), Report(second));
        Assert.Equal(
            7_000, await fixture.ScalarAsync<long>("SELECT count(*) FROM interactions.interactions WHERE advertiser / 1000000000000 = 2"));
    }

    private string Mine => $"advertiser = 1000000000000 + {advertiser[4..]}";

    private JsonObject New() => Records.Call(advertiser);

    private Task<long> CountAsync() => fixture.ScalarAsync<long>($"SELECT count(*) FROM interactions.interactions WHERE {Mine}");

    private static (int Received, int Created, int Duplicates, int Rejected) Report(JsonNode report) =>
        ((int)report["received"]!, (int)report["created"]!, (int)report["duplicates"]!, (int)report["rejected"]!);

    private static void AssertReport(Answer answer, int received, int created, params (long Line, string Attribute)[] errors)
    {
        var report = answer.Is(200).Json;
        Assert.True((received, created, 0, errors.Select(e => e.Line).Distinct().Count()) == Report(report), answer.Body);
        Assert.Equal(errors, report["errors"]!.AsArray().Select(e => ((long)e!["line"]!, (string)e["attribute"]!)));
        Assert.All(report["errors"]!.AsArray(), e => Assert.NotEmpty((string)e!["message"]!));
    }
}
