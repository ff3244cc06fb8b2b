using Npgsql;

namespace Lips.Chaos;

/// <summary>Spoils what was promised, in each way that the proof must find.</summary>
internal static class Sabotage
{
    // The cell first: where an interaction is lost, the cells differ as well.
    private static readonly (string Name, string Finding, string Sql)[] InDatabase =
    [
        ("a cell", "lips counters verify", "UPDATE counters.cells SET total = total + 1 WHERE advertiser = 1000000000002"),
        ("an interaction lost", "lost: ",
            """
            DELETE FROM interactions.interactions
            WHERE id = (SELECT max(id) FROM interactions.interactions WHERE advertiser = 1000000000004)
            """),
        ("an interaction twice", "doubled: ",
            """
            CREATE TEMPORARY TABLE twice AS SELECT * FROM interactions.interactions WHERE advertiser = 1000000000001 LIMIT 1;
            UPDATE twice SET id = id + 1000000000;
            DROP INDEX interactions.interactions_external_key;
            INSERT INTO interactions.interactions SELECT * FROM twice
            """),
        ("an interaction that nobody sent", "never sent: ",
            """
            UPDATE interactions.interactions SET external_id = 'nobody', notes = NULL
            WHERE id = (SELECT max(id) FROM interactions.interactions WHERE advertiser = 1000000000003)
            """),
        ("a flag", "interaction ", Toggle("important = NOT important")),
        ("a note", "interaction ", Toggle("notes = 'another'")),
        ("an archive", "interaction ",
            Toggle("archived_at = CASE WHEN archived_at IS NULL THEN now() END")),
    ];

    /// <summary>Does each, and sees that the proof finds just that.</summary>
    /// <returns>What was done, and whether it was found.</returns>
    public static async Task<IReadOnlyList<(string Name, bool IsFound)>> FindAsync(Cluster cluster, Load load, Ledger ledger)
    {
        var results = new List<(string, bool)>();
        await ProveAsync();
        results.Add(("nothing, before", ledger.Findings.IsEmpty));
        foreach (var (name, finding, sql) in InDatabase)
        {
            await using (var database = NpgsqlDataSource.Create(cluster.Database))
            await using (var command = database.CreateCommand("SET session_replication_role = replica; " + sql))
                await command.ExecuteNonQueryAsync();
            await CompareAsync(name, finding);
        }

        ledger.Fed.TryRemove(ledger.Accounts[0].Known.Keys.First(), out _);
        await CompareAsync("an interaction that the feed missed", "not in the feed: ");
        ledger.Accounts[4].Begin("never acknowledged, and not there");
        await CompareAsync("a total that is too small", ledger.Accounts[4].Advertiser + " on ");
        var account = ledger.Accounts[2];
        account.Lie();
        var (before, stale) = (account.Now, ledger.Stale);
        var totals = (await load.TotalsAsync(0, account))!.Json;
        ledger.Check("sabotage", (int)totals["totals"]!["events"]!, (int)totals["unread"]!["events"]!, before, account.Now);
        results.Add(("a stale read", ledger.Stale == stale + 1));
        return results;

        async Task CompareAsync(string name, string finding)
        {
            var known = ledger.Findings.ToHashSet(StringComparer.Ordinal);
            await ProveAsync();
            results.Add((name, ledger.Findings.Any(f => f.StartsWith(finding, StringComparison.Ordinal) && !known.Contains(f))));
        }

        Task ProveAsync()
        {
            ledger.Findings.Clear();
            return Proof.MakeAsync(cluster, load, ledger);
        }
    }

    private static string Toggle(string change) =>
        $"""
        UPDATE interactions.interactions SET {change}
        WHERE id = (SELECT min(id) FROM interactions.interactions WHERE advertiser = 1000000001000)
        """;
}
