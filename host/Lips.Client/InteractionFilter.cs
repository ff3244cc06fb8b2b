using System.Text.Json;
using System.Text.Json.Nodes;
using Lips.Client.Sending;

namespace Lips.Client;

/// <summary>Which interactions: those that all of these say. What is null says nothing.</summary>
public sealed record InteractionFilter
{
    /// <summary>The advertisers, such as <c>USA_123</c>.</summary>
    public IReadOnlyList<string>? Advertisers { get; init; }

    /// <summary>The campaigns.</summary>
    public IReadOnlyList<string>? Campaigns { get; init; }

    /// <summary>What a whole day is, as <c>America/New_York</c>; UTC where nothing is said.</summary>
    public string? TimeZone { get; init; }

    /// <summary>From when on: a day (<c>2026-06-01</c>) or an instant in ISO 8601.</summary>
    public string? StartDate { get; init; }

    /// <summary>Until when: a day, which is inside, or an instant.</summary>
    public string? EndDate { get; init; }

    /// <summary>Any of these types: <c>call</c>, <c>form</c>, <c>chat</c>, <c>booking</c>, <c>lsa</c>, <c>fpd</c> and others.</summary>
    public IReadOnlyList<string>? EventTypes { get; init; }

    /// <summary>Any of these channels: <c>search</c>, <c>display</c>, <c>social</c>, <c>chat</c>, <c>other</c>, <c>none</c>.</summary>
    public IReadOnlyList<string>? Channels { get; init; }

    /// <summary>Only calls of at least so many seconds.</summary>
    public int? CallDuration { get; init; }

    /// <summary>Only calls of at most so many seconds: 0 for those that nobody took.</summary>
    public int? MaxCallDuration { get; init; }

    /// <summary>Only what is archived; without it only what is not.</summary>
    public bool? Archived { get; init; }

    /// <summary>Only what is read, or is not.</summary>
    public bool? Read { get; init; }

    /// <summary>Only what is important, or is not.</summary>
    public bool? Important { get; init; }

    /// <summary>The booking.</summary>
    public string? BookingId { get; init; }

    /// <summary>The id where it came from.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The application that it came from.</summary>
    public string? ExternalAppId { get; init; }

    /// <summary>The conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The contact.</summary>
    public long? ContactId { get; init; }

    /// <summary>Any of these tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Any of these numbers of the contact, in any notation.</summary>
    public IReadOnlyList<string>? PhoneNumbers { get; init; }

    /// <summary>Beginnings of words of names, e-mail, company and notes, or digits of a number; 2 to 100 characters.</summary>
    public string? Search { get; init; }

    /// <summary>The filter of an advertiser.</summary>
    public static InteractionFilter Of(params IEnumerable<string> advertisers) => new() { Advertisers = [.. advertisers] };

    /// <summary>As <see cref="InteractionAction.Filter"/> takes it.</summary>
    public IReadOnlyDictionary<string, JsonElement> ToJson()
    {
        var json = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, values, isList) in Parameters())
        {
            JsonNode value = isList ? new JsonArray([.. values.Select(text => JsonValue.Create(text))]) : JsonValue.Create(values[0]);
            using var document = JsonDocument.Parse(value.ToJsonString());
            json[name] = document.RootElement.Clone();
        }

        return json;
    }

    internal Query AddTo(Query query)
    {
        foreach (var (name, values, _) in Parameters())
            query.Add(name, values);
        return query;
    }

    private IEnumerable<(string Name, IReadOnlyList<string> Values, bool IsList)> Parameters()
    {
        (string, IReadOnlyList<string>?, bool)[] all =
        [
            ("global_master_advertiser_id", Advertisers, true),
            ("global_master_campaign_id", Campaigns, true),
            ("time_zone", One(TimeZone), false),
            ("start_date", One(StartDate), false),
            ("end_date", One(EndDate), false),
            ("event_params[phone_numbers]", PhoneNumbers, true),
            ("event_type[]", EventTypes, true),
            ("channel[]", Channels, true),
            ("call_duration", One(CallDuration), false),
            ("max_call_duration", One(MaxCallDuration), false),
            ("archived", One(Archived), false),
            ("read", One(Read), false),
            ("important", One(Important), false),
            ("booking_id", One(BookingId), false),
            ("external_id", One(ExternalId), false),
            ("external_app_id", One(ExternalAppId), false),
            ("conversation_id", One(ConversationId), false),
            ("contact_id", One(ContactId), false),
            ("tags[]", Tags, true),
            ("q", One(Search), false),
        ];
        foreach (var (name, values, isList) in all)
        {
            if (values is { Count: > 0 })
                yield return (name, values, isList);
        }
    }

    private static IReadOnlyList<string>? One(string? text) => text is null ? null : [text];

    private static IReadOnlyList<string>? One(bool? value) => value is { } given ? [given ? "true" : "false"] : null;

    private static IReadOnlyList<string>? One(long? value) =>
        value is { } given ? [given.ToString(System.Globalization.CultureInfo.InvariantCulture)] : null;
}
