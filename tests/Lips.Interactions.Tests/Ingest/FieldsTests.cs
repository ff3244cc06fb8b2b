using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

public sealed class FieldsTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const string Common =
        """
        "global_master_advertiser_id": "GBR_12", "global_master_campaign_id": "GBR_345", "campaign_name": "Boats | Boats",
        "sub_type": "Call",
        "influencing_campaign": "spring", "notes": "a\nnote", "created_at": "2022-02-23T13:35:56.855Z", "channel": "search",
        "external_source": "capture", "page_url": "http://www.example.com/?a=ü&b=<c>", "important": true, "read": true,
        "archived_at": "2022-03-01T00:00:00.000Z", "tags": ["foo", "b\"a\\r, {ü}", "NULL", "foo"], "wpc_id": 4711, "visitor_id": "v-1",
        "conversation_id": "c-1", "external_id": 99, "external_app_id": "zapier",
        """;

    private const string Contact =
        """
        "contact": {
            "first_name": "Zoë", "last_name": "O'Neil \"Z\" 🙂", "display_name": "Zoë of the boats", "email": "Zoe@Example.com",
            "company": "Boats\\Co",
            "title": "CEO", "created_at": "2020-01-02T03:04:05.678Z",
            "phone_numbers": [{"phone_type": "work", "phone_number": "020 7946 0958 ext. 241"}, {"phone_type": null,
            "phone_number": "+1 989-364-3647"}]
        }
        """;

    private const string Served =
        """
        "campaign_name": "Boats | Boats", "global_master_advertiser_id": "GBR_12", "global_master_campaign_id": "GBR_345",
        "master_advertiser_id": 12,
        "master_campaign_id": 345, "platform_id": 6, "platform": "GBR", "sub_type": "Call", "referrer_type": "PAID",
        "referrer_source": "www.example.com",
        "influencing_campaign": "spring", "notes": "a\nnote", "created_at": "2022-02-23T13:35:56.855Z",
        "occurred_at": "2022-02-18T15:14:42.000Z",
        "occured_at": "2022-02-18T15:14:42.000Z", "channel": "search", "external_source": "capture",
        "page_url": "http://www.example.com/?a=ü&b=<c>", "important": true, "read": true, "archived_at": "2022-03-01T00:00:00.000Z",
        "tags": ["foo", "b\"a\\r, {ü}", "NULL"], "wpc_id": "4711", "visitor_id": "v-1", "conversation_id": "c-1", "external_id": "99",
        "external_app_id": "zapier",
        "contact": {
            "first_name": "Zoë", "last_name": "O'Neil \"Z\" 🙂", "display_name": "Zoë of the boats", "email": "Zoe@Example.com",
            "company": "Boats\\Co",
            "title": "CEO", "created_at": "2020-01-02T03:04:05.678Z",
            "phone_numbers": [{"phone_type": "work", "phone_number": "+442079460958 x241"}, {"phone_type": null,
            "phone_number": "+19893643647"}]
        }
        """;

    private const string ServedCall =
        """
        "event_type": "CallEvent", "call": {
            "recording_url": "http://r.example/1.mp3", "call_recording_url": "http://r.example/1.mp3", "duration": 5, "call_duration": 5,
            "target_number": "+1 (1)", "caller_number": "+12", "dialed_number": "+13"
        }
        """;

    private const string ServedChat =
        """
        "event_type": "ChatEvent", "chat": {
            "lead_type": "Service", "provider": "Other Chats", "referring_url": "http://fifa.com/catarina", "summary": "They\ntalked",
                "transcript": [
                {"id": 7, "timestamp": "2022-02-18T15:14:42.0009Z", "from": "Agent", "form": "Agent", "message": "Hi\t\"there\" 🙂"},
                {"id": "b", "timestamp": 1645197282.50, "from": "", "form": "", "message": ""},
                {"id": 3, "timestamp": null, "from": "", "form": "", "message": "third"}
            ]
        }
        """;

    private const string ExtraFields = """{"a": {"b": [1, 1.50, 12345678901234567890.1, true, null, "ü"]}, "": "empty", "a b": {}}""";

    private readonly HttpClient client = fixture.Client;

    public static TheoryData<string, string, string> Spellings => new()
    {
        {
            "in full",
            """
            "event_type": "CallEvent", "occurred_at": "2022-02-18T15:14:42.000Z", "referrer_type": "PAID",
            "referrer_source": "www.example.com",
            "call": {"recording_url": "http://r.example/1.mp3", "duration": 5, "target_number": "+1 (1)", "caller_number": "+12",
            "dialed_number": "+13"}
            """,
            ServedCall
        },
        {
            "as partners spell it",
            """
            "event_type": "call", "occured_at": "2022-02-18T15:14:42.000Z", "refer_type": "PAID", "refer_source": "www.example.com",
            "call": {"call_recording_url": "http://r.example/1.mp3", "call_duration": 5, "target_number": "+1 (1)", "caller_number": "+12",
            "dialed_number": "+13"}
            """,
            ServedCall
        },
        {
            "a chat",
            """
            "event_type": "chat", "occurred_at": "2022-02-18T15:14:42.000Z", "referrer_type": "PAID", "referrer_source": "www.example.com",
            "chat": {"lead_type": "Service", "provider": "Other Chats", "referring_url": "http://fifa.com/catarina", "summary": "They\ntalked", "transcript": [
                {"id": 7, "timestamp": "2022-02-18T15:14:42.0009Z", "from": "Agent", "message": "Hi\t\"there\" 🙂"},
                    {"id": "b", "timestamp": 1645197282.50}, {"message": "third"}]}
            """,
            ServedChat
        },
        {
            "a chat with the seed's spelling of from",
            """
            "event_type": "chat", "occurred_at": "2022-02-18T15:14:42.000Z", "referrer_type": "PAID", "referrer_source": "www.example.com",
            "chat": {"lead_type": "Service", "provider": "Other Chats", "referring_url": "http://fifa.com/catarina", "summary": "They\ntalked", "transcript": [
                {"id": 7, "timestamp": "2022-02-18T15:14:42.0009Z", "form": "Agent", "message": "Hi\t\"there\" 🙂"},
                    {"id": "b", "timestamp": 1645197282.50}, {"message": "third"}]}
            """,
            ServedChat
        },
        {
            "a form",
            $$"""
            "event_type": "form", "occurred_at": "2022-02-18T15:14:42.000Z", "referrer_type": "PAID", "referrer_source": "www.example.com",
            "form": {"referring_url": "http://f.example", "subject": "Re: boats \"ü\"", "full_message": "all\r\nof it", "message": "it", "extra_fields": {{ExtraFields}}}
            """,
            $$"""
            "event_type": "FormEvent",
                "form": {"referring_url": "http://f.example", "subject": "Re: boats \"ü\"", "full_message": "all\r\nof it", "message": "it", "conversation_id": "c-1",
                "extra_fields": {{ExtraFields}}}
            """
        },
        {
            "a booking",
            $$"""
            "event_type": "booking", "occurred_at": "2022-02-18T15:14:42.000Z", "referrer_type": "PAID",
            "referrer_source": "www.example.com",
            "booking": {"booking_id": "b-1", "extra_fields": {{ExtraFields}}}
            """,
            $$"""
            "event_type": "BookingEvent", "booking": {"booking_id": "b-1", "extra_fields": {{ExtraFields}}}
            """
        },
        {
            "a lead of Local Services",
            """
            "event_type": "lsa", "occurred_at": "2022-02-18T15:14:42.000Z", "referrer_type": "PAID", "referrer_source": "www.example.com",
            "lsa": {"charged": 1, "customer_name": "Zoë", "lead_type": "PHONE_CALL", "lead_price": 12}
            """,
            """
            "event_type": "LsaEvent", "lsa": {"charged": 1, "customer_name": "Zoë", "lead_type": "PHONE_CALL", "lead_price": 12}
            """
        },
        {
            "a first-party event",
            $$"""
            "event_type": "fpd", "occurred_at": "2022-02-18T15:14:42.000Z", "referrer_type": "PAID", "referrer_source": "www.example.com",
            "fpd": {"extra_fields": {{ExtraFields}}}
            """,
            $$"""
            "event_type": "FpdEvent", "fpd": {"extra_fields": {{ExtraFields}}}
            """
        },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task Every_field_comes_back_as_it_was_given(string what, string given, string served)
    {
        _ = what;
        await using var node = await LipsNode.StartAsync();

        var answer = (await node.Client
            .SendAsync(HttpMethod.Post, Records.One, $$"""{"contact_interaction": { {{Common}} {{given}}, {{Contact}} } }""")).Is(201);

        AssertServed($"{{ {Served}, {served} }}", answer);
        AssertServed($"{{ {Served}, {served} }}", await node.Client.GetAnswerAsync($"/contact_interactions/{answer.Json.Id()}"));
    }

    [Theory]
    [InlineData(
        "CallEvent",
        """ "call": {"recording_url": null, "call_recording_url": null, "duration": null, "call_duration": null, "target_number": null, "caller_number": null, "dialed_number": null} """)]
    [InlineData(
        "FormEvent",
        """ "form": {"referring_url": null, "subject": null, "full_message": null, "message": null, "conversation_id": null, "extra_fields": null} """)]
    [InlineData(
        "ChatEvent", """ "chat": {"lead_type": null, "provider": "Apex", "referring_url": null, "summary": null, "transcript": []} """)]
    [InlineData("BookingEvent", """ "booking": {"booking_id": "", "extra_fields": null} """)]
    [InlineData("LsaEvent", """ "lsa": {"charged": 0, "customer_name": null, "lead_type": null, "lead_price": null} """)]
    [InlineData("FpdEvent", """ "fpd": {"extra_fields": null} """)]
    public async Task What_is_not_given_is_null_or_its_default(string type, string part)
    {
        var before = DateTime.UtcNow.AddMilliseconds(-1);
        var answer = (await client.SendOneAsync(Records.Of("TEST_3", type))).Is(201);

        var createdAt = answer.Json["created_at"]!.GetValue<DateTime>();
        Assert.InRange(createdAt, before, DateTime.UtcNow);
        AssertServed(
            $$"""
            {
                "campaign_name": null, "global_master_advertiser_id": "TEST_3", "global_master_campaign_id": null,
                "master_advertiser_id": 3,
                "master_campaign_id": null, "platform_id": 7, "platform": "TEST", "sub_type": null, "referrer_type": "UNKNOWN",
                "referrer_source": "",
                "influencing_campaign": null, "notes": null, "created_at": "{{answer.Json["created_at"]}}",
                "occurred_at": "2021-09-06T16:16:08.000Z",
                "occured_at": "2021-09-06T16:16:08.000Z", "channel": null, "event_type": "{{type}}", "external_source": "", "page_url": "",
                "important": false, "important_at": null, "read": false, "read_at": null, "archived_at": null, "tags": [], "wpc_id": null,
                    "visitor_id": null, "conversation_id": null,
                "external_id": null, "external_app_id": null,
                "contact": {"first_name": null, "last_name": null, "display_name": null, "email": null, "company": null, "title": null,
                "phone_numbers": [],
                    "created_at": "{{answer.Json["created_at"]}}"},
                {{part}}
            }
            """,
            answer);
    }

    private static void AssertServed(string expected, Answer answer)
    {
        var served = JsonNode.Parse(answer.Body)!.AsObject();
        Assert.True((long?)served["contact"]?["id"] == served.ContactId() && served.Id() > 0, answer.Body);
        served.Remove("id");
        served.Remove("contact_id");
        // When it came in: StateTimesTests.
        if ((bool)served["read"]!)
            Assert.True(served.Remove("read_at") && served.Remove("important_at"), answer.Body);
        served["contact"]!.AsObject().Remove("id");
        Assert.Equal(Sorted(JsonNode.Parse(expected)!), Sorted(served));
    }

    // The order of attributes means nothing in JSON; that of an array does. Numbers are compared by their digits.
    private static string Sorted(JsonNode? json) => json switch
    {
        JsonObject o =>
            "{" + string.Join(",\n", o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"\"{p.Key}\": {Sorted(p.Value)}")) + "}",
        JsonArray a => "[" + string.Join(", ", a.Select(Sorted)) + "]",
        _ => json?.ToJsonString() ?? "null",
    };
}
