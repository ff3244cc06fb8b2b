using System.Globalization;

namespace Lips.Bench.Rows;

/// <summary>A group of rows that are measured in one go.</summary>
/// <param name="Names">The rows' names.</param>
/// <param name="MeasureAsync">Measures them.</param>
internal sealed record RowGroup(IReadOnlyList<string> Names, Func<World, Task<IReadOnlyList<Result>>> MeasureAsync);

/// <summary>The rows that there are, in the order in which they are measured: first those that change nothing.</summary>
internal static class AllRows
{
    /// <summary>Rows of a page.</summary>
    public const int PerPage = 25;

    public static IReadOnlyList<RowGroup> Groups { get; } =
    [
        .. SpaceRows.Groups,
        .. TotalsRows.Groups,
        .. SiloRows.Groups,
        .. LatencyRows.Groups,
        .. PageRows.Groups,
        .. StartRow.Groups,
        .. UpdateRows.Groups,
        .. OverloadRow.Groups,
        .. IngestRows.Groups,
    ];

    /// <summary>The address of an advertiser's totals.</summary>
    public static string Totals(BenchAdvertiser advertiser) => "/contact_interactions/totals?global_master_advertiser_id=" + advertiser.Id;

    /// <summary>The address of page 1 by type, channel and dates, which leave out the oldest and the newest.</summary>
    public static string Filtered(BenchAdvertiser advertiser) =>
        Page(advertiser, 1) + "&event_type[]=call&channel[]=search&start_date=2024-09-01&end_date=2025-12-15";

    /// <summary>The address of a page of an advertiser's list.</summary>
    public static string Page(BenchAdvertiser advertiser, int page) =>
        string.Create(CultureInfo.InvariantCulture,
            $"/contact_interactions?global_master_advertiser_id={advertiser.Id}&per_page={PerPage}&page={page}");
}
