using FastEndpoints;
using Lips.Access.Contracts;
using Lips.Audit.Contracts;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.History;

/// <summary>
/// <c>GET /contact_interactions/:id/history</c>: who changed an interaction and when, the newest first (contract section 11).
/// </summary>
internal sealed class HistoryEndpoint(InteractionReader interactions, AuditHistory trail, TokenNames tokens) : Endpoint<HistoryRequest>
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/contact_interactions/{id:long}/history");
        Policies(Allow.Read);
        RequestBinder(Definition.Query(HistoryRequest.Read));
        Definition.Describe(HistoryReference.Operation);
    }

    public override async Task HandleAsync(HistoryRequest request, CancellationToken cancellation)
    {
        var http = HttpContext;
        if (!http.TryRouteId(out var id) || await interactions.ReadAsync(id, http.Caller(), cancellation) is null)
        {
            await http.NotFound("There is no such interaction.");
            return;
        }

        if (request.Before is { } before && before.InteractionId != id)
        {
            var errors = new ValidationErrors();
            errors.Add("before", "is of another interaction's history");
            await http.Invalid(errors);
            return;
        }

        var entries = await trail.ReadAsync(
            id, request.Before is { } place ? (place.At, place.EntryId) : null, request.Limit + 1, cancellation);
        var page = entries.Take(request.Limit).ToList();
        var names = await tokens.ReadAsync([.. page.Select(e => e.TokenId).OfType<long>().Distinct()]);
        http.Response.Headers.CacheControl = "private, no-store";
        await http.AnswerJson(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("history"u8);
            foreach (var entry in page)
            {
                json.WriteStartObject();
                json.WriteString("at"u8, UtcTime.Format(entry.At));
                json.WriteString("action"u8, entry.Action);
                json.WriteStartArray("fields"u8);
                foreach (var field in entry.Fields)
                    json.WriteStringValue(field);
                json.WriteEndArray();
                if (entry.TokenId is { } token)
                {
                    json.WriteStartObject("token"u8);
                    json.WriteNumber("id"u8, token);
                    json.WriteString("name"u8, names.GetValueOrDefault(token));
                    json.WriteEndObject();
                }
                else
                {
                    json.WriteNull("token"u8);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString(
                "next"u8, entries.Count > page.Count ? new HistoryCursor(id, page[^1].At, page[^1].Id).ToString() : null);
            json.WriteBoolean("has_more"u8, entries.Count > page.Count);
            json.WriteEndObject();
        });
    }
}

/// <summary>Which part of a history is asked for.</summary>
/// <param name="Limit">How many changes at most.</param>
/// <param name="Before">The change before which they were made; null for the newest.</param>
internal sealed record HistoryRequest(int Limit, HistoryCursor? Before)
{
    private const int MaxLimit = 500;
    private const int DefaultLimit = 100;

    /// <summary>Reads it from a query string; what is wrong goes to the reader's errors.</summary>
    public static HistoryRequest Read(QueryReader query, Caller caller)
    {
        var limit = query.Integer("limit", 1, MaxLimit, "must be between 1 and 500") ?? DefaultLimit;
        var before = query.Single("before");
        var cursor = before is null ? null : HistoryCursor.Parse(before);
        if (before is not null && cursor is null)
            query.Errors.Add("before", "must be the next of an earlier answer");
        return new HistoryRequest(limit, cursor);
    }
}

/// <summary>A place in an interaction's history: before a change. Opaque to clients.</summary>
/// <param name="InteractionId">The interaction.</param>
/// <param name="At">When the change was made.</param>
/// <param name="EntryId">The trail's entry.</param>
internal sealed record HistoryCursor(long InteractionId, DateTime At, long EntryId)
{
    // Cursors of other routes begin otherwise.
    private const string Route = "history";

    /// <summary>Reads what <see cref="ToString"/> made; null for anything else.</summary>
    public static HistoryCursor? Parse(string text) =>
        CursorText.Read(text, Route, 150) is [var interaction, var at, var id] && CursorText.TryNumber(interaction, out var interactionId)
            && CursorText.TryTime(at, out var time) && CursorText.TryNumber(id, out var entry)
                ? new HistoryCursor(interactionId, time, entry)
                : null;

    public override string ToString() => CursorText.Write(Route, InteractionId, At.Ticks, EntryId);
}
