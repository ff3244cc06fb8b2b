namespace Lips.Counters.Tests.Lease;

/// <summary>The rules of the counters' lease. Without any one of them a read may be stale.</summary>
internal enum LeaseRule
{
    /// <summary>A load waits for the advertiser's writers (their lock) before it reads version and cells.</summary>
    Share,

    /// <summary>A writer reads the holder after it has the lock.</summary>
    UnderLock,

    /// <summary>An acknowledgement that changed nothing tells the holder, too.</summary>
    NoopTells,

    /// <summary>The lease counts from the start of the look, not from its end.</summary>
    LeaseStart,

    /// <summary>The lease is judged by the wall clock, too: a suspended machine stops the other.</summary>
    Wall,

    /// <summary>A look reads the log of takes, not just whether the present holder is this silo.</summary>
    Log,

    /// <summary>The hold is silent: "hold revoked" is appended to the log.</summary>
    Signal,

    /// <summary>The hold is silent: acknowledge L after that commit, then remove the row if it still names the hold.</summary>
    WaitSignal,

    /// <summary>A hold that took over from another answers Changed only L after.</summary>
    WaitTake,

    /// <summary>Only the answer of the very holder counts.</summary>
    VeryHolder,

    /// <summary>A leaving grain stops answering before it gives its hold back.</summary>
    StopFirst,

    /// <summary>The epochs of look, load and validation are compared; a grain of another epoch goes.</summary>
    Epoch,

    /// <summary>No successful look for the window: all cells go.</summary>
    Window,

    /// <summary>Loads exclude each other: else two read the same old holder.</summary>
    Excl,

    /// <summary>A look's takes apply to loads in flight, too: the client chooses the hold id.</summary>
    Pending,

    /// <summary>Any old row counts as a take, also one of the own silo or of an older generation.</summary>
    Own,

    /// <summary>A hold is given back only when its wait after taking is over.</summary>
    Settled,

    /// <summary>Giving back compares the hold id, not the silo, and deletes.</summary>
    ReleaseId,

    /// <summary>The very holder is compared by hold id, not by silo and generation.</summary>
    HoldId,

    /// <summary>Changed raises a floor that is kept while a load is in flight, too; below the floor memory is not served.</summary>
    Floor,

    /// <summary>A read shares only a query that is sent after it arrived.</summary>
    FreshQuery,

    /// <summary>
    /// Cells go when the look's answer comes later after the start of the one before than the window less the longest append, not at the
    /// window between starts.
    /// </summary>
    Margin,

    /// <summary>A restored database opens only L after its predecessor closed.</summary>
    Quiet,

    /// <summary>Rows of the log are stamped when they are appended, not at the transaction's start, and committed within A.</summary>
    CommitSoon,
}
