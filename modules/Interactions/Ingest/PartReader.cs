using System.Text.Json;
using Lips.Interactions.Record;
using Lips.Kernel;

namespace Lips.Interactions.Ingest;

/// <summary>What the type-specific object of a record holds.</summary>
/// <param name="Json">The object as it is served, UTF-8: every documented field, in both spellings where there are two.</param>
/// <param name="LeadType">Of a chat.</param>
/// <param name="CallDuration">Of a call, in seconds.</param>
/// <param name="BookingId">Of a booking.</param>
/// <param name="ConversationId">Of any, where the record does not say it itself.</param>
internal sealed record Part(
    byte[] Json, string? LeadType = null, int? CallDuration = null, string? BookingId = null, string? ConversationId = null);

/// <summary>Reads the type-specific object (<c>call</c>, <c>form</c>, …) of a record, by the tables of the seed.</summary>
internal static class PartReader
{
    private const int ShortText = 255;
    private const int UrlText = 8_192;
    private const int MessageText = Requests.MaxRecordBytes;

    private static readonly JsonNames TranscriptNames = new("id", "timestamp", "from", "form", "message");

    /// <summary>Reads the object of a type.</summary>
    /// <param name="record">The record.</param>
    /// <param name="type">The type.</param>
    /// <param name="conversationId">What the record says of it; a form serves it too.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static Part Read(JsonFields record, EventType type, string? conversationId, ValidationErrors errors)
    {
        var name = EventTypes.ShortName(type);
        var given = record.Raw(name);
        if (given is { ValueKind: not JsonValueKind.Object })
        {
            record.Wrong(name, "must be an object");
            given = null;
        }

        var fields = new JsonFields(given ?? EmptyObject, errors, name + ".");
        fields.CheckNames(NamesOf(type));
        var part = new Part([]);
        var json = JsonScratch.Write(json =>
        {
            json.WriteStartObject();
            part = type switch
            {
                EventType.Call => Call(fields, json),
                EventType.Form => Form(fields, json, conversationId),
                EventType.Chat => Chat(fields, json, errors),
                EventType.Booking => Booking(fields, json),
                EventType.Lsa => Lsa(fields, json),
                _ => Fpd(fields, json),
            };
            json.WriteEndObject();
        });
        return part with { Json = json, ConversationId = part.ConversationId ?? conversationId };
    }

    private static JsonNames NamesOf(EventType type) => type switch
    {
        EventType.Call => CallNames,
        EventType.Form => FormNames,
        EventType.Chat => ChatNames,
        EventType.Booking => BookingNames,
        EventType.Lsa => LsaNames,
        _ => FpdNames,
    };

    private static readonly JsonElement EmptyObject = JsonDocument.Parse("{}").RootElement;

    private static readonly JsonNames CallNames = new(
        "recording_url", "call_recording_url", "duration", "call_duration", "target_number", "caller_number", "dialed_number");

    private static Part Call(JsonFields fields, Utf8JsonWriter json)
    {
        var recording = fields.Text(fields.Spelled("recording_url", "call_recording_url"), UrlText);
        var duration = fields.Integer(fields.Spelled("duration", "call_duration"), 0, int.MaxValue);
        json.WriteString("recording_url"u8, recording);
        json.WriteString("call_recording_url"u8, recording);
        WriteNumber(json, "duration", duration);
        WriteNumber(json, "call_duration", duration);
        json.WriteString("target_number"u8, fields.Name("target_number", ShortText));
        json.WriteString("caller_number"u8, fields.Name("caller_number", ShortText));
        json.WriteString("dialed_number"u8, fields.Name("dialed_number", ShortText));
        return new Part([], CallDuration: duration);
    }

    private static readonly JsonNames FormNames = new(
        "referring_url", "subject", "full_message", "message", "conversation_id", "extra_fields");

    private static Part Form(JsonFields fields, Utf8JsonWriter json, string? conversationId)
    {
        var ownConversationId = fields.IdText("conversation_id", ShortText);
        if (ownConversationId is not null && conversationId is not null && ownConversationId != conversationId)
            fields.Wrong("conversation_id", "must be the same as conversation_id outside");
        json.WriteString("referring_url"u8, fields.Text("referring_url", UrlText));
        json.WriteString("subject"u8, fields.Text("subject", MessageText));
        json.WriteString("full_message"u8, fields.Text("full_message", MessageText));
        json.WriteString("message"u8, fields.Text("message", MessageText));
        json.WriteString("conversation_id"u8, conversationId ?? ownConversationId);
        WriteExtraFields(fields, json);
        return new Part([], ConversationId: ownConversationId);
    }

    private static readonly JsonNames ChatNames = new("lead_type", "provider", "referring_url", "summary", "transcript");

