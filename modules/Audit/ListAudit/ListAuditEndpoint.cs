using System.Buffers;
using System.Text.Json;
using FastEndpoints;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Lips.Audit.ListAudit;

/// <summary>
/// <c>GET /audit</c>: who changed what and when, newest first (contract section 10). A token of some advertisers sees what concerns those,
/// and of a batch with others only its own share; changes of tokens are for tokens of all advertisers.
/// </summary>
internal sealed class ListAuditEndpoint(NpgsqlDataSource database) : Endpoint<AuditFilter>
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/audit");
        Policies(Allow.Admin);
        RequestBinder(new QueryBinder<AuditFilter>(AuditFilter.Read));
        Summary(s => s.Summary = "Who changed what and when, newest first.");
    }

    public override async Task HandleAsync(AuditFilter filter, CancellationToken cancellation)
    {
        var http = HttpContext;
        var caller = http.Caller();
        if (caller.Advertisers is { Count: 0 } || !filter.Advertisers.All(caller.MaySee))
        {
            await http.NotAuthorized("advertiser");
            return;
        }

        http.Response.Headers.CacheControl = "private, no-store";
        await http.AnswerJson(StatusCodes.Status200OK, await ReadAsync(filter, caller, http.RequestAborted));
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(AuditFilter filter, Caller caller, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>(16 * 1024);
        await using var lent = await database.LendAsync(cancellation);
        await using var command = AuditSql.Command(filter);
        command.Connection = lent.Connection;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await using var json = new Utf8JsonWriter(body, JsonAnswer.WriterOptions);
        var (count, hasMore) = (0, false);
        AuditCursor? last = null;
        json.WriteStartObject();
        json.WriteStartArray("audit"u8);
        while (!hasMore && await row.ReadAsync(cancellation))
        {
            hasMore = count++ == filter.Limit;
            if (!hasMore)
                last = AuditJson.Write(json, row, caller);
        }

        json.WriteEndArray();
        json.WriteString("next"u8, hasMore ? last.ToString() : null);
        json.WriteBoolean("has_more"u8, hasMore);
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
        return body.WrittenMemory;
    }
}
