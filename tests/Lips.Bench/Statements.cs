using System.Globalization;

namespace Lips.Bench;

/// <summary>The SQL of the floors.</summary>
internal static class Statements
{
    /// <summary>A copy of what counting needs, with the best index for it: counted by an index-only scan in the order of the index.</summary>
    public const string MakeCovered =
        """
        DROP SCHEMA IF EXISTS bench CASCADE;
        CREATE SCHEMA bench;
        CREATE TABLE bench.covered AS SELECT advertiser, kind, channel, read, archived_at FROM interactions.interactions;
        CREATE INDEX covered_by_advertiser ON bench.covered (advertiser) INCLUDE (kind, channel, read) WHERE archived_at IS NULL
        """;

    /// <summary>Totals, unread and channel of an advertiser, counted.</summary>
    public static string Count(string table, long advertiser) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        SELECT count(*), count(*) FILTER (WHERE kind = 2), count(*) FILTER (WHERE kind BETWEEN 7 AND 13), count(*) FILTER (WHERE kind BETWEEN 3 AND 6),
        count(*) FILTER (WHERE kind = 1), count(*) FILTER (WHERE kind = 15),
        count(*) FILTER (WHERE NOT read), count(*) FILTER (WHERE NOT read AND kind = 2), count(*) FILTER (WHERE NOT read AND kind BETWEEN 7 AND 13),
        count(*) FILTER (WHERE NOT read AND kind BETWEEN 3 AND 6), count(*) FILTER (WHERE NOT read AND kind = 1), count(*) FILTER (WHERE NOT read AND kind = 15),
        count(*) FILTER (WHERE channel = 0), count(*) FILTER (WHERE channel = 1), count(*) FILTER (WHERE channel = 2),
        count(*) FILTER (WHERE channel = 3), count(*) FILTER (WHERE channel = 4), count(*) FILTER (WHERE channel = 5)
        FROM {table} WHERE advertiser = {advertiser} AND archived_at IS NULL
        """).ReplaceLineEndings(" ");
}
