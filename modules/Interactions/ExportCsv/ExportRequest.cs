using Lips.Interactions.Filter;
using Lips.Interactions.Listing;
using Lips.Kernel;

namespace Lips.Interactions.ExportCsv;

/// <summary>What an export is asked for: the rows of a list, all of them.</summary>
/// <param name="filter">The filter.</param>
/// <param name="order">The order of the rows.</param>
/// <param name="zone">Where the times are those of clocks.</param>
/// <param name="hasMark">Whether a byte order mark comes first, by which spreadsheets know UTF-8.</param>
internal sealed class ExportRequest(InteractionFilter filter, ListOrder order, TimeZoneInfo zone, bool hasMark) : FilterRequest(filter)
{
    public ListOrder Order => order;

    public TimeZoneInfo Zone => zone;

    public bool HasMark => hasMark;

    /// <summary>Reads it from a query string; what is wrong goes to the reader's errors.</summary>
    public static new ExportRequest Read(QueryReader query, Caller caller) =>
        new(InteractionFilter.Read(query), ListOrder.Read(query, caller), query.Zone, query.Boolean("bom") ?? false);
}
