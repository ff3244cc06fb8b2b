using System.Text.Json;
using FastEndpoints;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Lips.Interactions.Series;

/// <summary>
/// <c>GET /contact_interactions/series</c>: the counts of a filter by hour, day, week or month (contract section 11). Buckets of whole UTC
/// days come from the counters; others are counted over the index of the list.
/// </summary>
internal sealed class SeriesEndpoint(LiveCounters counters, Connections database) : Endpoint<SeriesRequest>
{
    private static readonly (string Key, Func<EventCounts, long> Of)[] EventTypes =
    [
        ("call_events", c => c.Calls), ("form_events", c => c.Forms), ("chat_events", c => c.Chats), ("booking_events", c => c.Bookings),
        ("lsa_events", c => c.Lsas),
        // What the totals count among the events alone.
        ("fpd_events", c => c.Events - c.Calls - c.Forms - c.Chats - c.Bookings - c.Lsas),
    ];

    private static readonly (string Key, Channel Channel)[] Channels =
    [
        ("display", Channel.Display), ("search", Channel.Search), ("social", Channel.Social), ("chat", Channel.Chat),
        ("other", Channel.Other), ("none", Channel.None),
    ];

    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/contact_interactions/series");
        Policies(Allow.Read);
        RequestBinder(Definition.Query(SeriesRequest.Read));
        Definition.Describe(SeriesReference.Operation);
    }

    public override async Task HandleAsync(SeriesRequest request, CancellationToken cancellation)
    {
        var http = HttpContext;
        if (request.RefusalFor(http.Caller()) is { } reason)
        {
            await http.NotAuthorized(reason);
            return;
        }

        FilterRequest.SetCaching(http);
        var reading = await counters.ReadAsync(request.Filter.Advertisers, null, cancellation);
        if (EntityTag.IsNotModified(http, request.Key, reading))
            return;
        var counts = await CountDaysAsync(request, reading, cancellation) ?? await ScanAsync(request, cancellation);
        await http.AnswerJson(StatusCodes.Status200OK, json => Write(json, request, counts));
    }

    /// <summary>By the counters; null where they do not know a filter or a bucket, or other versions come between time and again.</summary>
    private async Task<Counts[]?> CountDaysAsync(SeriesRequest request, LiveReading reading, CancellationToken cancellation)
    {
        if (request.Split?.OnlyDays is not { } filter || request.Buckets.Any(b => b.From.Date != b.From))
            return null;
        DateOnly[] bounds = [.. request.Buckets.Select(b => b.From).Append(request.Buckets[^1].Until).Select(DateOnly.FromDateTime)];
        for (var attempt = 1; attempt <= CountInteractions.Tries; attempt++)
        {
            if (await counters.CountRangesAsync(reading, filter, bounds, cancellation) is { } counts)
                return counts;
            reading = await counters.ReadAsync(request.Filter.Advertisers, null, cancellation);
        }

        return null;
    }

    /// <summary>By SQL, in one snapshot. Indexes: as those of the list.</summary>
    private async Task<Counts[]> ScanAsync(SeriesRequest request, CancellationToken cancellation)
    {
        var counts = Array.ConvertAll(new Counts[request.Buckets.Count], _ => new Counts());
        return await database.RunAsync(async connection =>
        {
            await using var command = Command(request);
            command.Connection = connection;
            await using var row = await command.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
            {
                counts[row.GetInt32(0) - 1].Add(
                    (EventKind)row.GetInt16(1), (Channel)row.GetInt16(2), row.GetInt64(3), row.GetInt64(4), importantCount: 0);
            }

            return counts;
        }, cancellation);
    }

    internal static NpgsqlCommand Command(SeriesRequest request)
    {
        var sql = new FilterSql(request.Filter);
        var starts = sql.Parameter(request.Buckets.Select(b => b.From).ToArray());
        return sql.Command($"""
            SELECT width_bucket(i.occurred_at, {starts}) AS bucket, i.kind, i.channel, count(*), count(*) FILTER (WHERE NOT i.read)
            {sql.FromWhere()}
            GROUP BY 1, i.kind, i.channel
            """);
    }

    private static void Write(Utf8JsonWriter json, SeriesRequest request, Counts[] counts)
    {
        json.WriteStartObject();
        json.WriteString("interval"u8, request.Interval.ToString().ToLowerInvariant());
        json.WriteString("by"u8, request.By switch { SeriesBy.None => "none", SeriesBy.EventType => "event_type", _ => "channel" });
        json.WriteString("time_zone"u8, request.Zone.Id);
        json.WriteStartArray("buckets"u8);
        foreach (var bucket in request.Buckets)
            json.WriteStringValue(bucket.Label);
        json.WriteEndArray();
        json.WriteStartArray("series"u8);
        if (request.By == SeriesBy.EventType)
        {
            foreach (var (key, of) in EventTypes)
                WriteOne(key, c => of(c.Totals), c => of(c.Unread));
        }
        else if (request.By == SeriesBy.Channel)
        {
            foreach (var (key, channel) in Channels)
                WriteOne(key, c => c.Of(channel), c => c.UnreadOf(channel));
        }
        else
        {
            WriteOne("events", c => c.Events, c => c.Unread.Events);
        }

        json.WriteEndArray();
        json.WriteEndObject();

        void WriteOne(string key, Func<Counts, long> total, Func<Counts, long> unread)
        {
            json.WriteStartObject();
            json.WriteString("key"u8, key);
            WriteNumbers("totals", total);
            WriteNumbers("unread", unread);
            json.WriteEndObject();
        }

        void WriteNumbers(string name, Func<Counts, long> of)
        {
            json.WriteStartArray(name);
            foreach (var bucket in counts)
                json.WriteNumberValue(of(bucket));
            json.WriteEndArray();
        }
    }
}
