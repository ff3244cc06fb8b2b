using System.Buffers;
using System.Text.Json;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Record;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Lips.Interactions.ListInteractions;

/// <summary><c>GET /contact_interactions</c>: the index (contract section 4).</summary>
internal sealed class ListInteractionsEndpoint(NpgsqlDataSource database, CountInteractions counting) : IEndpoint
{
    public static void Configure(EndpointDefinition endpoint) => endpoint.On("GET", "/contact_interactions").Requires(Ability.Read);

    public async Task HandleAsync(HttpContext http)
    {
        var caller = http.Caller();
        if (await FilterOfRequest.ReadAsync(http, caller, query => Paging.Read(query, caller)) is not { } request)
            return;
        var (filter, paging) = (request.Filter, request.More);
        var counts = await counting.CountAsync(filter, http.RequestAborted);
        var body = new ArrayBufferWriter<byte>(16 * 1024);
        await WriteAsync(body, filter, paging, counts, caller.Pii, http.RequestAborted);
        FilterOfRequest.SetCaching(http);
        http.Response.Headers.Link = paging.Links(http.Request, paging.TotalPages(counts.Events));
        await http.AnswerJson(StatusCodes.Status200OK, body.WrittenMemory);
    }

    private async Task WriteAsync(IBufferWriter<byte> body, InteractionFilter filter, Paging paging, Counts counts, bool pii, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(body, JsonAnswer.WriterOptions);
        json.WriteStartObject();
        json.WriteStartArray("contact_interactions"u8);
        if (paging.Skip < counts.Events)
        {
            await using var command = ListSql.Command(database, filter, paging);
            await using var row = await command.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
                InteractionJson.Write(json, row, pii);
        }

        json.WriteEndArray();
        json.WriteNumber("page"u8, paging.Page);
        json.WriteNumber("total_pages"u8, paging.TotalPages(counts.Events));
        json.WriteNumber("per_page"u8, paging.PerPage);
        counts.WriteTo(json);
        json.WriteEndObject();
    }
}
