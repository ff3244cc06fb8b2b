using System.Globalization;
using Lips.Audit.Contracts;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Npgsql;

namespace Lips.Interactions.Contracts;

/// <summary>
/// Compares the ready-made answers of interactions with the columns and the contacts that say the same (build/decisions/0014-answers.md).
/// Where they differ, columns and contacts are right: they are what filters find.
/// </summary>
public sealed class AnswerVerification(NpgsqlDataSource database, AdvertiserWrites writes, AuditTrail trail) : IRecordCheck
{
    // A contact that is missing cannot be mended here, but it is told.
    private const string Wrong =
        """
        SELECT i.advertiser, i.id, i.body::jsonb @> interactions.answer_of_columns(i) AS is_body_right,
            i.contact::jsonb = c.answer::jsonb AS is_contact_right,
            interactions.answer_of_columns(i) AS columns, c.answer AS contact
        FROM interactions.interactions i
        LEFT JOIN LATERAL (
            SELECT interactions.contact_answer(c) AS answer FROM interactions.contacts c WHERE c.advertiser = i.advertiser
                AND c.id = i.contact_id OFFSET 0
        ) c ON true
        WHERE i.advertiser = $1
            AND (NOT i.body::jsonb @> interactions.answer_of_columns(i) OR (i.contact::jsonb = c.answer::jsonb) IS NOT TRUE)
        """;

    /// <inheritdoc />
    public async Task<IReadOnlyList<string>> VerifyAsync(GlobalId advertiser, CancellationToken cancellation)
    {
        var lines = new List<string>();
        await using var command = Command(
            $"SELECT id, is_body_right, coalesce(is_contact_right, false) FROM ({Wrong}) w ORDER BY id", advertiser, null);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var id = row.GetInt64(0).ToString(CultureInfo.InvariantCulture);
            if (!row.GetBoolean(1))
                lines.Add($"interaction {id}: the answer differs from the columns");
            if (!row.GetBoolean(2))
                lines.Add($"interaction {id}: the answer's contact differs from the contact");
        }

        return lines;
    }

    /// <inheritdoc />
    public Task<int> RebuildAsync(GlobalId advertiser, CancellationToken cancellation) => writes.RunAsync(
        [advertiser],
        async (write, token) =>
        {
            var mended = new List<long>();
            await using (var command = Command(
                $$"""
                UPDATE interactions.interactions i
                SET body = CASE WHEN w.is_body_right THEN i.body ELSE (i.body::jsonb || w.columns || CASE
                    WHEN w.columns ? 'form' THEN jsonb_build_object('form', coalesce(i.body::jsonb -> 'form',
                        '{}') || (w.columns -> 'form')) ELSE '{}' END)::text END, contact = coalesce(w.contact, i.contact)
                FROM ({{Wrong}}) w WHERE i.advertiser = w.advertiser AND i.id = w.id AND (NOT w.is_body_right OR NOT w.is_contact_right)
                RETURNING i.id
                """,
                advertiser,
                write.Connection))
            await using (var row = await command.ExecuteReaderAsync(token))
            {
                while (await row.ReadAsync(token))
                    mended.Add(row.GetInt64(0));
            }

            if (mended.Count == 0)
                return 0;
            write.Changed(advertiser);
            write.Last.BatchCommands.Add(new NpgsqlBatchCommand(
                "UPDATE interactions.interaction_versions SET version = $3 WHERE advertiser = $1 AND interaction_id = ANY($2)")
            {
                Parameters =
                {
                    new NpgsqlParameter<long> { TypedValue = advertiser.Value },
                    new NpgsqlParameter<long[]> { TypedValue = [.. mended] },
                    new NpgsqlParameter<long> { TypedValue = write.NextVersion(advertiser) },
                },
            });
            write.Last.BatchCommands.Add(
                trail.Statement(AuditActor.Operator,
                    new AuditEntry(AuditAction.InteractionsRebuild) { Advertisers = [new(advertiser, mended.Count)] }));
            return mended.Count;
        },
        cancellation);

    private NpgsqlCommand Command(string sql, GlobalId advertiser, NpgsqlConnection? connection)
    {
        var command = connection is null ? database.CreateCommand(sql) : new NpgsqlCommand(sql, connection);
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = advertiser.Value });
        return command;
    }
}
