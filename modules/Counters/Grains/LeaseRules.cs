namespace Lips.Counters.Grains;

/// <summary>
/// The rules that tests switch off one by one, to see that a read is stale without them. In the product all are kept.
/// </summary>
internal sealed record LeaseRules
{
    /// <summary>All of them.</summary>
    public static readonly LeaseRules All = new();

    /// <summary>A hold that took over from another answers writers only L after.</summary>
    public bool WaitTake { get; init; } = true;

    /// <summary>A hold that does not answer is ended in the database.</summary>
    public bool Signal { get; init; } = true;

    /// <summary>And nothing is acknowledged until L after that.</summary>
    public bool WaitSignal { get; init; } = true;

    /// <summary>A change that changes nothing tells the hold, too.</summary>
    public bool NoopTells { get; init; } = true;

    /// <summary>Memory below a version that was told is not served.</summary>
    public bool Floor { get; init; } = true;

    /// <summary>The lease counts from the start of a look, not from its answer.</summary>
    public bool LeaseStart { get; init; } = true;

    /// <summary>The lease is judged by the wall clock, too.</summary>
    public bool Wall { get; init; } = true;

    /// <summary>A hold stops serving before it is given back.</summary>
    public bool StopFirst { get; init; } = true;

    /// <summary>A read shares only a query that is sent after it arrived.</summary>
    public bool FreshQuery { get; init; } = true;
}
