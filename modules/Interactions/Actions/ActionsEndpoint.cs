using FastEndpoints;
using Lips.Audit.Contracts;
using Lips.Counters.Contracts;
using Lips.Interactions.Writing;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Lips.Interactions.Actions;

/// <summary>
/// <c>POST /contact_interactions/actions</c>: one change for up to 500 interactions, in one transaction (contract section 11). Made again
/// it changes nothing; called again while <c>has_more</c> is true it goes on.
/// </summary>
internal sealed class ActionsEndpoint(
    AdvertiserWrites writes, AuditTrail trail, ActionSelection selection, Connections database, TimeProvider clock)
    : Endpoint<ActionRequest>
{
    public override void Configure()
    {
        Post("/contact_interactions/actions");
        Policies(Allow.Write);
        RequestBinder(new JsonBinder<ActionRequest>(ActionRequest.Read));
        Definition.Describe(ActionsReference.Operation);
    }

    public override async Task HandleAsync(ActionRequest request, CancellationToken cancellation)
    {
        var http = HttpContext;
        if (request.Filter?.RefusalFor(http.Caller()) is { } reason)
        {
            await http.NotAuthorized(reason);
            return;
        }

        var (meant, hasMore) = request.Ids is { } ids
            ? (await FindAsync(ids, http.Caller(), cancellation), false)
            : await selection.FindAsync(request, cancellation);
        var (matched, changed) = meant.Count == 0 ? (0, [])
            : await writes.RunAsync(
                meant.Values, (write, token) => ApplyAsync(write, request, trail.ActorOf(http), meant, token), CancellationToken.None);
        await http.AnswerJson(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("action"u8);
            json.WriteNumber("matched"u8, matched);
            json.WriteStartArray("changed_ids"u8);
            foreach (var id in changed)
                json.WriteNumberValue(id);
            json.WriteEndArray();
            json.WriteStartArray("not_found"u8);
            foreach (var id in (request.Ids ?? []).Where(id => !meant.ContainsKey(id)))
                json.WriteNumberValue(id);
            json.WriteEndArray();
            json.WriteBoolean("has_more"u8, hasMore);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    /// <summary>Whose the interactions are, of those that there are and that the caller may see.</summary>
    private Task<Dictionary<long, GlobalId>> FindAsync(IReadOnlyList<long> ids, Caller caller, CancellationToken cancellation) =>
        database.RunAsync(async connection =>
        {
            await using var command = new NpgsqlCommand(InteractionOwners.Select, connection)
            {
                Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. ids] } },
            };
            var found = new Dictionary<long, GlobalId>();
            await using var row = await command.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
            {
                if (GlobalId.FromValue(row.GetInt64(1)) is var advertiser && caller.MaySee(advertiser))
                    found.Add(row.GetInt64(0), advertiser);
            }

            return found;
        }, cancellation);

    /// <summary>Under the locks: what a filter has found may have changed before.</summary>
    private async Task<(int Matched, long[] Changed)> ApplyAsync(
        AdvertiserWrite write, ActionRequest request, AuditActor actor, IReadOnlyDictionary<long, GlobalId> meant,
            CancellationToken cancellation)
    {
        var ids = request.Filter is null ? [.. meant.Keys]
            : await ActionSelection.StillSelectedAsync(write.Connection, request.Filter.Filter, meant, cancellation);
        var now = UtcTime.CutToMilliseconds(clock.GetUtcNow().UtcDateTime);
        List<InteractionChange> changes = ids.ConvertAll<InteractionChange>(id => request.Type switch
        {
            ActionType.Archive => new Archiving(id, actor, null, now) { Advertiser = meant[id] },
            ActionType.Unarchive => new Unarchiving(id, actor, null) { Advertiser = meant[id] },
            _ => new Update(id, actor, null, request.Set!) { Advertiser = meant[id] },
        });
        LipsMeter.Changed(changes.Count);
        var made = await ChangeWriter.MakeAsync(write, changes, cancellation);
        foreach (var ofOne in made.GroupBy(m => m.Change.Advertiser))
        {
            write.Last.BatchCommands.Add(trail.Statement(actor, AuditEntry.OfSeveral(
                ofOne.First().Change.Action,
                ofOne.Key,
                [.. NewState.FieldNames.Where(name => ofOne.Any(m => m.Fields.Contains(name)))],
                [.. ofOne.Select(m => (m.Change.Id, m.Fields))])));
        }

        return (ids.Count, [.. made.Select(m => m.Change.Id).Order()]);
    }
}
