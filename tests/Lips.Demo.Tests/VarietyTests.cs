using System.Text.Json;

namespace Lips.Demo.Tests;

/// <summary>Every filter of the index finds something, also in the smallest advertiser.</summary>
public class VarietyTests
{
    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Every_event_type_occurs(string advertiser) => Occur(
        advertiser, line => line.Text("event_type"), "CallEvent", "FormEvent", "ChatEvent", "BookingEvent", "LsaEvent", "FpdEvent");

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Every_form_of_the_chart_occurs(string advertiser) => Occur(
        advertiser,
        line => line.Text("event_type") == "FormEvent" ? line.Text("sub_type") : "",
        "", "DIYFORMPOST", "FormEmail", "Facebook", "FormPost", "Promotion", "SMSRequest");

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Every_lead_type_of_a_chat_occurs_and_none_at_all(string advertiser) => Occur(
        advertiser,
        line => line.TryGetProperty("chat", out var chat) ? chat.Text("lead_type") : "",
        "", null, "Sales", "Service", "Other", "Active", "Lead");

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Every_lead_type_of_lsa_occurs(string advertiser) => Occur(
        advertiser, line => line.TryGetProperty("lsa", out var lsa) ? lsa.Text("lead_type") : null, null, "MESSAGE", "PHONE_CALL",
        "BOOKING");

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Every_channel_occurs_with_and_without_a_wpc_id(string advertiser)
    {
        string?[] channels = ["search", "display", "social", "chat", "other", null];
        Occur(advertiser, line => line.Text("channel"), channels);
        Occur(
            advertiser,
            line => line.Text("channel") + (line.Text("wpc_id") is null ? " without" : " with"),
            [.. channels.SelectMany(channel => new[] { channel + " with", channel + " without" })]);
    }

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void There_are_several_campaigns_and_tags(string advertiser)
    {
        var lines = DemoLines.Of(advertiser);
        Assert.InRange(lines.Select(line => line.Text("global_master_campaign_id")).OfType<string>().Distinct().Count(), 6, 20);
        Assert.InRange(lines.SelectMany(Tags).Distinct(StringComparer.Ordinal).Count(), 5, 20);
        Assert.InRange(lines.Share(line => line.Text("campaign_name") is null), 0.01, 0.2);
        Assert.Contains(lines, line => line.Text("campaign_name") == "Boats | Boats | Boats");
    }

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Staff_has_worked_on_it(string advertiser)
    {
        var lines = DemoLines.Of(advertiser);
        Assert.InRange(lines.Share(line => line.GetProperty("important").GetBoolean()), 0.04, 0.08);
        Assert.InRange(lines.Share(line => line.Text("archived_at") is not null), 0.06, 0.11);
        Assert.InRange(lines.Share(line => line.Text("notes") is not null), 0.02, 0.1);

        var recent = DemoCalendar.End.AddDays(-30);
        Assert.InRange(lines.Where(line => line.Time("occurred_at") < recent).Share(Read), 0.65, 0.78);
        Assert.InRange(lines.Where(line => line.Time("occurred_at") >= recent).Share(Read), 0.1, 0.4);
    }

    [Fact]
    public void Calls_are_mostly_short_and_sometimes_long()
    {
        var durations = DemoLines.Of("USA_1").Where(line => line.TryGetProperty("call", out _))
            .Select(line => line.GetProperty("call").GetProperty("duration").GetInt32()).Order().ToList();
        Assert.InRange(durations[durations.Count / 2], 30, 120);
        Assert.InRange(durations[durations.Count * 9 / 10], 180, 600);
        Assert.InRange(durations[^1], 1800, 3600);
        Assert.InRange(durations.Share(duration => duration == 0), 0.03, 0.2);
    }

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Transcripts_have_2_to_12_lines_numbered_in_order(string advertiser) => Assert.All(
        DemoLines.Of(advertiser).Where(line => line.TryGetProperty("chat", out _)),
        line =>
        {
            var transcript = line.GetProperty("chat").GetProperty("transcript").EnumerateArray().ToList();
            Assert.InRange(transcript.Count, 2, 12);
            Assert.Equal(Enumerable.Range(1, transcript.Count), transcript.Select(entry => entry.GetProperty("id").GetInt32()));
            Assert.NotNull(line.Text("conversation_id"));
            Assert.All(transcript, entry => Assert.NotEqual("", entry.Text("message")));
        });

    private static void Occur(string advertiser, Func<JsonElement, string?> value, params string?[] expected) =>
        Assert.Equal(expected.ToHashSet(StringComparer.Ordinal), DemoLines.Of(advertiser).Select(value).ToHashSet(StringComparer.Ordinal));

    private static bool Read(JsonElement line) => line.GetProperty("read").GetBoolean();

    private static IEnumerable<string> Tags(JsonElement line) =>
        line.TryGetProperty("tags", out var tags) ? tags.EnumerateArray().Select(tag => tag.GetString()!) : [];
}
