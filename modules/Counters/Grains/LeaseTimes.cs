namespace Lips.Counters.Grains;

/// <summary>The times of the lease (build/decisions/0018-lease.md). Every node must have the same.</summary>
internal static class LeaseTimes
{
    /// <summary>L: how long a silo serves from memory after the start of a look that succeeded.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    /// <summary>How long is waited for a lease to be over: a timer may end some milliseconds early.</summary>
    public static readonly TimeSpan Over = Lease + TimeSpan.FromMilliseconds(50);

    /// <summary>How often a silo looks.</summary>
    public static readonly TimeSpan Look = Lease / 4;

    /// <summary>How far back a look sees ended holds.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>The longest time from the append of an ended hold to its commit: a single statement, or the last before a commit.</summary>
    public static readonly TimeSpan LongestAppend = TimeSpan.FromSeconds(20);

    /// <summary>How long a call that reads waits for another silo before it is made again.</summary>
    public const string Read = "00:00:05";

    /// <summary>How long a writer waits for another silo's answer to one call.</summary>
    public const string Answer = "00:00:00.250";
}
