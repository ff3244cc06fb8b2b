using Lips.Kernel.Database;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lips.Audit.Contracts;

/// <summary>A change in the history of an interaction.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Id">The entry's id.</param>
/// <param name="Action">What was done, as the trail calls it.</param>
/// <param name="Fields">Names of what has changed.</param>
/// <param name="TokenId">The token; null for somebody who has the machine and not a token.</param>
public sealed record HistoryEntry(DateTime At, long Id, string Action, IReadOnlyList<string> Fields, long? TokenId);

/// <summary>What the trail knows of single interactions. Of a bulk load it does not tell which interactions came with it.</summary>
public sealed class AuditHistory
{
    private readonly Connections database;
    private readonly DbContextOptions<AuditContext> options;

    internal AuditHistory(Connections database, DbContextOptions<AuditContext> options) =>
        (this.database, this.options) = (database, options);

    /// <summary>Changes of an interaction, the newest first. Indexes: entries_by_interaction, entry_interactions_pkey.</summary>
    /// <param name="interactionId">The interaction.</param>
    /// <param name="before">The entry before which they were made; null for now.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public async Task<IReadOnlyList<HistoryEntry>> ReadAsync(
        long interactionId, (DateTime At, long Id)? before, int most, CancellationToken cancellation)
    {
        var (at, id) = before ?? (new DateTime(9999, 12, 31, 0, 0, 0, DateTimeKind.Utc), long.MaxValue);
        return await database.RunAsync<IReadOnlyList<HistoryEntry>>(async connection =>
        {
            await using var context = new AuditContext(options);
            context.Database.SetDbConnection(connection);
            var alone = await context.Entries.AsNoTracking()
                .Where(e => e.InteractionId == interactionId
                    && EF.Functions.LessThan(ValueTuple.Create(e.At, e.Id), ValueTuple.Create(at, id)))
                .OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(most)
                .Select(e => new HistoryEntry(e.At, e.Id, e.Action, e.Fields, e.TokenId))
                .ToListAsync(cancellation);
            var together = await context.EntryInteractions.AsNoTracking()
                .Where(i => i.InteractionId == interactionId
                    && EF.Functions.LessThan(ValueTuple.Create(i.At, i.Id), ValueTuple.Create(at, id)))
                .OrderByDescending(i => i.At).ThenByDescending(i => i.Id).Take(most)
                .Join(
                    context.Entries, i => new { i.At, i.Id }, e => new { e.At, e.Id },
                    (i, e) => new HistoryEntry(i.At, i.Id, e.Action, i.Fields, e.TokenId))
                .ToListAsync(cancellation);
            return [.. alone.Concat(together).OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(most)];
        }, cancellation);
    }
}
