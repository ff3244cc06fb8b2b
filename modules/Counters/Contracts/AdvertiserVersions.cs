namespace Lips.Counters.Contracts;

/// <summary>Versions of advertisers for a statement of another module, which so learns what snapshot it has read.</summary>
public static class AdvertiserVersions
{
    /// <summary>
    /// A query with one value: which history of the database this is. Versions of two histories (a backup restored to a point in time)
    /// cannot be compared.
    /// </summary>
    public const string Epoch = "SELECT concat_ws('/', s.system_identifier, p.timeline_id) FROM pg_control_system() s, "
        + "pg_control_checkpoint() p";

    /// <summary>
    /// An expression for the database's run, a bigint. It changes whenever versions may have gone back: with a start of the server (a copy
    /// of the data folder put back), with another database of the same name, with a table made or filled anew. It changes at times when
    /// they have not, too.
    /// </summary>
    public const string Run = $"hashtextextended({RunText}, 0)";

    /// <summary>What <see cref="Run"/> is the hash of. The path of the table's file names the database's oid and the file.</summary>
    internal const string RunText = "concat_ws('/', extract(epoch FROM pg_postmaster_start_time()), "
        + "pg_relation_filepath('counters.advertisers'))";

    /// <summary>An expression for how long the server runs, in seconds: rule `quiet`.</summary>
    internal const string UpTime = "extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8";

    /// <summary>An expression for what <see cref="LiveReading.Epoch"/> is, a text.</summary>
    public static string ReadingEpoch => RunText;

    /// <summary>
    /// A subquery with one value: the run that wrote a version of an advertiser; 0 when that is not known. A version that was seen in one
    /// run and is of another now was lost with a restore, and given out again. Index: runs_pkey.
    /// </summary>
    /// <param name="advertiser">The advertiser, such as <c>$1</c>.</param>
    /// <param name="version">The version.</param>
    public static string RunOf(string advertiser, string version) =>
        $"coalesce((SELECT r.run FROM counters.runs r WHERE r.advertiser = {advertiser} AND r.first_version <= {version} "
            + "ORDER BY r.first_version DESC LIMIT 1), 0)";

    /// <summary>
    /// A query for advertisers of which anything was ever written, ascending: <c>$1</c> is the one behind which they stand, <c>$2</c> how
    /// many there are at most. Index: advertisers_pkey.
    /// </summary>
    /// <param name="among">The advertisers that may be told, as a bigint array parameter; null for all.</param>
    public static string Written(string? among) => among is null
        ? "SELECT a.advertiser FROM counters.advertisers a WHERE a.advertiser > $1 AND a.version > 0 ORDER BY a.advertiser LIMIT $2"
        : $"""
        SELECT h.advertiser FROM unnest({among}) AS h(advertiser)
        WHERE h.advertiser > $1 AND (SELECT v.version FROM counters.advertisers v WHERE v.advertiser = h.advertiser) > 0
        ORDER BY h.advertiser LIMIT $2
        """;

    /// <summary>
    /// A subquery with one value: the versions as a bigint array, in the order of the advertisers; 0 where there is no row. Each is a seek:
    /// a join would read all advertisers in a plan for any values. Index: advertisers_pkey.
    /// </summary>
    /// <param name="advertisers">The advertisers, as a bigint array parameter such as <c>$1</c>.</param>
    public static string Select(string advertisers) =>
        $"""
        SELECT array_agg(coalesce((SELECT v.version FROM counters.advertisers v WHERE v.advertiser = h.advertiser), 0) ORDER BY h.place)
        FROM unnest({advertisers}) WITH ORDINALITY AS h(advertiser, place)
        """;

    /// <summary>As <see cref="Select"/>, of one advertiser.</summary>
    /// <param name="advertiser">The advertiser, such as <c>$1</c>.</param>
    public static string SelectOne(string advertiser) =>
        $"SELECT ARRAY[coalesce((SELECT v.version FROM counters.advertisers v WHERE v.advertiser = {advertiser}), 0)]";
}
