namespace Lips.Counters.Grains;

/// <summary>
/// The rules that tests switch off one by one, to see that a read is stale without them. In the product all are kept.
/// </summary>
internal sealed class LeaseRules
{
    /// <summary>All of them.</summary>
    public static LeaseRules All => new();

    /// <summary>A hold that took over from another answers writers only L after.</summary>
    public bool WaitTake { get; set; } = true;

    /// <summary>A hold that does not answer is ended in the database.</summary>
    public bool Signal { get; set; } = true;

    /// <summary>And nothing is acknowledged until L after that.</summary>
    public bool WaitSignal { get; set; } = true;

    /// <summary>A change that changes nothing tells the hold, too.</summary>
    public bool NoopTells { get; set; } = true;

    /// <summary>Memory below a version that was told is not served.</summary>
    public bool Floor { get; set; } = true;

    /// <summary>The lease counts from the start of a look, not from its answer.</summary>
    public bool LeaseStart { get; set; } = true;

    /// <summary>The lease is judged by the wall clock, too.</summary>
    public bool Wall { get; set; } = true;

    /// <summary>A hold stops serving before it is given back.</summary>
    public bool StopFirst { get; set; } = true;

    /// <summary>A read shares only a query that is sent after it arrived.</summary>
    public bool FreshQuery { get; set; } = true;
}
