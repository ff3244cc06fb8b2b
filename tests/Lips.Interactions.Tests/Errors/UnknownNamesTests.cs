using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Errors;

/// <summary>
/// Names in bodies that nobody knows: ignored and, in bulk, counted; errors where the client prefers that (contract section 1).
/// </summary>
public sealed class UnknownNamesTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private static readonly (string, string) Strict = ("Prefer", "handling=strict");

    private readonly HttpClient client = fixture.Client;

    // A record, and the paths of its unknown names.
    public static TheoryData<string, string> Unknown() => new()
    {
        { """ "event_type":"call","colour":"red","notes":"x" """, "colour" },
        { """ "event_type":"call","Notes":"x","read ":true """, "Notes|read " },
        { """ "event_type":"call","contact":{"email":"a@mail.example","e_mail":"b","phone":"1"} """, "contact.e_mail|contact.phone" },
        { """ "event_type":"call","contact":{"phone_numbers":[{"phone_number":"1","number":"2"}]} """, "contact.phone_numbers.number" },
        { """ "event_type":"call","call":{"length":5,"duration":5} """, "call.length" },
        { """ "event_type":"form","form":{"summary":"x","extra_fields":{"any":"thing"}} """, "form.summary" },
        { """ "event_type":"chat","chat":{"subject":"x","transcript":[{"message":"a","text":"b"}]} """,
            "chat.subject|chat.transcript.text" },
        { """ "event_type":"call","form":{"message":"of another type"} """, "form" },
        { """ "event_type":"lsa","lsa":{"price":1},"booking":{} """, "booking|lsa.price" },
        { """ "event_type":"fpd","\u006eotes":"known","fpd":{"n\u006ftes":"x"} """, "fpd.notes" },
    };

    [Theory]
    [MemberData(nameof(Unknown))]
    public async Task An_unknown_name_of_a_record_is_ignored_or_each_is_a_line(string attributes, string paths)
    {
        var record = $$"""{"global_master_advertiser_id":"USA_1","occurred_at":"2021-09-06",{{attributes}}}""";
        var expected = paths.Split('|').Order(StringComparer.Ordinal).ToArray();

        (await client.SendAsync(HttpMethod.Post, Records.One, $$"""{"contact_interaction":{{record}}}""")).Is(201);
        var strict = (await client.SendAsync(HttpMethod.Post, Records.One, $$"""{"contact_interaction":{{record}}}""", Strict)).Is(422);
        var bulk = (await client.BulkAsync([record, record])).Is(200).Json;
        var strictBulk = (await client.BulkAsync([record], Strict)).Is(200);

        Assert.Equal(expected, strict.Attributes.Order(StringComparer.Ordinal));
        Assert.All(strict.Json.AsArray(), line => Assert.Equal("is not a known attribute", (string?)line!["message"]));
        Assert.Equal("handling=strict", Assert.Single(strict.Headers.GetValues("Preference-Applied")));
        Assert.Equal((2, 0, 2 * expected.Length), ((int)bulk["created"]!, (int)bulk["rejected"]!, (int)bulk["ignored"]!));
        Assert.Equal((0, 1, 0), ((int)strictBulk.Json["created"]!, (int)strictBulk.Json["rejected"]!, (int)strictBulk.Json["ignored"]!));
        Assert.Equal(expected, strictBulk.Json["errors"]!.AsArray().Select(e => (string)e!["attribute"]!).Order(StringComparer.Ordinal));
        Assert.Equal("handling=strict", Assert.Single(strictBulk.Headers.GetValues("Preference-Applied")));
    }

    [Fact]
    public async Task Names_beside_the_wrapper_are_unknown_too()
    {
        var record = Records.Call("USA_1");
        var body = new JsonObject { ["contact_interaction"] = record, ["source"] = "zapier" };

        Assert.Equal(["source"], (await client.SendAsync(HttpMethod.Post, Records.One, body, Strict)).Is(422).Attributes);
        Assert.Equal(1, (int)(await client.BulkAsync([body])).Is(200).Json["ignored"]!);
        Assert.Equal(["owner", "colour"], (await client.SendAsync(
            HttpMethod.Post, "/tokens", new { token = new { name = "a", advertisers = "all", colour = "red" }, owner = "ann" }, Strict))
                .Is(422).Attributes);
        (await client.SendAsync(HttpMethod.Post, "/tokens", new { token = new { name = "a", advertisers = "all", colour = "red" } }))
            .Is(201);
    }

    [Theory]
    [Each("call", "form", "chat", "booking", "fpd", "lsa")]
    public async Task What_was_served_has_no_unknown_name_in_either_profile(string type)
    {
        var part = type == "chat" ? """{"transcript":[{"message":"a"}]}""" : "{}";
        var served = (await client.SendOneAsync(
            Records.Of("USA_2", type).With(type, JsonNode.Parse(part)).From("a@mail.example", "9893640001"))).Is(201).Json;
        using var partner = await fixture.Node.NewPartnerAsync();
        var asPartner = (await partner.GetAnswerAsync($"/contact_interactions/{served.Id()}")).Is(200).Json.AsObject()
            .With("global_master_advertiser_id", "USA_2");

        foreach (var again in (JsonObject[])[served.AsObject(), asPartner])
        {
            (await client.PostAsync(Records.One, new JsonObject { ["contact_interaction"] = again.DeepClone() }, Strict)).Is(201);
            Assert.Equal(0, (int)(await client.BulkAsync([again])).Is(200).Json["ignored"]!);
        }
    }

    [Theory]
    [InlineData("""{"is_read":true}""", "is_read")]
    [InlineData("""{"Read":true,"note":"x"}""", "Read|note")]
    [InlineData("""{"archived":true}""", "archived")]
    [InlineData("""{"read_at":"2021-09-06","id":5}""", "id|read_at")]
    [InlineData("""{"contact":{"first_name":"Ann"}}""", "contact")]
    [InlineData("{}", "")]
    public async Task An_update_that_holds_nothing_that_can_be_changed_is_422_in_any_case(string change, string unknown)
    {
        var id = await client.NewAsync("USA_3");
        var before = (await client.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Body;

        foreach (var method in (HttpMethod[])[HttpMethod.Put, HttpMethod.Patch])
        {
            var answer = await client.SendAsync(method, $"/contact_interactions/{id}", $$"""{"contact_interaction":{{change}}}""");
            Assert.Equal("""[{"attribute":"contact_interaction","message":"has nothing that can be changed: read, important or notes"}]""",
                answer.Is(422).Body);
            var strict = await client.SendAsync(method, $"/contact_interactions/{id}", $$"""{"contact_interaction":{{change}}}""", Strict);
            Assert.Equal(
                unknown.Split('|', StringSplitOptions.RemoveEmptyEntries).Append("contact_interaction")
                    .Order(StringComparer.Ordinal), strict.Is(422).Attributes.Order(StringComparer.Ordinal));
        }

        Assert.Equal(before, (await client.GetAnswerAsync($"/contact_interactions/{id}")).Body);
    }

    [Fact]
    public async Task An_update_ignores_what_it_does_not_know_beside_what_it_does_unless_strict()
    {
        var id = await client.NewAsync("USA_3");
        var change = new { contact_interaction = new { read = true, is_read = false }, reason = "seen" };

        Assert.Equal(["reason", "is_read"], (await client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}", change, Strict)).Is(422)
            .Attributes);
        Assert.False((bool)(await client.GetAnswerAsync($"/contact_interactions/{id}")).Json["read"]!);
        (await client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}", change)).Is(200);
        Assert.True((bool)(await client.GetAnswerAsync($"/contact_interactions/{id}")).Json["read"]!);
        // Notes are taken away by null: that changes something.
        (await client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}", """{"contact_interaction":{"notes":null}}""", Strict))
            .Is(200);
    }
}
