using Npgsql;

namespace Lips.Chaos;

/// <summary>Spoils what was promised, in each way that the proof must find.</summary>
internal static class Sabotage
{
    // The cell first: where an interaction is lost, the cells differ as well.
    private static readonly (string Name, string Sql)[] InDatabase =
    [
        ("a cell", "UPDATE counters.cells SET total = total + 1 WHERE advertiser = 1000000000002"),
        ("an interaction lost", "DELETE FROM interactions.interactions WHERE id = (SELECT max(id) FROM interactions.interactions)"),
        ("an interaction twice",
            """
            CREATE TEMPORARY TABLE twice AS SELECT * FROM interactions.interactions WHERE advertiser = 1000000000001 LIMIT 1;
            UPDATE twice SET id = id + 1000000000;
            DROP INDEX interactions.interactions_external_key;
            INSERT INTO interactions.interactions SELECT * FROM twice
            """),
        ("a flag",
            """
            UPDATE interactions.interactions SET important = NOT important
            WHERE id = (SELECT min(id) FROM interactions.interactions WHERE advertiser = 1000000001000)
            """),
    ];

    /// <summary>Does each, and sees that the proof finds more than before.</summary>
    /// <returns>What was done, and whether it was found.</returns>
    public static async Task<IReadOnlyList<(string Name, bool IsFound)>> FindAsync(Cluster cluster, Load load, Ledger ledger)
    {
        var results = new List<(string, bool)>();
        var last = await Proof.MakeAsync(cluster, load, ledger);
        foreach (var (name, sql) in InDatabase)
        {
            await using (var database = NpgsqlDataSource.Create(cluster.Database))
            await using (var command = database.CreateCommand("SET session_replication_role = replica; " + sql))
                await command.ExecuteNonQueryAsync();
            await CompareAsync(name);
        }

        ledger.Fed.TryRemove(ledger.Accounts[0].Known.Keys.First(), out _);
        await CompareAsync("an interaction that the feed missed");
        var account = ledger.Accounts[2];
        account.Lie();
        var (before, stale) = (account.Now, ledger.Stale);
        var totals = (await load.TotalsAsync(0, account))!.Json;
        ledger.Check("sabotage", (int)totals["totals"]!["events"]!, (int)totals["unread"]!["events"]!, before, account.Now);
        results.Add(("a stale read", ledger.Stale == stale + 1));
        return results;

        async Task CompareAsync(string name)
        {
            var now = await Proof.MakeAsync(cluster, load, ledger);
            results.Add((name, now.Lost + now.Doubled + now.Wrong > last.Lost + last.Doubled + last.Wrong));
            last = now;
        }
    }
}
