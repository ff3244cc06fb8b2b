namespace Lips.Kernel;

/// <summary>
/// Compares what is kept twice of an advertiser's record, and makes it equal again: for after changes that were made by hand in SQL.
/// </summary>
public interface IRecordCheck
{
    /// <summary>What differs, a line each, of one short snapshot.</summary>
    Task<IReadOnlyList<string>> VerifyAsync(GlobalId advertiser, CancellationToken cancellation);

    /// <summary>Mends what differs, under the advertiser's lock; its other writers wait, readers do not.</summary>
    /// <returns>How much was wrong.</returns>
    Task<int> RebuildAsync(GlobalId advertiser, CancellationToken cancellation);
}
