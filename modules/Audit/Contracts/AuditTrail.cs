using System.Data;
using System.Diagnostics.CodeAnalysis;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Npgsql;
using NpgsqlTypes;

namespace Lips.Audit.Contracts;

/// <summary>
/// Writes to the trail in the transaction of the change itself: both are there or neither is. The other of the two recorded exceptions to
/// "one transaction, one module" (build/decisions/0011-audit.md). Only what has really changed is written.
/// </summary>
public sealed class AuditTrail(ClientAddresses addresses)
{
    private const string Columns =
        "at, token_id, action, advertiser, advertisers, counts, count, interaction_id, first_interaction_id, last_interaction_id, "
            + "fields, subject_token_id, address";

    // The database's clock, so that all nodes have one.
    private const string Insert =
        $"INSERT INTO audit.entries ({Columns}) VALUES (date_trunc('milliseconds', clock_timestamp()), $1, $2, $3, $4, $5, $6, $7, $8, "
            + "$9, $10, $11, $12)";

    private const string InsertOfSeveral =
        $"""
        WITH entry AS ({Insert} RETURNING at, id)
        INSERT INTO audit.entry_advertisers (advertiser, at, id) SELECT a, entry.at, entry.id FROM entry, unnest($4) AS a
        """;

    // Of one advertiser. Names have no commas.
    private const string InsertOfBatch =
        $"""
        WITH entry AS ({Insert} RETURNING at, id)
        INSERT INTO audit.entry_interactions (interaction_id, at, id, fields)
        SELECT i.id, entry.at, entry.id, string_to_array(i.fields, ',') FROM entry, unnest($13, $14) AS i(id, fields)
        """;

    // Names have no commas. One statement for many rows, each as Insert makes it.
    private const string InsertAll =
        """
        INSERT INTO audit.entries (at, token_id, action, advertiser, count, interaction_id, fields, address)
        SELECT date_trunc('milliseconds', clock_timestamp()), e.token_id, e.action, e.advertiser, 1, e.interaction_id,
            string_to_array(e.fields, ','), e.address
        FROM unnest($1, $2, $3, $4, $5, $6) AS e(token_id, action, advertiser, interaction_id, fields, address)
        """;

    /// <summary>Who makes this request. Taken before the work begins; the request may be gone while it is retried.</summary>
    public AuditActor ActorOf(HttpContext http) => new(http.Caller().TokenId, addresses.Hash(http.Connection.RemoteIpAddress));

    /// <summary>The statement that writes the entry: for a batch that is sent in the transaction of the change.</summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "Whoever writes is seen to be given the trail.")]
    public NpgsqlBatchCommand Statement(AuditActor actor, AuditEntry entry)
    {
        var command = new NpgsqlBatchCommand(
            entry.Interactions.Count > 0 ? InsertOfBatch : entry.Advertisers.Count > 1 ? InsertOfSeveral : Insert);
        foreach (var parameter in Parameters(actor, entry))
            command.Parameters.Add(parameter);
        if (entry.Interactions.Count > 0)
        {
            command.Parameters.Add(Of(entry.Interactions.Select(i => i.Id).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint));
            command.Parameters.Add(Of(
                entry.Interactions.Select(i => string.Join(',', i.Fields)).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text));
        }

        return command;
    }

    /// <summary>
    /// The statement that writes entries of changes of single interactions: for a batch that is sent in the transaction of the changes.
    /// </summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "Whoever writes is seen to be given the trail.")]
    public NpgsqlBatchCommand Statement(IReadOnlyList<(AuditActor Actor, AuditEntry Entry)> entries) => new(InsertAll)
    {
        Parameters =
        {
            Of(entries.Select(e => e.Actor.TokenId).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint),
            Of(entries.Select(e => e.Entry.Action.Name()).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text),
            Of(entries.Select(e => e.Entry.Advertisers.Single().Key.Value).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint),
            Of(entries.Select(e => e.Entry.InteractionId).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint),
            Of(entries.Select(e => string.Join(',', e.Entry.Fields)).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text),
            Of(entries.Select(e => e.Actor.Address).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bytea),
        },
    };

    /// <summary>Writes the entry by itself, on a connection that is inside the transaction of the change and is committed next.</summary>
    /// <exception cref="NpgsqlException">The database failed, or the connection broke with the statement before; nothing stays.</exception>
    public async Task WriteAsync(NpgsqlConnection connection, AuditActor actor, AuditEntry entry, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Statement(actor, entry) } };
        RequireOpen(connection);
        await batch.ExecuteNonQueryAsync(cancellation);
        RequireOpen(connection);
    }

    // A session that is killed may be found out as an answer is read that is whole.
    // The next statement, or the commit, would then call that a misuse of the connection.
    private static void RequireOpen(NpgsqlConnection connection)
    {
        if (connection.State != ConnectionState.Open)
            throw new NpgsqlException("The connection broke amid a transaction.");
    }

    private static NpgsqlParameter[] Parameters(AuditActor actor, AuditEntry entry)
    {
        var advertisers = entry.Advertisers.OrderBy(a => a.Key).ToArray();
        var isOne = advertisers.Length == 1;
        var several = advertisers.Length > 1 ? advertisers : null;
        return
        [
            Of(actor.TokenId, NpgsqlDbType.Bigint),
            Of(entry.Action.Name(), NpgsqlDbType.Text),
            Of(isOne ? advertisers[0].Key.Value : null, NpgsqlDbType.Bigint),
            Of(several?.Select(a => a.Key.Value).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint),
            Of(several?.Select(a => a.Value).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Integer),
            Of(advertisers.Length == 0 ? 1 : advertisers.Sum(a => a.Value), NpgsqlDbType.Integer),
            Of(entry.InteractionId, NpgsqlDbType.Bigint),
            Of(entry.Batch?.First, NpgsqlDbType.Bigint),
            Of(entry.Batch?.Last, NpgsqlDbType.Bigint),
            Of(entry.Fields, NpgsqlDbType.Array | NpgsqlDbType.Text),
            Of(entry.SubjectTokenId, NpgsqlDbType.Bigint),
            Of(actor.Address, NpgsqlDbType.Bytea),
        ];
    }

    private static NpgsqlParameter Of(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
