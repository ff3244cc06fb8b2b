using Lips.Kernel;

namespace Lips.Counters.Contracts;

/// <summary>What interactions add up to: by event type, in all and unread; by channel; and how many are important.</summary>
public sealed class Counts
{
    private readonly long[] channels = new long[6];
    private readonly long[] unreadChannels = new long[6];
    private EventCounts totals;
    private EventCounts unread;

    /// <summary>All interactions.</summary>
    public EventCounts Totals => totals;

    /// <summary>Those that are unread.</summary>
    public EventCounts Unread => unread;

    /// <summary>How many interactions there are.</summary>
    public long Events => totals.Events;

    /// <summary>How many of them are important: where a list sorted by importance changes from one half to the other.</summary>
    public long Important { get; private set; }

    /// <summary>How many of them are of a channel.</summary>
    public long Of(Channel channel) => channels[(int)channel];

    /// <summary>How many unread ones of them are of a channel.</summary>
    public long UnreadOf(Channel channel) => unreadChannels[(int)channel];

    /// <summary>Adds interactions of one kind and channel.</summary>
    /// <param name="kind">Their kind.</param>
    /// <param name="channel">Their channel.</param>
    /// <param name="count">How many they are.</param>
    /// <param name="unreadCount">How many of them are unread.</param>
    /// <param name="importantCount">How many of them are important.</param>
    public void Add(EventKind kind, Channel channel, long count, long unreadCount, long importantCount)
    {
        Add(kind, count, unreadCount);
        Add(channel, count, unreadCount);
        AddImportant(importantCount);
    }

    internal void Add(EventKind kind, long count, long unreadCount)
    {
        totals.Add(kind, count);
        unread.Add(kind, unreadCount);
    }

    internal void Add(Channel channel, long count, long unreadCount)
    {
        channels[(int)channel] += count;
        unreadChannels[(int)channel] += unreadCount;
    }

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
        {
            channels[channel] += others.channels[channel];
            unreadChannels[channel] += others.unreadChannels[channel];
        }

        return this;
    }
}

/// <summary>Interactions by event type. Every one counts in <see cref="Events"/>; FPD events have no number of their own.</summary>
public struct EventCounts
{
    /// <summary>All of them.</summary>
    public long Events { readonly get; private set; }

    /// <summary>Calls.</summary>
    public long Calls { readonly get; private set; }

    /// <summary>Forms of every sub type.</summary>
    public long Forms { readonly get; private set; }

    /// <summary>Chats of every lead type.</summary>
    public long Chats { readonly get; private set; }

    /// <summary>Bookings.</summary>
    public long Bookings { readonly get; private set; }

    /// <summary>Local Services leads.</summary>
    public long Lsas { readonly get; private set; }

    internal void Add(EventKind kind, long count)
    {
        Events += count;
        switch (kind)
        {
            case EventKind.Call:
                Calls += count;
                break;
            case >= EventKind.FormDiyPost and <= EventKind.FormRest:
                Forms += count;
                break;
            case >= EventKind.ChatSales and <= EventKind.ChatRest:
                Chats += count;
                break;
            case EventKind.Booking:
                Bookings += count;
                break;
            case EventKind.Lsa:
                Lsas += count;
                break;
        }
    }

    internal void Add(in EventCounts others)
    {
        Events += others.Events;
        Calls += others.Calls;
        Forms += others.Forms;
        Chats += others.Chats;
        Bookings += others.Bookings;
        Lsas += others.Lsas;
    }
}
