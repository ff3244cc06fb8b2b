using System.Buffers;
using System.Text.Json;
using FastEndpoints;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Lips.Audit.ListAudit;

/// <summary>
/// <c>GET /audit</c>: who changed what and when, newest first (contract section 10). A token of some advertisers sees what concerns those,
/// and of a batch with others only its own share. Changes of tokens are for tokens of all advertisers.
/// </summary>
internal sealed class ListAuditEndpoint(Connections database, DbContextOptions<AuditContext> options) : Endpoint<AuditFilter>
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/audit");
        Policies(Allow.Admin);
        RequestBinder(Definition.Query(AuditFilter.Read));
        Definition.Describe(ListAuditReference.Operation);
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
        var entries = await database.RunAsync(async connection =>
        {
            await using var context = new AuditContext(options);
            context.Database.SetDbConnection(connection);
            return await AuditQuery.Of(context, filter).AsNoTracking().ToListAsync(cancellation);
        }, cancellation);
        var page = entries.Take(filter.Limit).ToList();
        var hasMore = entries.Count > page.Count;

        var body = new ArrayBufferWriter<byte>(16 * 1024);
        await using var json = new Utf8JsonWriter(body, JsonAnswer.WriterOptions);
        json.WriteStartObject();
        json.WriteStartArray("audit"u8);
        foreach (var entry in page)
            AuditJson.Write(json, entry, caller);
        json.WriteEndArray();
        json.WriteString("next"u8, hasMore ? new AuditCursor(page[^1].At, page[^1].Id).ToString() : null);
        json.WriteBoolean("has_more"u8, hasMore);
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
        return body.WrittenMemory;
    }
}
