using System.Text.Json;

namespace Lips.Counters.Contracts;

/// <summary>
/// <c>totals</c>, <c>unread</c> and <c>channel</c> of contract section 6. Every event counts in <c>events</c> and <c>channels</c>; FPD events have no
/// number of their own.
/// </summary>
public sealed class Counts
{
    private Numbers totals;
    private Numbers unread;
    private readonly long[] channels = new long[6];

    /// <summary>How many interactions there are.</summary>
    public long Events => totals.Events;

    /// <summary>How many of them are important: where a list sorted by importance changes from one half to the other.</summary>
    public long Important { get; private set; }

    /// <summary>Adds interactions of one kind and channel.</summary>
    /// <param name="kind">Their kind.</param>
    /// <param name="channel">Their channel.</param>
    /// <param name="count">How many they are.</param>
    /// <param name="unreadCount">How many of them are unread.</param>
    /// <param name="importantCount">How many of them are important.</param>
    public void Add(EventKind kind, Channel channel, long count, long unreadCount, long importantCount)
    {
        Add(kind, count, unreadCount);
        Add(channel, count);
        AddImportant(importantCount);
    }

    internal void Add(EventKind kind, long count, long unreadCount)
    {
        totals.Add(kind, count);
        unread.Add(kind, unreadCount);
    }

    internal void Add(Channel channel, long count) => channels[(int)channel] += count;

    internal void AddImportant(long count) => Important += count;

    /// <summary>Adds what was counted elsewhere; nothing of null.</summary>
    public Counts Add(Counts? others)
    {
        if (others is null)
            return this;
        totals.Add(others.totals);
        unread.Add(others.unread);
        Important += others.Important;
        for (var channel = 0; channel < channels.Length; channel++)
            channels[channel] += others.channels[channel];
        return this;
    }

    /// <summary>Writes the three properties into an object that is open.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        totals.WriteTo(json, Names.Totals);
        unread.WriteTo(json, Names.Unread);
        json.WriteStartObject(Names.Channel);
        json.WriteNumber(Names.Channels, totals.Events);
        json.WriteNumber(Names.Display, channels[(int)Channel.Display]);
        json.WriteNumber(Names.Search, channels[(int)Channel.Search]);
        json.WriteNumber(Names.Social, channels[(int)Channel.Social]);
        json.WriteNumber(Names.Chat, channels[(int)Channel.Chat]);
        json.WriteNumber(Names.Other, channels[(int)Channel.Other]);
        json.WriteNumber(Names.None, channels[(int)Channel.None]);
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

    private struct Numbers
    {
        private long calls;
        private long forms;
        private long chats;
        private long bookings;
        private long lsas;

        public long Events { readonly get; private set; }

        public void Add(EventKind kind, long count)
        {
            Events += count;
            switch (kind)
            {
                case EventKind.Call:
                    calls += count;
                    break;
                case >= EventKind.FormDiyPost and <= EventKind.FormRest:
                    forms += count;
                    break;
                case >= EventKind.ChatSales and <= EventKind.ChatRest:
                    chats += count;
                    break;
                case EventKind.Booking:
                    bookings += count;
                    break;
                case EventKind.Lsa:
                    lsas += count;
                    break;
            }
        }

        public void Add(in Numbers others)
        {
            Events += others.Events;
            calls += others.calls;
            forms += others.forms;
            chats += others.chats;
            bookings += others.bookings;
            lsas += others.lsas;
        }

        public readonly void WriteTo(Utf8JsonWriter json, JsonEncodedText name)
        {
            json.WriteStartObject(name);
            json.WriteNumber(Names.Events, Events);
            json.WriteNumber(Names.CallEvents, calls);
            json.WriteNumber(Names.FormEvents, forms);
            json.WriteNumber(Names.ChatEvents, chats);
            json.WriteNumber(Names.BookingEvents, bookings);
            json.WriteNumber(Names.LsaEvents, lsas);
            json.WriteEndObject();
        }
    }
}
