namespace Lips.Demo;

/// <summary>What the service answered for one advertiser, summed over the requests.</summary>
/// <param name="Advertiser">The global master advertiser id.</param>
/// <param name="Received">Lines that the service read.</param>
/// <param name="Created">Of these, the new ones.</param>
/// <param name="Duplicates">Of these, the ones that were there already.</param>
public sealed record DemoCounts(string Advertiser, long Received, long Created, long Duplicates);

/// <summary>What a load has done.</summary>
/// <param name="Advertisers">One entry for each advertiser, in the order of <see cref="DemoData.Advertisers"/>.</param>
public sealed record DemoResult(IReadOnlyList<DemoCounts> Advertisers)
{
    /// <summary>New interactions over all advertisers: 0 at a second load.</summary>
    public long Created => Advertisers.Sum(advertiser => advertiser.Created);

    /// <summary>Interactions over all advertisers that were there already.</summary>
    public long Duplicates => Advertisers.Sum(advertiser => advertiser.Duplicates);
}

/// <summary>The service refused demo data or some of it; the message is a sentence or two for the person at the keyboard.</summary>
public sealed class DemoException(string message) : Exception(message);
