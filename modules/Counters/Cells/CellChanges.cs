using Lips.Counters.Contracts;
using Npgsql;

namespace Lips.Counters.Cells;

/// <summary>What one transaction changes in <c>counters.cells</c>. The rule for counting is here and nowhere else.</summary>
internal sealed class CellChanges
{
    // A holder reads more by itself, with its next question.
    private const int MostTold = 512;

    private readonly Dictionary<(long Advertiser, CellKey Key), Tally> changes = [];

    /// <summary>The rule: which cell an interaction is in, and what it adds there.</summary>
    public static (CellKey Key, Tally Tally) Count(in CountedInteraction i)
    {
        var key = new CellKey(DateOnly.FromDateTime(i.OccurredAt).DayNumber, i.Campaign?.Value ?? 0, i.Kind, i.Channel, i.HasWpc);
        var (unread, important) = (i.Read ? 0 : 1, i.Important ? 1 : 0);
        return (key, i.Archived ? new Tally(0, 0, 0, 1, unread, important) : new Tally(1, unread, important, 0, 0, 0));
    }

    public void Add(in CountedInteraction interaction)
    {
        var (key, tally) = Count(interaction);
        Add(interaction.Advertiser.Value, key, tally);
    }

    /// <summary>
    /// Counts an interaction that has changed, if it counts otherwise now. Its cell is written even where others make up for it, as when
    /// one is archived and another brought back: the version of a cell tells nodes that a day's interactions are not the same, though as
    /// many (build/decisions/0008-counters.md).
    /// </summary>
    public void Change(in CountedInteraction before, in CountedInteraction after)
    {
        var (was, becomes) = (Count(before), Count(after));
        if (was == becomes)
            return;
        Add(before.Advertiser.Value, was.Key, -was.Tally);
        Add(after.Advertiser.Value, becomes.Key, becomes.Tally);
    }

    /// <summary>The statement that applies the changes; null when there are none. Index: cells_pkey.</summary>
    /// <param name="nextVersion">The version that an advertiser has once this commits.</param>
    public NpgsqlBatchCommand? Statement(Func<long, long> nextVersion)
    {
        if (changes.Count == 0)
            return null;
        var rows = changes.ToArray();
        return new NpgsqlBatchCommand(
            """
            INSERT INTO counters.cells AS c
                (advertiser, day, campaign, kind, channel, has_wpc, total, unread, important, archived_total, archived_unread,
                    archived_important, version)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT ON CONSTRAINT cells_pkey DO UPDATE SET
                total = c.total + excluded.total, unread = c.unread + excluded.unread, important = c.important + excluded.important,
                archived_total = c.archived_total + excluded.archived_total, archived_unread = c.archived_unread + excluded.archived_unread,
                archived_important = c.archived_important + excluded.archived_important, version = excluded.version
            """)
        {
            Parameters =
            {
                Column(rows, r => r.Key.Advertiser),
                Column(rows, r => DateOnly.FromDayNumber(r.Key.Key.Day)),
                Column(rows, r => r.Key.Key.Campaign),
                Column(rows, r => (short)r.Key.Key.Kind),
                Column(rows, r => (short)r.Key.Key.Channel),
                Column(rows, r => r.Key.Key.HasWpc),
                Column(rows, r => r.Value.Total),
                Column(rows, r => r.Value.Unread),
                Column(rows, r => r.Value.Important),
                Column(rows, r => r.Value.ArchivedTotal),
                Column(rows, r => r.Value.ArchivedUnread),
                Column(rows, r => r.Value.ArchivedImportant),
                Column(rows, r => nextVersion(r.Key.Advertiser)),
            },
        };
    }

    /// <summary>What changes of an advertiser, for who holds its counters; null when that is too much for a message.</summary>
    public CellChange[]? Of(long advertiser)
    {
        if (changes.Count > MostTold)
            return null;
        return [.. changes.Where(c => c.Key.Advertiser == advertiser).Select(c => new CellChange(c.Key.Key, c.Value))];
    }

    private void Add(long advertiser, CellKey key, Tally tally)
    {
        changes.TryGetValue((advertiser, key), out var sum);
        changes[(advertiser, key)] = sum + tally;
    }

    private static NpgsqlParameter<T[]> Column<TRow, T>(TRow[] rows, Func<TRow, T> value) =>
        new() { TypedValue = Array.ConvertAll(rows, row => value(row)) };
}
