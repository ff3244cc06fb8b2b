using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.ListInteractions;

/// <summary>Paging by cursor (contract section 11). Every combination with filters is asked by <c>FilterOracleTests</c>.</summary>
public sealed class CursorPagingTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task Whatever_comes_in_between_two_pages_nothing_is_skipped_or_shown_twice()
    {
        var known = await BringInAsync("USA_1", 60);
        var seen = new List<long>();
        string? next = null;
        for (var page = 0; page == 0 || next is not null; page++)
        {
            var answer = (await client.GetAnswerAsync(
                $"/contact_interactions?global_master_advertiser_id=USA_1&limit=7{(next is null ? "" : "&after=" + next)}")).Is(200);
            seen.AddRange(answer.Ids);
            next = (string?)answer.Json["next"];
            // Newer than all, and one in the midst of what was shown.
            await client.IngestAsync(Make.Interaction("USA_1", "call", ("occurred_at", $"2027-01-01T00:00:{page:00}Z")));
            await client.IngestAsync(Make.Interaction("USA_1", "call", ("occurred_at", $"2026-01-01T00:59:{page:00}.500Z")));
        }

        Assert.Equal(known, seen);
    }

    [Fact]
    public async Task What_came_in_since_is_before_the_first_row()
    {
        await BringInAsync("USA_2", 5);
        var first = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_2&limit=3")).Is(200);
        var newer = (await client.IngestAsync(Make.Interaction("USA_2", "call", ("occurred_at", "2027-01-01T00:00:00Z")))).Id();

        var before = (await client.GetAnswerAsync(
            $"/contact_interactions?global_master_advertiser_id=USA_2&limit=3&before={(string)first.Json["previous"]!}")).Is(200);

        Assert.Equal([newer], before.Ids);
        Assert.Equal(6, (int)before.Json["totals"]!["events"]!);
        Assert.False((bool)before.Json["has_more"]!);
    }

    [Fact]
    public async Task A_list_begins_at_an_instant()
    {
        var known = await BringInAsync("USA_3", 10);
        var at = "/contact_interactions?global_master_advertiser_id=USA_3&limit=3&at=2026-01-01T00:04:00Z";

        Assert.Equal(known.Skip(5).Take(3), (await client.GetAnswerAsync(at)).Is(200).Ids);
        Assert.Equal(
            known.Take(6).Reverse().Take(3), (await client.GetAnswerAsync(at + "&sort_by=occurred_at&sort_dir=asc")).Is(200).Ids);
        Assert.Empty((await client.GetAnswerAsync(at.Replace("2026", "2020", StringComparison.Ordinal))).Is(200).Ids);
        Assert.Equal(known.Take(3), (await client.GetAnswerAsync(at.Replace("2026", "2030", StringComparison.Ordinal))).Is(200).Ids);
        // The filter's own end holds, wherever the list begins.
        Assert.Equal(known.Skip(8), (await client.GetAnswerAsync(
            at.Replace("2026", "2030", StringComparison.Ordinal) + "&end_date=2026-01-01T00:01:00Z")).Is(200).Ids);
    }

    [Fact]
    public async Task A_summary_leaves_out_transcripts_extra_fields_and_notes_and_nothing_else()
    {
        var chat = await client.IngestAsync(Make.Interaction("USA_4", "chat", ("notes", "long"), ("chat", new
        {
            summary = "s",
            transcript = new[] { new { id = 1, timestamp = "t", from = "a", message = "m" } },
        })));
        var form = await client.IngestAsync(Make.Interaction("USA_4", "form", ("form", new { extra_fields = new { a = "b" } })));
        foreach (var page in new[] { "limit=10", "per_page=10" })
        {
            var listed = (await client.GetAnswerAsync(
                $"/contact_interactions?global_master_advertiser_id=USA_4&{page}&fields=summary&sort_by=occurred_at")).Is(200);

            var expected = new[] { chat.DeepClone(), form.DeepClone() };
            foreach (var interaction in expected)
                interaction.AsObject().Remove("notes");
            expected[0]["chat"]!.AsObject().Remove("transcript");
            expected[1]["form"]!.AsObject().Remove("extra_fields");
            Assert.Equal(
                expected.Select(i => i.ToJsonString()),
                listed.Json["contact_interactions"]!.AsArray().Select(i => i!.ToJsonString()));
        }
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("limit=10&page=2", "page")]
    [InlineData("limit=10&per_page=2", "per_page")]
    [InlineData("at=2026-01-01&page=2", "page")]
    [InlineData("after=x", "after")]
    [InlineData("before=bGlzdCB4", "before")]
    [InlineData("at=noon", "at")]
    [InlineData("at=2026-01-01&after={cursor}", "after")]
    [InlineData("before={cursor}&at=2026-01-01", "before")]
    [InlineData("at=2026-01-01&sort_by=important", "at")]
    [InlineData("after={cursor}&event_type=call", "after")]
    [InlineData("after={cursor}&sort_by=occurred_at", "after")]
    [InlineData("before={cursor}&read=false", "before")]
    [InlineData("fields=all", "fields")]
    public async Task What_is_no_place_of_the_list_is_422(string query, string attribute)
    {
        await client.IngestAsync(Make.Interaction("USA_5", "call"));
        var list = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_5&limit=1")).Is(200);

        var answer = await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_5&"
            + query.Replace("{cursor}", (string)list.Json["previous"]!, StringComparison.Ordinal));

        Assert.Equal([attribute], answer.Is(422).Attributes);
    }

    [Fact]
    public async Task Cursors_of_other_routes_are_422()
    {
        await client.IngestAsync(Make.Interaction("USA_6", "call"));
        var feed = (await client.GetAnswerAsync("/contact_interactions/changes?global_master_advertiser_id=USA_6")).Is(200);

        (await client.GetAnswerAsync(
            $"/contact_interactions?global_master_advertiser_id=USA_6&after={(string)feed.Json["next"]!}")).Is(422);
    }

    [Fact]
    public async Task An_unchanged_piece_of_the_list_is_304()
    {
        var id = (await client.IngestAsync(Make.Interaction("USA_7", "call"))).Id();
        const string address = "/contact_interactions?global_master_advertiser_id=USA_7&limit=5";
        var tag = (await client.GetAnswerAsync(address)).Is(200).Headers.ETag!.ToString();

        (await client.SendAsync(HttpMethod.Get, address, (object?)null, ("If-None-Match", tag))).Is(304);
        (await client.SendAsync(HttpMethod.Get, address + "&fields=summary", (object?)null, ("If-None-Match", tag))).Is(200);
        (await client.UpdateAsync(id, new { notes = "x" })).Is(200);
        (await client.SendAsync(HttpMethod.Get, address, (object?)null, ("If-None-Match", tag))).Is(200);
    }

    // Newest first; a minute apart.
    private async Task<List<long>> BringInAsync(string advertiser, int count)
    {
        var ids = new List<long>();
        for (var i = 0; i < count; i++)
        {
            ids.Insert(0, (await client.IngestAsync(
                Make.Interaction(advertiser, "call", ("occurred_at", $"2026-01-01T00:{i:00}:00Z")))).Id());
        }

        return ids;
    }
}
