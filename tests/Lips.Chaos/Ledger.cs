using System.Collections.Concurrent;

namespace Lips.Chaos;

/// <summary>What was begun and what was acknowledged, of one advertiser.</summary>
/// <param name="number">Of the advertiser, from 1 on.</param>
internal sealed class Account(int number)
{
    private int begun;
    private int acknowledged;
    private int readBegun;
    private int readAcknowledged;

    /// <summary>The advertiser, as in an address.</summary>
    public string Advertiser { get; } = $"USA_{number}";

    /// <summary>The advertiser, as in the database.</summary>
    public long Key { get; } = 1_000_000_000_000 + number;

    /// <summary>The external ids whose bringing in has begun.</summary>
    public ConcurrentDictionary<string, bool> Known { get; } = new(StringComparer.Ordinal);

    /// <summary>For how long no read, and no change, of it was answered.</summary>
    public Gap Reads { get; } = new();

    /// <inheritdoc cref="Reads"/>
    public Gap Writes { get; } = new();

    public int Begun => Volatile.Read(ref begun);

    public int Acknowledged => Volatile.Read(ref acknowledged);

    /// <summary>What a read must not be below, and not above, if it began now and ended now.</summary>
    public Bounds Now => new(
        Volatile.Read(ref acknowledged), Volatile.Read(ref begun), Volatile.Read(ref readAcknowledged), Volatile.Read(ref readBegun));

    public void Begin(string id)
    {
        Known[id] = false;
        Interlocked.Increment(ref begun);
        Writes.Asked();
    }

    public void Acknowledge(string id)
    {
        Known[id] = true;
        Interlocked.Increment(ref acknowledged);
        Writes.Answered();
    }

    public void BeginRead() => Interlocked.Increment(ref readBegun);

    public void AcknowledgeRead() => Interlocked.Increment(ref readAcknowledged);

    /// <summary>One acknowledgement that never was: a read after it must be found stale.</summary>
    public void Lie() => Interlocked.Increment(ref acknowledged);
}

/// <summary>The counters at one moment.</summary>
internal readonly record struct Bounds(int Acknowledged, int Begun, int ReadAcknowledged, int ReadBegun);

/// <summary>How long somebody asked and nobody was answered. Pauses of the clients themselves are not counted.</summary>
internal sealed class Gap
{
    private readonly Lock guard = new();
    private long? asked;
    private long longest;

    /// <summary>Somebody asks. What was asked before the last answer does not count: others were answered meanwhile.</summary>
    public void Asked()
    {
        lock (guard)
            asked ??= Environment.TickCount64;
    }

    public void Answered()
    {
        lock (guard)
            (longest, asked) = (Math.Max(longest, Lasting), null);
    }

    /// <summary>The longest gap in milliseconds since the last call, one that lasts included.</summary>
    public long Take()
    {
        lock (guard)
        {
            var taken = Math.Max(longest, Lasting);
            (longest, asked) = (0, asked is null ? null : Environment.TickCount64);
            return taken;
        }
    }

    private long Lasting => asked is { } since ? Environment.TickCount64 - since : 0;
}

/// <summary>An interaction that one worker alone changes, so that what was acknowledged last is what it must be.</summary>
internal sealed class Toggled
{
    public required long Id { get; init; }

    public bool Read { get; set; }

    public bool Important { get; set; }

    public string? Notes { get; set; }

    public bool Archived { get; set; }
}

/// <summary>What was promised to clients, against which everything is checked.</summary>
/// <param name="advertisers">How many.</param>
internal sealed class Ledger(int advertisers)
{
    private int stale;
    private int @checked;

    public IReadOnlyList<Account> Accounts { get; } = [.. Enumerable.Range(1, advertisers).Select(number => new Account(number))];

    public ConcurrentBag<Toggled> Toggled { get; } = [];

    /// <summary>What was seen of the first advertiser's change feed.</summary>
    public ConcurrentDictionary<string, bool> Fed { get; } = new(StringComparer.Ordinal);

    /// <summary>How many answers were checked.</summary>
    public int Checked => @checked;

    /// <summary>Answers that were older than what had been acknowledged, or newer than what had begun.</summary>
    public int Stale => stale;

    /// <summary>The first of those.</summary>
    public ConcurrentQueue<string> Findings { get; } = new();

    /// <summary>Checks an answer's figures against the moments before the request and after the answer.</summary>
    public void Check(string what, int events, int unread, Bounds before, Bounds after)
    {
        Interlocked.Increment(ref @checked);
        if (events >= before.Acknowledged && events <= after.Begun
            && unread >= before.Acknowledged - after.ReadBegun && unread <= after.Begun - before.ReadAcknowledged)
            return;
        Interlocked.Increment(ref stale);
        Find($"{what}: {events} events and {unread} unread, with {before} before and {after} after");
    }

    public void GoesBack(string what)
    {
        Interlocked.Increment(ref stale);
        Find(what);
    }

    public void Find(string what)
    {
        if (Findings.Count >= 20)
            return;
        Findings.Enqueue(what);
        Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {what}");
    }
}
