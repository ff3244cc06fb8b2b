using System.Globalization;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

/// <summary>
/// The counters and SQL agree: whatever is drawn, totals, unread, channel and total_pages, and the rows of a page, are what the statements
/// of this test say. Those share nothing with the product but the table.
/// </summary>
public sealed class CountingPropertyTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private static readonly Dictionary<string, string> KindsOfTypes = new(StringComparer.Ordinal)
    {
        ["booking"] = "1",
        ["call"] = "2",
        ["chat_sales"] = "3",
        ["chat_service"] = "4",
        ["chat_other"] = "5",
        ["chat"] = "3, 4, 5, 6",
        ["dyipost"] = "7",
        ["email"] = "8",
        ["facebook"] = "9",
        ["form"] = "10",
        ["promotion"] = "11",
        ["sms"] = "12",
        ["fpd"] = "14",
        ["lsa"] = "15",
    };

    private int casesBefore;
    private int deepPages;
    private int brokenDays;

    [Fact]
    public async Task Cube_and_SQL_count_the_same_and_pages_hold_the_rows_that_SQL_gives()
    {
        var cases = Environment.GetEnvironmentVariable("LIPS_SOAK") == "1" ? 20_000 : 250;
        // A failing case is printed with its seed: Config.WithReplay takes it.
        var config = Config.QuickThrowOnFailure.WithMaxTest(cases).WithQuietOnSuccess(true);

        await Task.Run(
            () => Check.One(config, Prop.ForAll(CountingCase.Arbitrary, drawn => AssertAgreementAsync(drawn).GetAwaiter().GetResult())));

        // Cases that are all shallow, or all of whole days, would show little.
        Assert.True(deepPages > 0, $"Only {deepPages} of {cases} pages were deep.");
        Assert.True(brokenDays > cases / 4, $"Only {brokenDays} of {cases} ranges broke a day.");
    }

    private async Task AssertAgreementAsync(CountingCase drawn)
    {
        // Each case has advertisers of its own, so that those before it need not be removed.
        var first = 10 * ++casesBefore;
        var question = drawn.Question;
        var lines = drawn.Events.SelectMany(e => Enumerable.Repeat(e.ToJson(Id).ToJsonString(), e.Copies)).ToList();
        if (lines.Count > 0)
            Assert.Equal(lines.Count, (int)(await fixture.Client.BulkAsync(lines)).Is(200).Json["created"]!);
        var where = Where(question, number => $"1{first + number:000000000000}");
        var counts = JsonNode.Parse(await fixture.ScalarAsync<string>(CountsOf(where)))!.ToJsonString();
        var total = await fixture.ScalarAsync<long>($"SELECT count(*) FROM interactions.interactions i WHERE {where}");
        var totalPages = Math.Max(1, (total + question.PerPage - 1) / question.PerPage);
        var page = 1 + (totalPages * question.Depth / 1000);
        deepPages += (page - 1) * question.PerPage is > 100 and var skip && skip < total ? 1 : 0;
        brokenDays += question.Start?.Contains('T', StringComparison.Ordinal) == true
            || question.End?.Contains('T', StringComparison.Ordinal) == true ? 1 : 0;

        var counted = $"/contact_interactions/totals?{question.ToFilters(Id)}";
        Compare(counted, counts, (await fixture.Client.GetAnswerAsync(counted)).Is(200).Body);

        var listed = "/contact_interactions?" + question.ToQuery(page, Id);
        var answer = (await fixture.Client.GetAnswerAsync(listed)).Is(200);
        var ids = await fixture.ScalarAsync<long[]>(string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT ARRAY(SELECT i.id FROM interactions.interactions i WHERE {where} ORDER BY {Order(question)} LIMIT {question.PerPage} "
                + $"OFFSET {(page - 1) * question.PerPage})"));
        var rest = answer.Json.AsObject();
        rest.Remove("contact_interactions");
        Compare(listed, string.Join(' ', ids), string.Join(' ', answer.Ids));
        Compare(
            listed, $"{{\"page\":{page},\"total_pages\":{totalPages},\"per_page\":{question.PerPage},{counts[1..]}", rest.ToJsonString());

        string Id(int number) => $"USA_{first + number}";

        void Compare(string address, string right, string answered) =>
            Assert.True(right == answered, $"GET {address}\n  should be {right}\n  answered  {answered}\n  {drawn}");
    }

    private static string Where(CountingQuestion question, Func<int, string> advertiser)
    {
        var conditions = new List<string>
        {
            $"i.advertiser IN ({string.Join(", ", question.Advertisers.Select(advertiser))})",
            question.Archived == true ? "i.archived_at IS NOT NULL" : "i.archived_at IS NULL",
        };
        if (question.EventTypes.Length > 0)
            conditions.Add($"i.kind IN ({string.Join(", ", question.EventTypes.Select(type => KindsOfTypes[type]))})");
        if (question.Channels.Length > 0)
            conditions.Add("i.wpc_id <> '' AND (ARRAY['none', 'search', 'display', 'social', 'chat', 'other'])[i.channel + 1] IN "
                + $"('{string.Join("', '", question.Channels)}')");
        if (question.Campaigns.Length > 0)
            conditions.Add($"i.campaign IN ({string.Join(", ", question.Campaigns.Select(campaign => $"100000000000{campaign}"))})");
        // A date is its whole day; an instant is itself. Both ends count.
        if (question.Start is { } start)
            conditions.Add($"i.occurred_at >= '{(start.Length == 10 ? start + "T00:00:00Z" : start)}'");
        if (question.End is { } end)
            conditions.Add($"i.occurred_at <= '{(end.Length == 10 ? end + "T23:59:59.999Z" : end)}'");
        return string.Join(" AND ", conditions);
    }

    private static string Order(CountingQuestion question)
    {
        var direction = question.SortDir ?? (question.SortBy is null ? "desc" : "asc");
        return question.SortBy == "important"
            ? $"CASE WHEN i.important THEN 1 ELSE 0 END {direction}, i.occurred_at DESC, i.id DESC"
            : $"i.occurred_at {direction}, i.id {direction}";
    }

    private static string CountsOf(string where) =>
        $"""
        SELECT json_build_object('totals', {Events("true")}, 'unread', {Events("NOT i.read")}, 'channel', json_build_object(
            'channels', count(*), 'display', count(*) FILTER (WHERE i.channel = 2), 'search', count(*) FILTER (WHERE i.channel = 1),
                'social', count(*) FILTER (WHERE i.channel = 3),
            'chat', count(*) FILTER (WHERE i.channel = 4), 'other', count(*) FILTER (WHERE i.channel = 5), 'none',
                count(*) FILTER (WHERE i.channel = 0)))::text
        FROM interactions.interactions i WHERE {where}
        """;

    private static string Events(string which) =>
        $"""
        json_build_object('events', count(*) FILTER (WHERE {which}), 'call_events', count(*) FILTER (WHERE {which} AND i.kind = 2),
            'form_events', count(*) FILTER (WHERE {which} AND i.kind BETWEEN 7 AND 13), 'chat_events', count(*) FILTER (WHERE {which}
                AND i.kind BETWEEN 3 AND 6),
            'booking_events', count(*) FILTER (WHERE {which} AND i.kind = 1), 'lsa_events', count(*) FILTER (WHERE {which} AND i.kind = 15))
        """;
}
