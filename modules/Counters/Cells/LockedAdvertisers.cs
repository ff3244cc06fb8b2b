using Lips.Counters.Grains;
using Npgsql;

namespace Lips.Counters.Cells;

/// <summary>What a writer knows of the advertisers that it has locked.</summary>
internal sealed class LockedAdvertisers
{
    private readonly Dictionary<long, (long Version, bool IsOfThisRun)> versions = [];
    private readonly Dictionary<long, Holder> holders = [];
    private TimeSpan upTime = TimeSpan.MaxValue;

    /// <summary>How many there are.</summary>
    public int Count => versions.Count;

    /// <summary>All of them.</summary>
    public IEnumerable<long> Advertisers => versions.Keys;

    /// <summary>
    /// How long nothing may be acknowledged, because silos may still serve what an earlier history of the database had: rule `quiet`.
    /// </summary>
    public TimeSpan Quiet => upTime < LeaseTimes.Lease ? LeaseTimes.Over - upTime : TimeSpan.Zero;

    /// <summary>Whether an advertiser is locked.</summary>
    public bool Contains(long advertiser) => versions.ContainsKey(advertiser);

    /// <summary>The version that the writer found.</summary>
    public long VersionOf(long advertiser) => versions[advertiser].Version;

    /// <summary>Whether that version was written since the server started.</summary>
    public bool IsOfThisRun(long advertiser) => versions[advertiser].IsOfThisRun;

    /// <summary>Who holds the advertiser's counters; null for nobody.</summary>
    public Holder? HolderOf(long advertiser) => holders.TryGetValue(advertiser, out var holder) ? holder : null;

    /// <summary>Reads two results: the versions of those that are locked, and the holders of these or more.</summary>
    public async Task ReadAsync(NpgsqlDataReader row, CancellationToken cancellation)
    {
        while (await row.ReadAsync(cancellation))
        {
            versions.Add(row.GetInt64(0), (row.GetInt64(1), row.GetBoolean(2)));
            upTime = TimeSpan.FromSeconds(row.GetDouble(3));
        }

        await row.NextResultAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            holders.Add(row.GetInt64(0), new Holder(row.GetInt64(1), row.GetString(2)));
    }
}
