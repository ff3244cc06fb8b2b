using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using FastEndpoints;
using Lips.Interactions.Listing;
using Lips.Kernel;
using Lips.Kernel.Database;

namespace Lips.Interactions.ExportCsv;

/// <summary>
/// <c>GET /contact_interactions.csv</c>: all interactions that a filter selects, as a table for spreadsheets (contract section 11). It is
/// read piece by piece, so neither memory nor a snapshot of the database grows with it.
/// </summary>
internal sealed class ExportCsvEndpoint(Connections database) : Endpoint<ExportRequest>
{
    private const int RowsAtOnce = 500;

    private const string MediaType = "text/csv";

    // An apostrophe stands before what a spreadsheet would run as a formula. Lines end as CsvHelper ends them, by CR and LF: it quotes a
    // line break of either kind then.
    private static readonly CsvConfiguration Format = new(CultureInfo.InvariantCulture) { InjectionOptions = InjectionOptions.Escape };

    public override void Configure()
    {
        Get("/contact_interactions.csv");
        Policies(Allow.Read);
        Metadata(new AnswerMediaType(MediaType));
        Definition.TakesLong();
        RequestBinder(Definition.Query(ExportRequest.Read));
        Definition.Describe(ExportCsvReference.Operation);
    }

    public override async Task HandleAsync(ExportRequest request, CancellationToken cancellation)
    {
        var http = HttpContext;
        if (request.RefusalFor(http.Caller()) is { } reason)
        {
            await http.NotAuthorized(reason);
            return;
        }

        // Before the answer begins, so that a database that is away is a 503.
        var slice = new ListSlice(request.Filter, request.Order, RowsAtOnce) { HasKeys = true };
        var (rows, keys) = await ReadAsync(slice, http.Caller(), cancellation);
        http.MarkResponseStart();
        http.Response.ContentType = $"{MediaType}; charset=utf-8; header=present";
        http.Response.Headers.CacheControl = "private, no-store";
        http.Response.Headers.ContentDisposition = "attachment; filename=\"contact_interactions.csv\"";
        await using var text = new StreamWriter(
            http.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: request.HasMark), bufferSize: 64 * 1024, leaveOpen: true);
        await using var csv = new CsvWriter(text, Format, leaveOpen: true);
        foreach (var column in CsvColumns.All)
            csv.WriteField(column.Name);
        await csv.NextRecordAsync();
        while (true)
        {
            using (rows)
            {
                foreach (var interaction in rows.RootElement.EnumerateArray())
                {
                    foreach (var column in CsvColumns.All)
                        csv.WriteField(column.Of(interaction, request.Zone));
                    await csv.NextRecordAsync();
                }
            }

            await csv.FlushAsync();
            if (!keys.HasMore)
                return;
            var last = keys.CursorAt(^1, "");
            var after = new CursorPaging(RowsAtOnce, request.Order, last, null, null);
            (rows, keys) = await ReadAsync(slice with { Start = after.StartIn(request.Filter) }, http.Caller(), cancellation);
        }
    }

    private Task<(JsonDocument Rows, PageKeys Keys)> ReadAsync(ListSlice slice, Caller caller, CancellationToken cancellation) =>
        database.RunAsync(async connection =>
        {
            using var body = new PageBody(caller, isSummary: false);
            await PageReader.ReadAsync(connection, slice, body, cancellation);
            return (JsonDocument.Parse(body.Rows()), body.Keys);
        }, cancellation);
}
