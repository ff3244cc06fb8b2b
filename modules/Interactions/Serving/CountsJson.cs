using System.Text.Json;
using Lips.Counters.Contracts;
using Lips.Kernel;

namespace Lips.Interactions.Serving;

/// <summary><c>totals</c>, <c>unread</c> and <c>channel</c> as they are served (contract section 6).</summary>
internal static class CountsJson
{
    /// <summary>Writes the body of the totals: an object with the three.</summary>
    public static void WriteObject(Utf8JsonWriter json, Counts counts)
    {
        json.WriteStartObject();
        Write(json, counts);
        json.WriteEndObject();
    }

    /// <summary>Writes the three into an object that is open.</summary>
    public static void Write(Utf8JsonWriter json, Counts counts)
    {
        Write(json, Names.Totals, counts.Totals);
        Write(json, Names.Unread, counts.Unread);
        json.WriteStartObject(Names.Channel);
        json.WriteNumber(Names.Channels, counts.Events);
        json.WriteNumber(Names.Display, counts.Of(Channel.Display));
        json.WriteNumber(Names.Search, counts.Of(Channel.Search));
        json.WriteNumber(Names.Social, counts.Of(Channel.Social));
        json.WriteNumber(Names.Chat, counts.Of(Channel.Chat));
        json.WriteNumber(Names.Other, counts.Of(Channel.Other));
        json.WriteNumber(Names.None, counts.Of(Channel.None));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, JsonEncodedText name, in EventCounts counts)
    {
        json.WriteStartObject(name);
        json.WriteNumber(Names.Events, counts.Events);
        json.WriteNumber(Names.CallEvents, counts.Calls);
        json.WriteNumber(Names.FormEvents, counts.Forms);
        json.WriteNumber(Names.ChatEvents, counts.Chats);
        json.WriteNumber(Names.BookingEvents, counts.Bookings);
        json.WriteNumber(Names.LsaEvents, counts.Lsas);
        json.WriteEndObject();
    }

    // Encoded once: the writer would look each time whether there is something to escape.
    private static class Names
    {
        public static readonly JsonEncodedText Totals = JsonEncodedText.Encode("totals");
        public static readonly JsonEncodedText Unread = JsonEncodedText.Encode("unread");
        public static readonly JsonEncodedText Channel = JsonEncodedText.Encode("channel");
        public static readonly JsonEncodedText Channels = JsonEncodedText.Encode("channels");
        public static readonly JsonEncodedText Display = JsonEncodedText.Encode("display");
        public static readonly JsonEncodedText Search = JsonEncodedText.Encode("search");
        public static readonly JsonEncodedText Social = JsonEncodedText.Encode("social");
        public static readonly JsonEncodedText Chat = JsonEncodedText.Encode("chat");
        public static readonly JsonEncodedText Other = JsonEncodedText.Encode("other");
        public static readonly JsonEncodedText None = JsonEncodedText.Encode("none");
        public static readonly JsonEncodedText Events = JsonEncodedText.Encode("events");
        public static readonly JsonEncodedText CallEvents = JsonEncodedText.Encode("call_events");
        public static readonly JsonEncodedText FormEvents = JsonEncodedText.Encode("form_events");
        public static readonly JsonEncodedText ChatEvents = JsonEncodedText.Encode("chat_events");
        public static readonly JsonEncodedText BookingEvents = JsonEncodedText.Encode("booking_events");
        public static readonly JsonEncodedText LsaEvents = JsonEncodedText.Encode("lsa_events");
    }
}
