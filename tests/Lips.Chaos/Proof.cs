using System.Globalization;
using Npgsql;

namespace Lips.Chaos;

/// <summary>What is left to say when all is over.</summary>
/// <param name="Lost">Acknowledged interactions and changes that are not there, and such that the change feed missed.</param>
/// <param name="Doubled">Interactions that are there more than once.</param>
/// <param name="Wrong">Counts, flags and answers that are not what they must be.</param>
internal sealed record Verdict(int Lost, int Doubled, int Wrong)
{
    public bool IsGood => this == new Verdict(0, 0, 0);
}

/// <summary>Compares the ledger with the database and with what each node tells.</summary>
internal static class Proof
{
    public static async Task<Verdict> MakeAsync(Cluster cluster, Load load, Ledger ledger)
    {
        var (lost, doubled, wrong) = (0, 0, 0);
        await using var database = NpgsqlDataSource.Create(cluster.Database);
        foreach (var account in ledger.Accounts)
        {
            var there = await CountsOfIdsAsync(database, account.Key);
            lost += Count("lost", account.Known.Keys.Where(id => !there.ContainsKey(id)));
            doubled += Count("doubled", there.Where(t => t.Value > 1).Select(t => t.Key));
            wrong += Count("never sent", there.Keys.Where(id => !account.Known.ContainsKey(id)));
            for (var node = 0; node < cluster.Nodes.Count; node++)
            {
                var answer = await load.TotalsAsync(node, account);
                if (answer?.Status != 200 || (int)answer.Json["totals"]!["events"]! != account.Known.Count)
                {
                    wrong++;
                    ledger.Find($"{account.Advertiser} on {cluster.Nodes[node].Name}: {answer?.Body}, {account.Known.Count} expected");
                }
            }
        }

        lost += Count("not in the feed", ledger.Accounts[0].Known.Keys.Where(id => !ledger.Fed.ContainsKey(id)));
        foreach (var toggled in ledger.Toggled)
        {
            var state = await StateAsync(database, toggled.Id);
            var expected = string.Create(
                CultureInfo.InvariantCulture, $"{toggled.Read} {toggled.Important} {toggled.Notes} {toggled.Archived}");
            if (state == expected)
                continue;
            wrong++;
            ledger.Find($"interaction {toggled.Id}: {state}, {expected} expected");
        }

        foreach (var what in (string[])["counters", "interactions"])
        {
            var (code, output) = await cluster.Nodes[0].CommandAsync(what, "verify");
            if (code == 0)
                continue;
            wrong++;
            ledger.Find($"lips {what} verify: {output}");
        }

        return new Verdict(lost, doubled, wrong);

        int Count(string what, IEnumerable<string> ids)
        {
            var all = ids.ToList();
            if (all.Count > 0)
                ledger.Find($"{what}: {string.Join(", ", all.Take(5))}");
            return all.Count;
        }
    }

    private static async Task<Dictionary<string, int>> CountsOfIdsAsync(NpgsqlDataSource database, long advertiser)
    {
        await using var command = database.CreateCommand(
            "SELECT coalesce(external_id, notes), count(*)::integer FROM interactions.interactions WHERE advertiser = $1 GROUP BY 1");
        command.Parameters.Add(new() { Value = advertiser });
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            found[row.GetString(0)] = row.GetInt32(1);
        return found;
    }

    private static async Task<string?> StateAsync(NpgsqlDataSource database, long id)
    {
        await using var command = database.CreateCommand(
            "SELECT read, important, notes, archived_at IS NOT NULL FROM interactions.interactions WHERE id = $1");
        command.Parameters.Add(new() { Value = id });
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync()
            ? $"{row.GetBoolean(0)} {row.GetBoolean(1)} {(row.IsDBNull(2) ? null : row.GetString(2))} {row.GetBoolean(3)}"
            : null;
    }
}
