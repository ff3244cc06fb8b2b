using System.Buffers;
using System.Data;
using System.Text.Json;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Record;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Lips.Interactions.ListInteractions;

/// <summary><c>GET /contact_interactions</c>: the index, in either profile (contract section 4).</summary>
internal sealed class ListInteractionsEndpoint(NpgsqlDataSource database, LiveCounters counters, AnchorCache anchors, PartnerFilter partners) : IEndpoint
{
    private static readonly ReadOnlyMemory<byte> NoRows = "[]"u8.ToArray();

    public static void Configure(EndpointDefinition endpoint) => endpoint.On("GET", "/contact_interactions").ForPartnersToo().Requires(Ability.Read);

    public async Task HandleAsync(HttpContext http)
    {
        var caller = http.Caller();
        var read = caller.Profile == Profile.Partner ? partners.ReadAsync(http, caller, Paging.Read) : FilterOfRequest.ReadAsync(http, caller, Paging.Read);
        if (await read is not { } question)
            return;
        var (filter, paging) = (question.Filter, question.More);
        var reading = await counters.ReadAsync(filter.Advertisers, http.RequestAborted);
        FilterOfRequest.SetCaching(http);
        if (EntityTag.IsNotModified(http, question, reading))
            return;
        var (page, counts) = await ReadAsync(filter, question.Parts, paging, reading, caller, http.RequestAborted);
        http.Response.Headers.Link = paging.Links(http.Request, paging.TotalPages(counts.Events));
        var body = new ArrayBufferWriter<byte>(page.Length + 1024);
        JsonAnswer.WriteTo(body, json => Write(json, page.Span, caller.Profile == Profile.Full ? counts : null, paging, paging.TotalPages(counts.Events)));
        await http.AnswerJson(StatusCodes.Status200OK, body.WrittenMemory);
    }

    /// <summary>The page, as a JSON array, and the counts, of one and the same version.</summary>
    private async Task<(ReadOnlyMemory<byte> Page, Counts Counts)> ReadAsync(
        InteractionFilter filter, FilterParts? parts, Paging paging, LiveReading reading, Caller caller, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        for (var attempt = 1; parts is not null && attempt <= CountInteractions.Tries; attempt++)
        {
            if (await TryReadAsync(connection, filter, paging, parts, reading, caller, cancellation) is { } answer)
                return answer;
            reading = await counters.ReadAsync(filter.Advertisers, cancellation);
        }

        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var counts = await CountInteractions.ScanAsync(connection, filter, cancellation);
        var rows = paging.Skip < counts.Events ? (await ListAsync(connection, filter, paging, null, caller, cancellation)).Page : NoRows;
        await snapshot.CommitAsync(cancellation);
        return (rows, counts);
    }

    /// <summary>Null when a change came between what was read for the counts, the page's place and the page.</summary>
    private async Task<(ReadOnlyMemory<byte> Page, Counts Counts)?> TryReadAsync(
        NpgsqlConnection connection, InteractionFilter filter, Paging paging, FilterParts parts, LiveReading reading, Caller caller, CancellationToken cancellation)
    {
        if (await CountInteractions.CountPartsAsync(connection, filter, parts, reading, cancellation) is not { } counts)
            return null;
        if (paging.Skip >= counts.All.Events)
            return (NoRows, counts.All);
        ListStart? start = null;
        if (DeepPage.IsDeep(paging) && (start = await DeepPage.FindAsync(connection, filter, paging, parts, counts, reading, anchors, cancellation)) is null)
            return null;
        var (page, versions) = await ListAsync(connection, filter, paging, start, caller, cancellation);
        return versions is not null && counts.Days.Versions.SequenceEqual(versions) ? (page, counts.All) : null;
    }

    private static async Task<(ReadOnlyMemory<byte> Page, long[]? Versions)> ListAsync(
        NpgsqlConnection connection, InteractionFilter filter, Paging paging, ListStart? start, Caller caller, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>(16 * 1024);
        await using var json = new Utf8JsonWriter(body, JsonAnswer.WriterOptions);
        await using var command = ListSql.Command(filter, paging, start);
        command.Connection = connection;
        long[]? versions = null;
        json.WriteStartArray();
        await using (var row = await command.ExecuteReaderAsync(cancellation))
        {
            while (await row.ReadAsync(cancellation))
            {
                versions ??= (long[])row[ListSql.VersionsColumn];
                InteractionJson.WriteFor(caller, json, row);
            }
        }

        json.WriteEndArray();
        await json.FlushAsync(cancellation);
        return (body.WrittenMemory, versions);
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> page, Counts? counts, Paging paging, long totalPages)
    {
        json.WriteStartObject();
        json.WritePropertyName("contact_interactions"u8);
        json.WriteRawValue(page, skipInputValidation: true);
        json.WriteNumber("page"u8, paging.Page);
        json.WriteNumber("total_pages"u8, totalPages);
        json.WriteNumber("per_page"u8, paging.PerPage);
        counts?.WriteTo(json);
        json.WriteEndObject();
    }
}
