using System.Globalization;
using CsvHelper;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.ExportCsv;

/// <summary><c>GET /contact_interactions.csv</c> (contract section 11).</summary>
public sealed class ExportCsvTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task All_rows_of_a_filter_are_there_in_the_order_of_the_list()
    {
        (await client.BulkAsync(Enumerable.Range(0, 1_300).Select(n => (object)Make.Interaction(
            "USA_1", n % 2 == 0 ? "call" : "form", ("occurred_at", $"2026-01-{1 + (n % 28):00}T{n % 24:00}:00:00Z"))))).Is(200);
        foreach (var query in new[] { "event_type=call", "sort_by=occurred_at&sort_dir=asc", "start_date=2026-01-20&end_date=2026-01-21" })
        {
            var rows = await ExportAsync($"global_master_advertiser_id=USA_1&{query}");
            var ids = new List<string>();
            for (var page = 1; page == 1 || ids.Count == (page - 1) * 500; page++)
            {
                ids.AddRange((await client.GetAnswerAsync(
                    $"/contact_interactions?global_master_advertiser_id=USA_1&per_page=500&page={page}&{query}")).Is(200).Ids
                    .Select(id => id.ToString(CultureInfo.InvariantCulture)));
            }

            Assert.Equal(ids, rows.Select(r => r["id"]));
        }
    }

    [Fact]
    public async Task Cells_hold_what_answers_hold_and_times_are_those_of_the_zone()
    {
        await client.IngestAsync(Make.Interaction(
            "USA_2", "call", ("occurred_at", "2026-01-01T03:30:00Z"), ("notes", "one,\n\"two\"\r\nthree"), ("tags", new[] { "a", "b" }),
            ("call", new { duration = 95, caller_number = "+12125550101", dialed_number = "+12125550102" }), ("read", true),
            ("contact", new
            {
                first_name = "Zoë",
                email = "zoe@mail.example",
                phone_numbers = new[] { new { phone_number = "2125550100" } },
            })));

        var row = Assert.Single(await ExportAsync("global_master_advertiser_id=USA_2&time_zone=America/New_York"));

        Assert.Equal("2025-12-31 22:30:00", row["occurred_at"]);
        Assert.Equal("one,\n\"two\"\r\nthree", row["notes"]);
        Assert.Equal(
            ("a; b", "95", "true", "Zoë", "zoe@mail.example", "CallEvent"),
            (row["tags"], row["call_duration"], row["read"], row["first_name"], row["email"], row["event_type"]));
        Assert.Equal("'+12125550100", row["phone_numbers"]);
        Assert.Equal(("'+12125550101", "'+12125550102", ""), (row["caller_number"], row["dialed_number"], row["target_number"]));
    }

    [Theory]
    [InlineData("=HYPERLINK(\"http://x\")")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    [InlineData("\t=1")]
    [InlineData("\r=1")]
    public async Task No_cell_is_a_formula(string text)
    {
        var advertiser = $"USA_{1_000 + (text.Length * 31) + text[0]}";
        await client.IngestAsync(Make.Interaction(advertiser, "call", ("notes", text), ("contact", new { company = text })));

        var row = Assert.Single(await ExportAsync($"global_master_advertiser_id={advertiser}"));

        Assert.Equal(("'" + text, "'" + text), (row["notes"], row["company"]));
    }

    [Fact]
    public async Task A_byte_order_mark_comes_first_where_it_is_asked_for()
    {
        await client.IngestAsync(Make.Interaction("USA_3", "call"));
        byte[] mark = [0xEF, 0xBB, 0xBF];
        foreach (var (query, isMarked) in new[] { ("", false), ("&bom=true", true), ("&bom=false", false) })
        {
            using var answer = await client.GetAsync(
                new Uri("/contact_interactions.csv?global_master_advertiser_id=USA_3" + query, UriKind.Relative));
            var body = await answer.Content.ReadAsByteArrayAsync();

            Assert.Equal(isMarked, body.AsSpan().StartsWith(mark));
            Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
            Assert.Equal("contact_interactions.csv", answer.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
        }
    }

    [Fact]
    public async Task Without_pii_nothing_tells_of_a_person()
    {
        await client.IngestAsync(Make.Interaction(
            "USA_4", "form", ("notes", "SECRET"), ("page_url", "http://SECRET"), ("form", new { message = "SECRET" }),
            ("contact", new { first_name = "SECRET", email = "SECRET@x.example" })));
        using var blind = await fixture.Node.NewCallerAsync(pii: false);

        var answer = (await blind.GetAnswerAsync("/contact_interactions.csv?global_master_advertiser_id=USA_4")).Is(200);

        Assert.DoesNotContain("SECRET", answer.Body, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("FormEvent", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_list_is_its_first_line_and_errors_are_json()
    {
        var empty = (await client.GetAnswerAsync("/contact_interactions.csv?global_master_advertiser_id=USA_98")).Is(200);

        Assert.StartsWith("id,occurred_at,event_type,", empty.Body, StringComparison.Ordinal);
        Assert.Single(empty.Body.Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["bom"], (await client.GetAnswerAsync(
            "/contact_interactions.csv?global_master_advertiser_id=USA_98&bom=x")).Is(422).Attributes);
    }

    private async Task<List<Dictionary<string, string>>> ExportAsync(string query)
    {
        var answer = (await client.GetAnswerAsync("/contact_interactions.csv?" + query)).Is(200);
        using var text = new StringReader(answer.Body);
        using var csv = new CsvReader(text, CultureInfo.InvariantCulture);
        Assert.True(await csv.ReadAsync() && csv.ReadHeader());
        var rows = new List<Dictionary<string, string>>();
        while (await csv.ReadAsync())
            rows.Add(csv.HeaderRecord!.ToDictionary(name => name, name => csv.GetField(name)!));
        return rows;
    }
}