    private static Part Chat(JsonFields fields, Utf8JsonWriter json, ValidationErrors errors)
    {
        var leadType = fields.Text("lead_type", ShortText);
        json.WriteString("lead_type"u8, leadType);
        json.WriteString("provider"u8, fields.Text("provider", ShortText) is { Length: > 0 } provider ? provider : "Apex");
        json.WriteString("referring_url"u8, fields.Text("referring_url", UrlText));
        json.WriteString("summary"u8, fields.Text("summary", MessageText));
        json.WriteStartArray("transcript"u8);
        if (fields.Raw("transcript") is { ValueKind: JsonValueKind.Array } transcript)
        {
            var position = 0;
            foreach (var line in transcript.EnumerateArray())
                WriteTranscriptLine(line, ++position, json, errors);
        }
        else if (fields.Raw("transcript") is not null)
        {
            fields.Wrong("transcript", "must be an array of objects with id, timestamp, from and message");
        }

        json.WriteEndArray();
        return new Part([], LeadType: leadType);
    }

    private static void WriteTranscriptLine(JsonElement line, int position, Utf8JsonWriter json, ValidationErrors errors)
    {
        if (line.ValueKind != JsonValueKind.Object)
        {
            errors.Add("chat.transcript", "must be an array of objects with id, timestamp, from and message");
            return;
        }

        var fields = new JsonFields(line, errors, "chat.transcript.");
        fields.CheckNames(TranscriptNames);
        var from = fields.Text(fields.Spelled("from", "form"), ShortText) ?? "";
        json.WriteStartObject();
        // The id is sequential within the interaction; one that is missing is its place.
        if (fields.Raw("id") is not { ValueKind: JsonValueKind.String })
            json.WriteNumber("id"u8, fields.Integer("id", 0, int.MaxValue) ?? position);
        else if (fields.Name("id", ShortText) is { } id)
            json.WriteString("id"u8, id);
        else
            json.WriteNumber("id"u8, position);
        WriteTimestamp(fields, json);
        json.WriteString("from"u8, from);
        json.WriteString("form"u8, from);
        json.WriteString("message"u8, fields.Text("message", MessageText) ?? "");
        json.WriteEndObject();
    }

    // The chat's own, as it came: what it means is known there alone.
    private static void WriteTimestamp(JsonFields line, Utf8JsonWriter json)
    {
        json.WritePropertyName("timestamp"u8);
        if (line.Raw("timestamp") is { ValueKind: JsonValueKind.Number } number)
        {
            json.WriteRawValue(number.GetRawText(), skipInputValidation: true);
            return;
        }

        if (line.Raw("timestamp") is { ValueKind: not JsonValueKind.String })
            line.Wrong("timestamp", "must be a string or a number");
        else if (line.Text("timestamp", ShortText) is { } text)
        {
            json.WriteStringValue(text);
            return;
        }

        json.WriteNullValue();
    }

    private static readonly JsonNames BookingNames = new("booking_id", "extra_fields");

    private static Part Booking(JsonFields fields, Utf8JsonWriter json)
    {
        var id = fields.IdText("booking_id", ShortText);
        json.WriteString("booking_id"u8, id ?? "");
        WriteExtraFields(fields, json);
        return new Part([], BookingId: id);
    }

    private static readonly JsonNames LsaNames = new("charged", "customer_name", "lead_type", "lead_price");

    private static Part Lsa(JsonFields fields, Utf8JsonWriter json)
    {
        json.WriteNumber("charged"u8, fields.Integer("charged", 0, 1) ?? 0);
        json.WriteString("customer_name"u8, fields.Text("customer_name", ShortText));
        json.WriteString("lead_type"u8, fields.Text("lead_type", ShortText));
        WriteNumber(json, "lead_price", fields.Integer("lead_price", 0, int.MaxValue));
        return new Part([]);
    }

    private static readonly JsonNames FpdNames = new("extra_fields");

    private static Part Fpd(JsonFields fields, Utf8JsonWriter json)
    {
        WriteExtraFields(fields, json);
        return new Part([]);
    }

    private static void WriteExtraFields(JsonFields fields, Utf8JsonWriter json)
    {
        json.WritePropertyName("extra_fields"u8);
        if (fields.Raw("extra_fields") is not { } extra)
            json.WriteNullValue();
        else if (extra.ValueKind == JsonValueKind.Object && TryWrite(extra, json))
            return;
        else
            fields.Wrong("extra_fields", "must be an object whose strings have no NUL character and no half surrogate pair");
    }

    // Copies a value as it is, numbers to the digit. On false the writer is left amid a value: its bytes are of no use, the errors are.
    private static bool TryWrite(JsonElement value, Utf8JsonWriter json)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    if (JsonFields.NameOf(property) is not { } name || name.Contains('\0', StringComparison.Ordinal))
                        return false;
                    json.WritePropertyName(name);
                    if (!TryWrite(property.Value, json))
                        return false;
                }

                json.WriteEndObject();
                return true;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    if (!TryWrite(item, json))
                        return false;
                }

                json.WriteEndArray();
                return true;
            case JsonValueKind.String:
                if (JsonFields.TextOf(value) is not { } text || text.Contains('\0', StringComparison.Ordinal))
                    return false;
                json.WriteStringValue(text);
                return true;
            default:
                json.WriteRawValue(value.GetRawText(), skipInputValidation: true);
                return true;
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
