namespace Lips.Counters.Contracts;

/// <summary>Versions of advertisers for a statement of another module, which so learns what snapshot it has read.</summary>
public static class AdvertiserVersions
{
    /// <summary>
    /// A query with one value: which history of the database this is. Versions of two histories (a backup restored to a point in time) cannot be compared.
    /// </summary>
    public const string Epoch = "SELECT concat_ws('/', s.system_identifier, p.timeline_id) FROM pg_control_system() s, pg_control_checkpoint() p";

    /// <summary>A subquery with one value: the versions as a bigint array, in the order of the advertisers; 0 where there is no row.</summary>
    /// <param name="advertisers">The advertisers, as a bigint array parameter such as <c>$1</c>.</param>
    public static string Select(string advertisers) =>
        $"SELECT array_agg(coalesce(v.version, 0) ORDER BY h.place) FROM unnest({advertisers}) WITH ORDINALITY AS h(advertiser, place) LEFT JOIN counters.advertisers v USING (advertiser)";
}
