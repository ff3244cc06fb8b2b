using System.Collections.Concurrent;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Host.Tests.Processes;

/// <summary>Hosts are killed with SIGKILL, and the database's sessions are ended, amid writes of every kind.</summary>
public sealed class KilledHostTests
{
    private const string EndSessions =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
            + "AND application_name LIKE 'lips %'";

    [Fact]
    public async Task Killed_at_any_moment_a_host_leaves_cells_that_equal_a_recount_and_all_that_it_acknowledged()
    {
        const int kills = 3;
        using var home = new TempHome();
        var database = await TestPostgres.NewDatabaseAsync();
        (string, string)[] settings = [("ConnectionStrings__Lips", database), ("Lips__AdminToken", LipsProcess.Token)];
        var created = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var archived = new ConcurrentDictionary<long, bool>();
        var random = new Random(5);
        for (var kill = 0; kill < kills; kill++)
        {
            await using var host = await LipsProcess.ServeReadyAsync(home, settings);
            using var client = host.NewClient(LipsProcess.Token);
            var before = created.Count;
            var writers = Enumerable.Range(0, 6).Select(writer => Task.Run(() => WriteAsync(client, $"{kill}-{writer}", created, archived)))
                .ToList();
            await host.UntilAsync("60 more are in", () => Task.FromResult(created.Count >= before + 60));
            if (kill == kills - 1)
                await EndSessionsAsync(database, 12);
            await Task.Delay(random.Next(40));
            host.Send(Signals.Kill);
            await host.EndAsync();
            await Task.WhenAll(writers);

            await using var verify = LipsProcess.Run(home, ["counters", "verify"], settings[0]);
            Assert.True(await verify.EndAsync() == 0, verify.Output + verify.Errors);
        }

        await using var next = await LipsProcess.ServeReadyAsync(home, settings);
        using var reader = next.NewClient(LipsProcess.Token);
        var all = await Records.AllAsync(reader);
        Assert.All(created.Where(c => !archived.ContainsKey(c.Value)), c => Assert.Contains(c.Key, all));
        Assert.All(created.Where(c => archived.TryGetValue(c.Value, out var isSure) && isSure), c => Assert.DoesNotContain(c.Key, all));
        // Sent again, what was acknowledged is there already, and what was not is made: once.
        var again = (await reader.BulkAsync(created.Keys.Select(Records.New))).Is(200);
        Assert.True((int)again.Json["duplicates"]! == created.Count, again.Body);
        await next.StopAsync();
    }

    private static async Task EndSessionsAsync(string database, int times)
    {
        await using var connection = new NpgsqlConnection(database + ";Application Name=killer");
        await connection.OpenAsync();
        for (var i = 0; i < times; i++)
        {
            await using var command = new NpgsqlCommand(EndSessions, connection);
            await command.ExecuteNonQueryAsync();
            await Task.Delay(60);
        }
    }

    /// <param name="client">The host.</param>
    /// <param name="writer">What the external ids begin with.</param>
    /// <param name="created">Takes what was acknowledged.</param>
    /// <param name="archived">Takes what was archived: true once acknowledged, false while it is not known.</param>
    private static async Task WriteAsync(
        HttpClient client, string writer, ConcurrentDictionary<string, long> created, ConcurrentDictionary<long, bool> archived)
    {
        try
        {
            for (var n = 0; ; n++)
            {
                var external = $"{writer}-{n}";
                var answer = await client.PostAsync("/contact_interactions", new { contact_interaction = Records.New(external) });
                if (answer.Status == 503)
                    continue;
                var id = (long)answer.Is(201).Json["id"]!;
                created[external] = id;
                (await client.BulkAsync([Records.New(external), Records.New(external + "-bulk")])).IsOrAway(200);
                (await client.UpdateAsync(id, new { read = true, important = n % 2 == 0 })).IsOrAway(200);
                if (n % 3 != 0)
                    continue;
                archived[id] = false;
                if ((await client.ArchiveAsync(id)).IsOrAway(200))
                    archived[id] = true;
            }
        }
        catch (HttpRequestException)
        {
            // Killed.
        }
    }
}

file static class Answers
{
    /// <summary>Fails unless the status is this one or 503; tells which.</summary>
    public static bool IsOrAway(this Answer answer, int status) => answer.Status != 503 && answer.Is(status) is not null;
}
