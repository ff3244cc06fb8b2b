using System.Globalization;
using System.Text.RegularExpressions;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.ListInteractions;

public sealed partial class PagingTests(PagingTests.HundredAndOne fixture) : IClassFixture<PagingTests.HundredAndOne>
{
    private readonly HttpClient client = fixture.Node.Client;

    [Fact]
    public async Task A_page_holds_25_by_default_and_100_for_trusted_callers()
    {
        using var untrusted = await fixture.Node.NewCallerAsync();
        using var trusted = await fixture.Node.NewCallerAsync(trusted: true);

        Assert.Equal((25, 25, 5), await ShapeAsync(untrusted, ""));
        Assert.Equal((100, 100, 2), await ShapeAsync(trusted, ""));
        Assert.Equal((100, 100, 2), await ShapeAsync(client, ""));
        Assert.Equal((7, 7, 15), await ShapeAsync(trusted, "&per_page=7"));
        Assert.Equal((500, 101, 1), await ShapeAsync(untrusted, "&per_page=500"));

        static async Task<(int PerPage, int Rows, int TotalPages)> ShapeAsync(HttpClient caller, string query)
        {
            var answer = (await caller.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1" + query)).Is(200);
            Assert.Equal(1, (int)answer.Json["page"]!);
            return ((int)answer.Json["per_page"]!, answer.Ids.Count, (int)answer.Json["total_pages"]!);
        }
    }

    [Fact]
    public async Task Past_the_last_page_there_is_an_empty_list()
    {
        foreach (var page in (int[])[6, 1000, int.MaxValue])
        {
            var answer = (await client.GetAnswerAsync($"/contact_interactions?global_master_advertiser_id=USA_1&per_page=25&page={page}"))
                .Is(200);
            Assert.Empty(answer.Ids);
            Assert.Equal(
                (page, 5, 101), ((int)answer.Json["page"]!, (int)answer.Json["total_pages"]!, (int)answer.Json["totals"]!["events"]!));
            Assert.Equal(["first", "prev", "last"], Links(answer).Keys);
        }
    }

    [Fact]
    public async Task Where_nothing_is_found_there_is_still_one_page()
    {
        var answer = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_404&page=1&per_page=10")).Is(200);

        Assert.Equal(
            """{"contact_interactions":[],"page":1,"total_pages":1,"per_page":10,"totals":"""
            + """{"events":0,"call_events":0,"form_events":0,"chat_events":0,"booking_events":0,"lsa_events":0},"""
            + """ "unread":{"events":0,"call_events":0,"form_events":0,"chat_events":0,"booking_events":0,"lsa_events":0},""".TrimStart()
            + """ "channel":{"channels":0,"display":0,"search":0,"social":0,"chat":0,"other":0,"none":0}}""".TrimStart(),
            answer.Body);
        Assert.Equal(["first", "last"], Links(answer).Keys);
    }

    [Fact]
    public async Task A_full_last_page_is_the_last()
    {
        var answer = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1&per_page=101")).Is(200);

        Assert.Equal((1, 101), ((int)answer.Json["total_pages"]!, answer.Ids.Count));
        Assert.DoesNotContain("next", Links(answer).Keys);
    }

    [Theory]
    [InlineData("next", "page=1&per_page=10")]
    [InlineData("next", "per_page=33&sort_dir=asc")]
    [InlineData("prev", "per_page=10&page=11")]
    [InlineData("next", "per_page=10&sort_by=important&event_type[]=call&event_type[]=form&tags[]=a%20b%26c+d&page[]=1")]
    [InlineData("next", "per_page=40&event_params[phone_numbers]=+19893643647")]
    public async Task The_links_lead_through_all_pages_once(string relation, string query)
    {
        var address = "/contact_interactions?global_master_advertiser_id=USA_1&" + query;
        var (seen, pages) = (new List<long>(), new List<int>());
        var first = (await client.GetAnswerAsync(address)).Is(200);
        for (string? next = address; next is not null;)
        {
            var answer = (await client.GetAnswerAsync(next)).Is(200);
            seen.AddRange(answer.Ids);
            pages.Add((int)answer.Json["page"]!);
            Assert.Equal((int)first.Json["total_pages"]!, (int)answer.Json["total_pages"]!);
            next = Links(answer).GetValueOrDefault(relation);
        }

        Assert.Equal(101, seen.Count);
        Assert.Equal(101, seen.Distinct().Count());
        Assert.Equal((int)first.Json["total_pages"]!, pages.Count);
        var links = Links(first);
        Assert.Equal(1, (int)(await client.GetAnswerAsync(links["first"])).Is(200).Json["page"]!);
        Assert.Equal(pages.Max(), (int)(await client.GetAnswerAsync(links["last"])).Is(200).Json["page"]!);
    }

    [Theory]
    [InlineData("per_page", "0")]
    [InlineData("per_page", "501")]
    [InlineData("per_page", "-1")]
    [InlineData("per_page", "ten")]
    [InlineData("page", "0")]
    [InlineData("page", "-1")]
    [InlineData("page", "1.1")]
    [InlineData("page", "2147483648")]
    [InlineData("page", "99999999999999999999")]
    [InlineData("page", "1,2")]
    public async Task A_page_that_cannot_be_is_refused(string name, string value) =>
        Assert.Equal(
            [name],
            (await client.GetAnswerAsync($"/contact_interactions?global_master_advertiser_id=USA_1&{name}={value}")).Is(422).Attributes);

    [Fact]
    public async Task The_rule_of_per_page_is_told_in_the_words_of_the_contract() => Assert.Equal(
        """[{"attribute":"per_page","message":"must be between 1 and 500"}]""",
        (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1&per_page=501")).Is(422).Body);

    private static Dictionary<string, string> Links(Answer answer) =>
        OneLink().Matches(string.Join(", ", answer.Headers.GetValues("Link")))
            .ToDictionary(m => m.Groups[2].Value, m => m.Groups[1].Value, StringComparer.Ordinal);

    [GeneratedRegex("<([^<>]*)>; rel=\"([a-z]+)\"", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OneLink();

    public sealed class HundredAndOne : IAsyncLifetime
    {
        private readonly NodeFixture fixture = new();

        public LipsNode Node => fixture.Node;

        public async Task InitializeAsync()
        {
            await fixture.InitializeAsync();
            var lines = Enumerable.Range(0, 101).Select(n => Make.Interaction("USA_1", n % 2 == 0 ? "CallEvent" : "FormEvent",
                ("occurred_at", string.Create(CultureInfo.InvariantCulture, $"2021-09-{1 + (n % 28):00}")),
                ("sub_type", "FormPost"),
                ("important", n % 10 == 0),
                ("tags", new[] { "a b&c d" }),
                ("contact", new { phone_numbers = new[] { new { phone_type = "work", phone_number = "+19893643647" } } })).ToJsonString());
            Assert.Equal(101, (int)(await Node.Client.BulkAsync(lines)).Is(200).Json["created"]!);
        }

        public Task DisposeAsync() => fixture.DisposeAsync();
    }
}
