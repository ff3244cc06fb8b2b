using System.Buffers;
using FastEndpoints;
using Lips.Counters.Contracts;
using Lips.Interactions.Record;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Lips.Interactions.ListChanges;

/// <summary>
/// <c>GET /contact_interactions/changes</c>: an advertiser's interactions in the order of their last change, for connectors (contract
/// section 10). Versions of an advertiser are in the order of commits, so whatever is committed later comes behind every cursor given out.
/// </summary>
internal sealed class ListChangesEndpoint(Connections database) : Endpoint<ChangesRequest>
{
    private static readonly string Position =
        $"SELECT ({AdvertiserVersions.Epoch}), ({AdvertiserVersions.Select("ARRAY[$1]")})[1], {AdvertiserVersions.RunOf("$1", "$2")}";

    // Indexes: interaction_versions_by_version, interactions_pkey.
    private static readonly string Changes =
        $"""
        SELECT {StoredInteraction.Text}, v.version, v.interaction_id, {AdvertiserVersions.RunOf("$1", "v.version")}
        FROM (
            SELECT interaction_id, version FROM interactions.interaction_versions
            WHERE advertiser = $1 AND (version, interaction_id) > ($2, $3)
            ORDER BY version, interaction_id LIMIT $4
        ) v
        JOIN interactions.interactions i ON i.advertiser = $1 AND i.id = v.interaction_id
        ORDER BY v.version, v.interaction_id
        """;

    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/contact_interactions/changes");
        Policies(Allow.Read);
        RequestBinder(Definition.Query(ChangesRequest.Read));
        Definition.Describe(ListChangesReference.Operation);
    }

    public override async Task HandleAsync(ChangesRequest request, CancellationToken cancellation)
    {
        var http = HttpContext;
        if (!http.Caller().MaySee(request.Advertiser))
        {
            await http.NotAuthorized("advertiser");
            return;
        }

        http.Response.Headers.CacheControl = "private, no-store";
        if (await ReadAsync(request.Advertiser, request.Since, request.Limit, http.Caller(), cancellation) is { } body)
            await http.AnswerJson(StatusCodes.Status200OK, body);
        else
            await http.Status(StatusCodes.Status410Gone, "This cursor is of another history of the database: begin again, without since.");
    }

    /// <summary>The answer; null when the cursor is of another history of the database.</summary>
    private Task<ReadOnlyMemory<byte>?> ReadAsync(
        GlobalId advertiser, ChangeCursor? cursor, int limit, Caller caller, CancellationToken cancellation) =>
        database.RunAsync<ReadOnlyMemory<byte>?>(async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add(Position, advertiser.Value, cursor?.Version ?? 0);
            // One more than asked for tells whether there are more.
            batch.Add(Changes, advertiser.Value, cursor?.Version ?? 0, cursor?.InteractionId ?? 0, (long)limit + 1);
            await using var row = await batch.ExecuteReaderAsync(cancellation);
            await row.ReadAsync(cancellation);
            var (epoch, version, run) = (row.GetString(0), row.GetInt64(1), row.GetInt64(2));
            // A backup that was put back is still behind the cursor, or another run of the database has written the cursor's version again.
            if (cursor is { IsNow: false } && (cursor.Epoch != epoch || cursor.Version > version || cursor.Run != run))
                return null;
            await row.NextResultAsync(cancellation);
            var next = cursor switch
            {
                null => new ChangeCursor(advertiser, epoch, 0, 0, 0),
                { IsNow: true } => new ChangeCursor(advertiser, epoch, version, long.MaxValue, run),
                _ => cursor,
            };
            return await WriteAsync(row, next, limit, caller, cancellation);
        }, cancellation);

    private static async Task<ReadOnlyMemory<byte>> WriteAsync(
        NpgsqlDataReader row, ChangeCursor next, int limit, Caller caller, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>(16 * 1024);
        var interaction = new InteractionJson(body, caller);
        var (count, hasMore) = (0, false);
        body.Write("{\"contact_interactions\":["u8);
        while (!hasMore && await row.ReadAsync(cancellation))
        {
            hasMore = count++ == limit;
            if (hasMore)
                continue;
            if (count > 1)
                body.Write(","u8);
            interaction.Write(row);
            next = next with
            {
                Version = row.GetInt64(1),
                InteractionId = row.GetInt64(2),
                Run = row.GetInt64(3),
            };
        }

        body.Write("],\"next\":"u8);
        body.WriteJsonText(next.ToString());
        body.Write(hasMore ? ",\"has_more\":true}"u8 : ",\"has_more\":false}"u8);
        return body.WrittenMemory;
    }
}

/// <summary>What the feed is asked for: one advertiser, and where to begin.</summary>
internal sealed record ChangesRequest(GlobalId Advertiser, ChangeCursor? Since, int Limit)
{
    private const int MaxLimit = 500;
    private const int DefaultLimit = 100;

    /// <summary>Reads it from a query string; what is wrong goes to the reader's errors.</summary>
    public static ChangesRequest Read(QueryReader query, Caller caller)
    {
        var advertisers = query.GlobalIds("global_master_advertiser_id", most: 1);
        if (advertisers.Count == 0 && !query.Errors.Has("global_master_advertiser_id"))
            query.Errors.Add("global_master_advertiser_id", "is missing");
        var cursor = ChangeCursor.Read(query, advertisers);
        var limit = query.Integer("limit", 1, MaxLimit, "must be between 1 and 500") ?? DefaultLimit;
        return new ChangesRequest(advertisers.Count > 0 ? advertisers[0] : default, cursor, limit);
    }
}
