using Lips.Interactions.Filter;
using Lips.Interactions.Listing;
using Lips.Kernel.Reference;

namespace Lips.Interactions.ExportCsv;

/// <summary>What the reference says of the export.</summary>
internal static class ExportCsvReference
{
    public static OperationDescription Operation { get; } = new(
        "exportInteractions", "Interactions", "All interactions that a filter selects, as CSV.")
    {
        Details =
            "RFC 4180, UTF-8, the names of the columns in the first line, as long as the list is. Times are those of clocks in "
            + "`time_zone`. An apostrophe stands before what a spreadsheet would run as a formula.",
        Query =
        [
            .. FilterParameters.All,
            SortParameters.By,
            SortParameters.Direction,
            new("bom", "Whether a byte order mark comes first, by which spreadsheets know UTF-8.", () => Schema.Boolean(usual: false)),
        ],
        Answers =
        [
            new(200, "The table.",
                new ContentDescription(
                    "text/csv", () => Schema.Text(),
                    ("The beginning of it", string.Join(',', CsvColumns.All.Select(c => c.Name)) + "\r\n")),
                "Content-Disposition", "Preference-Applied"),
        ],
    };
}
