using Lips.Counters.Contracts;
using Lips.Kernel;
using Npgsql;

namespace Lips.Interactions.Ingest;

/// <summary>What became of a record.</summary>
internal enum IngestResult
{
    /// <summary>It is a new interaction.</summary>
    Created,

    /// <summary>It was there already, unchanged.</summary>
    Duplicate,

    /// <summary>Its Idempotency-Key came with another body before; nothing is stored.</summary>
    KeyOfAnotherBody,
}

/// <summary>What became of a record, and the id of its interaction.</summary>
internal readonly record struct IngestOutcome(IngestResult Result, long Id)
{
    /// <summary>The result, as telemetry has it.</summary>
    public string Word => Result switch
    {
        IngestResult.Created => "created",
        IngestResult.Duplicate => "duplicate",
        _ => "rejected",
    };
}

/// <summary>An interaction that is to be stored.</summary>
internal sealed record NewInteraction(long Id, StoredContact Contact, InteractionInput Input);

/// <summary>The interactions of a batch that are new: how many of each advertiser, and the ends of their ids.</summary>
internal sealed record NewInteractions(IReadOnlyList<KeyValuePair<GlobalId, int>> Advertisers, long FirstId, long LastId)
{
    public static NewInteractions Of(IReadOnlyList<NewInteraction> rows) =>
        new([.. rows.CountBy(r => r.Input.Advertiser)], rows.Min(r => r.Id), rows.Max(r => r.Id));
}

/// <summary>
/// Stores a batch of records, or one: the same statements, in two round trips besides the lock, three where there are many. What is there
/// is read first, under the locks; then everything is decided here, where records of one batch that share a contact or an id are told in
/// their order; then it is written by one statement a table. The unique keys stand behind it: were a decision ever wrong, the batch would
/// fail whole.
/// </summary>
/// <remarks>Why not a temporary table: build/decisions/0005-ingest.md.</remarks>
internal static class IngestBatch
{
    /// <summary>Adds the writing of the records to the transaction.</summary>
    /// <param name="write">The transaction.</param>
    /// <param name="inputs">The records.</param>
    /// <param name="now">When they came in.</param>
    /// <param name="audit">The trail's statement for the interactions that are new, of which there is one at least.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>One outcome a record, in their order; true once the transaction is committed.</returns>
    public static async Task<IReadOnlyList<IngestOutcome>> AddAsync(
        AdvertiserWrite write, IReadOnlyList<InteractionInput> inputs, DateTime now, Func<NewInteractions, NpgsqlBatchCommand> audit,
            CancellationToken cancellation)
    {
        var found = await IngestLookup.ReadAsync(write.Connection, inputs, cancellation);
        var outcomes = new IngestOutcome[inputs.Count];
        var rows = new List<NewInteraction>(inputs.Count);
        for (var i = 0; i < inputs.Count; i++)
        {
            var input = inputs[i];
            if (found.Stored(input) is { } earlier)
            {
                outcomes[i] = earlier;
                continue;
            }

            var contact = found.Contacts.Match(input.Advertiser, input.Contact, now, found.NextContactId);
            var id = found.NextInteractionId();
            outcomes[i] = new IngestOutcome(IngestResult.Created, id);
            found.Remember(input, id);
            rows.Add(new NewInteraction(id, contact, input));
            write.Added(input.Counted);
        }

        var statements = new IngestStatements(write);
        statements.Contacts(found.Contacts);
        await statements.InteractionsAsync(rows, now, cancellation);
        // Contacts change with new interactions only, so there is nothing to tell of a batch of duplicates.
        if (rows.Count > 0)
            write.Last.BatchCommands.Add(audit(NewInteractions.Of(rows)));
        return outcomes;
    }
}
