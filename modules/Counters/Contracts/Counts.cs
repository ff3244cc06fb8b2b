using System.Text.Json;

namespace Lips.Counters.Contracts;

/// <summary>
/// <c>totals</c>, <c>unread</c> and <c>channel</c> of contract section 6. Every event counts in <c>events</c> and <c>channels</c>; FPD events have no
/// number of their own.
/// </summary>
public sealed class Counts
{
    private readonly Numbers totals = new();
    private readonly Numbers unread = new();
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
        totals.WriteTo(json, "totals"u8);
        unread.WriteTo(json, "unread"u8);
        json.WriteStartObject("channel"u8);
        json.WriteNumber("channels"u8, totals.Events);
        json.WriteNumber("display"u8, channels[(int)Channel.Display]);
        json.WriteNumber("search"u8, channels[(int)Channel.Search]);
        json.WriteNumber("social"u8, channels[(int)Channel.Social]);
        json.WriteNumber("chat"u8, channels[(int)Channel.Chat]);
        json.WriteNumber("other"u8, channels[(int)Channel.Other]);
        json.WriteNumber("none"u8, channels[(int)Channel.None]);
        json.WriteEndObject();
    }

    private sealed class Numbers
    {
        private long calls;
        private long forms;
        private long chats;
        private long bookings;
        private long lsas;

        public long Events { get; private set; }

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

        public void Add(Numbers others)
        {
            Events += others.Events;
            calls += others.calls;
            forms += others.forms;
            chats += others.chats;
            bookings += others.bookings;
            lsas += others.lsas;
        }

        public void WriteTo(Utf8JsonWriter json, ReadOnlySpan<byte> name)
        {
            json.WriteStartObject(name);
            json.WriteNumber("events"u8, Events);
            json.WriteNumber("call_events"u8, calls);
            json.WriteNumber("form_events"u8, forms);
            json.WriteNumber("chat_events"u8, chats);
            json.WriteNumber("booking_events"u8, bookings);
            json.WriteNumber("lsa_events"u8, lsas);
            json.WriteEndObject();
        }
    }
}
