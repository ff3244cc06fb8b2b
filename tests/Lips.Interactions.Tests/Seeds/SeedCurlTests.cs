using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Seeds;

/// <summary>
/// Replays every curl command of the full API's seed against a node and compares with the documented answer. The host, the tokens, the ids
/// and the advertiser are the test's own; what is repaired besides is listed in <see cref="RepairsOfShow"/> and
/// <see cref="RepairsOfIndexAnswer"/>.
/// </summary>
public sealed class SeedCurlTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const string IndexOfAdvertiser = "/contact_interactions?global_master_advertiser_id=USA_1";

    // Contract section 1: the show example lacks a quote, and a credential.
    private static readonly Repair[] RepairsOfShow =
    [
        new("The quote behind the address is missing.", "/contact_interactions/1001", "/contact_interactions/1001'", 1),
        new("The credential is missing.", "1001'", "1001' \\\n  -H 'Authorization: token 1b01Secret'", 1),
    ];

    // Contract section 1: punctuation of the example answer.
    private static readonly Repair[] RepairsOfIndexAnswer =
    [
        new(
            "A comma is missing before channel, and channel is repeated: the first of the two goes.",
            "\"sub_type\": \"Call\"\n            \"channel\": \"search\",", "\"sub_type\": \"Call\",", 2),
        new("A comma trails.", "\"per_page\": 25,\n\n}", "\"per_page\": 25\n}", 1),
    ];

    private readonly HttpClient admin = fixture.Client;

    public static IEnumerable<object[]> Commands() => Seed.Full.Curls.Select((command, i) => new object[] { i + 1, command });

    [Fact]
    public void The_seed_is_the_one_that_was_handed_over()
    {
        Assert.Equal("15d4bcbdab81692d", Seed.Full.Hash);
        Assert.Equal(8, Seed.Full.Curls.Count);
        Assert.Equal(Seed.Full.Text.Split("curl ").Length - 1, Seed.Full.Curls.Count);
    }

    [Fact]
    public void A_difference_from_what_is_documented_is_noticed()
    {
        var expected = JsonNode.Parse("""{"a":1,"b":[{"c":"x"},null],"d":{}}""");

        Assert.Empty(Documented.Differences(expected, JsonNode.Parse("""{"more":0,"d":{"e":1},"b":[{"c":"x","f":2},null],"a":1}""")));
        Assert.Equal(
            ["$.a is \"1\" and not 1", "$.b has 1 items and not 2", "$.d is missing"],
            Documented.Differences(expected, JsonNode.Parse("""{"a":"1","b":[null]}""")));
        Assert.Equal(
            ["$.b[0].c is null and not \"x\"", "$.b[1] is false and not null"],
            Documented.Differences(expected, JsonNode.Parse("""{"a":1,"b":[{"c":null},false],"d":{}}""")));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_curl_line_gets_the_documented_answer(int number, string command)
    {
        if (command.EndsWith("/contact_interactions/1001", StringComparison.Ordinal))
            command = Repair.All(command, RepairsOfShow);
        var token = await fixture.Node.NewSecretAsync(abilities: ["read", "write"]);
        var line = CurlLine.Parse(
            command.Replace("1b01Secret", token, StringComparison.Ordinal).Replace("{auth_token}", token, StringComparison.Ordinal));
        Assert.Matches("^data-connect-lips.gann?ettdigital.com$", line.Address.Host);
        var advertiser = $"USA_{number}0";

        await ((line.Method, line.Target) switch
        {
            ("GET", IndexOfAdvertiser) => IndexAsync(line, advertiser),
            ("GET", IndexOfAdvertiser + "&event_params[phone_numbers]=+1243325") => IndexByPhoneAsync(line, advertiser),
            ("GET", IndexOfAdvertiser + "&event_type[]=form&event_type[]=calls") => IndexByEventTypeAsync(line, advertiser),
            ("GET", IndexOfAdvertiser + "&tags[]=foo") => IndexByTagAsync(line, advertiser),
            ("GET", "/contact_interactions/1001") => ShowAsync(line, advertiser),
            ("PUT", "/contact_interactions/1") => UpdateAsync(line, advertiser),
            ("DELETE", "/contacts_interactions/1") => DestroyAsync(line, advertiser),
            ("PUT", "/contacts_interactions/1/unarchive") => UnarchiveAsync(line, advertiser),
            _ => throw new InvalidOperationException($"What the seed documents for {line.Method} {line.Target} is not known here."),
        });
    }

    private static JsonNode IndexAnswer() =>
        JsonNode.Parse(Repair.All(
            Seed.Full.Fences.Single(f => f.StartsWith("{\n    \"contact_interactions\"", StringComparison.Ordinal)),
            RepairsOfIndexAnswer))!;

    private static JsonNode ShowAnswer() =>
        JsonNode.Parse(Seed.Full.Fences.Single(f => f.StartsWith("{\n    \"id\": 1001", StringComparison.Ordinal)))!;

    private static JsonNode UpdateAnswer() =>
        JsonNode.Parse(Seed.Full.Fences.Single(f => f.Contains("successfully updated!", StringComparison.Ordinal)))!;

    private async Task IndexAsync(CurlLine line, string advertiser)
    {
        var expected = IndexAnswer();
        foreach (var interaction in expected["contact_interactions"]!.AsArray())
            interaction!["id"] = await BringInAsync(interaction, advertiser);

        var answer = (await ReplayAsync(line, advertiser)).Is(200);

        Assert.Empty(Documented.Differences(expected, answer.Json));
    }

    private async Task IndexByPhoneAsync(CurlLine line, string advertiser)
    {
        var numbered = await admin.NewAsync(
            advertiser, more: ("contact", new { phone_numbers = new[] { new { phone_type = "home", phone_number = "+1243325" } } }));
        await admin.NewAsync(
            advertiser, more: ("contact", new { phone_numbers = new[] { new { phone_type = "home", phone_number = "+1243326" } } }));

        var answer = (await ReplayAsync(line, advertiser)).Is(200);

        Assert.Equal([numbered], answer.Ids);
    }

    private async Task IndexByEventTypeAsync(CurlLine line, string advertiser)
    {
        var call = await admin.NewAsync(advertiser);
        var form = await admin.NewAsync(advertiser, "FormEvent", ("sub_type", "FormPost"));
        await admin.NewAsync(advertiser, "FormEvent", ("sub_type", "FormEmail"));
        await admin.NewAsync(advertiser, "ChatEvent");

        var answer = (await ReplayAsync(line, advertiser)).Is(200);

        Assert.Equal([form, call], answer.Ids);
    }

    private async Task IndexByTagAsync(CurlLine line, string advertiser)
    {
        var tagged = await admin.NewAsync(advertiser, more: ("tags", new[] { "bar", "foo" }));
        await admin.NewAsync(advertiser, more: ("tags", new[] { "food" }));

        var answer = (await ReplayAsync(line, advertiser)).Is(200);

        Assert.Equal([tagged], answer.Ids);
    }

    private async Task ShowAsync(CurlLine line, string advertiser)
    {
        var expected = ShowAnswer();
        var id = await BringInAsync(expected, advertiser);
        expected["id"] = id;
        expected["contact"]!["id"] = await fixture.ScalarAsync<long>($"SELECT contact_id FROM interactions.interactions WHERE id = {id}");

        var answer = (await ReplayAsync(line with { Target = $"/contact_interactions/{id}" }, advertiser)).Is(200);

        Assert.Empty(Documented.Differences(expected, answer.Json));
    }

    private async Task UpdateAsync(CurlLine line, string advertiser)
    {
        var id = await admin.NewAsync(advertiser, more: [("important", true), ("notes", "other notes")]);

        var answer = (await ReplayAsync(line with { Target = $"/contact_interactions/{id}" }, advertiser)).Is(200);

        Assert.True(JsonNode.DeepEquals(UpdateAnswer(), answer.Json), answer.Body);
        var shown = (await admin.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Json;
        Assert.Empty(Documented.Differences(JsonNode.Parse(line.Body!)!["contact_interaction"], shown));
        Assert.Empty(Documented.Differences(JsonNode.Parse("""{"important":false,"read":true,"notes":"some notes"}"""), shown));
    }

    private async Task DestroyAsync(CurlLine line, string advertiser)
    {
        var id = await admin.NewAsync(advertiser);

        var answer = (await ReplayAsync(line with { Target = $"/contacts_interactions/{id}" }, advertiser)).Is(200);

        Assert.Equal("", answer.Body);
        Assert.Empty(await admin.FoundAsync($"global_master_advertiser_id={advertiser}"));
        Assert.Equal([id], await admin.FoundAsync($"global_master_advertiser_id={advertiser}&archived=true"));
    }

    private async Task UnarchiveAsync(CurlLine line, string advertiser)
    {
        var id = await admin.NewAsync(advertiser, more: ("archived_at", "2022-01-01T00:00:00Z"));

        var answer = (await ReplayAsync(line with { Target = $"/contacts_interactions/{id}/unarchive" }, advertiser)).Is(200);

        Assert.Equal("", answer.Body);
        Assert.Equal([id], await admin.FoundAsync($"global_master_advertiser_id={advertiser}"));
        Assert.Null((await admin.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Json["archived_at"]);
    }

    private Task<RawAnswer> ReplayAsync(CurlLine line, string advertiser) => RawHttp.SendAsync(
        fixture.Node.Address, line.Method, line.Target.Replace("=USA_1", $"={advertiser}", StringComparison.Ordinal), line.Headers,
        line.Body);

    /// <summary>
    /// Brings in a documented answer as it stands; the ids in it are ignored, and what it leaves out to be known from elsewhere is added.
    /// </summary>
    private async Task<long> BringInAsync(JsonNode interaction, string advertiser)
    {
        var sent = interaction.DeepClone().AsObject();
        sent["global_master_advertiser_id"] = advertiser;
        sent["event_type"] ??= sent.ContainsKey("chat") ? "ChatEvent" : "CallEvent";
        return (long)(await admin.IngestAsync(sent))["id"]!;
    }
}
