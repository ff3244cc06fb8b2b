using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lips.Demo;

/// <summary>One line of the bulk endpoint, with the field names of its contract; what is null is left out.</summary>
internal sealed class DemoInteraction
{
    public required string GlobalMasterAdvertiserId { get; init; }
    public required string ExternalAppId { get; init; }
    public required string ExternalId { get; init; }
    public string? GlobalMasterCampaignId { get; set; }
    public string? CampaignName { get; set; }
    public required string EventType { get; init; }
    public required string SubType { get; set; }
    public string? ReferrerType { get; set; }
    public string? ReferrerSource { get; set; }
    public string? InfluencingCampaign { get; set; }
    public string? Notes { get; set; }
    public DateTime CreatedAt { get; set; }
    public required DateTime OccurredAt { get; init; }
    public string? Channel { get; set; }
    public string? ExternalSource { get; set; }
    public string? ContactExternalSource { get; set; }
    public string? PageUrl { get; set; }
    public bool Important { get; set; }
    public bool Read { get; set; }
    public DateTime? ArchivedAt { get; set; }
    public IReadOnlyList<string>? Tags { get; set; }
    public string? WpcId { get; set; }
    public string? VisitorId { get; set; }
    public string? ConversationId { get; set; }
    public required DemoContact Contact { get; init; }
    public DemoCall? Call { get; set; }
    public DemoBooking? Booking { get; set; }
    public DemoLsa? Lsa { get; set; }
    public DemoForm? Form { get; set; }
    public DemoChat? Chat { get; set; }
    public DemoFpd? Fpd { get; set; }
}

internal sealed class DemoContact
{
    public string? FirstName { get; set; }
    public string? LastName { get; set; }
    public string? DisplayName { get; set; }
    public string? Email { get; set; }
    public string? Company { get; set; }
    public string? Title { get; set; }
    public IReadOnlyList<DemoPhoneNumber> PhoneNumbers { get; set; } = [];
    public DateTime? CreatedAt { get; set; }
}

internal sealed record DemoPhoneNumber(string PhoneType, string PhoneNumber);

internal sealed record DemoCall(string? RecordingUrl, int Duration, string TargetNumber, string? CallerNumber, string DialedNumber);

internal sealed record DemoBooking(string BookingId, OrderedDictionary<string, string> ExtraFields);

internal sealed record DemoLsa(int Charged, string? CustomerName, string LeadType, int? LeadPrice);

internal sealed record DemoForm(string? ReferringUrl, string FullMessage, string? Message, OrderedDictionary<string, string>? ExtraFields);

internal sealed record DemoChat(string? LeadType, string? Provider, string ReferringUrl, IReadOnlyList<DemoChatLine> Transcript);

internal sealed record DemoChatLine(int Id, DateTime Timestamp, string From, string Message);

internal sealed record DemoFpd(OrderedDictionary<string, string> ExtraFields);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(DemoTimeConverter)])]
[JsonSerializable(typeof(DemoInteraction))]
internal sealed partial class DemoJson : JsonSerializerContext
{
    /// <summary>Names and messages as UTF-8 letters; the default encoder would spell "é" in six characters.</summary>
    public static readonly JsonWriterOptions Writer = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };
}

/// <summary>UTC with exactly three decimals, the contract's form; the default one drops trailing zeros.</summary>
internal sealed class DemoTimeConverter : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTime.Parse(reader.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[24];
        value.TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}
