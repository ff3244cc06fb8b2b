using System.Globalization;
using Lips.Testing;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Lips.Host.Tests.Fuzz;

/// <summary>A node with data that the requests may change, and data that they may not.</summary>
internal sealed class FuzzWorld : IAsyncDisposable
{
    /// <summary>Stands in the data of advertisers that no drawn caller may see.</summary>
    public const string VictimMark = "Zq7Victim";

    private const int RowsEach = 60;

    private static readonly string[] Victims = ["USA_9001", "TEST_9002"];

    // GBR_6 may be read by one of the callers, the victims by none.
    private const string Untouchable = "(6000000000006, 1000000009001, 7000000009002)";

    private static readonly string[] TablesOfAdvertisers =
    [
        "interactions.interactions", "interactions.contacts", "interactions.contact_phones", "interactions.interaction_tags",
        "interactions.interaction_versions", "interactions.idempotency_keys", "counters.advertisers", "counters.cells", "counters.runs",
    ];

    private readonly LogLines log;
    private readonly string untouched;

    private FuzzWorld(LipsNode node, LogLines log, Callers callers, string untouched) =>
        (Node, this.log, Callers, this.untouched) = (node, log, callers, untouched);

    public LipsNode Node { get; }

    public Callers Callers { get; }

    /// <summary>What the node said of its failures.</summary>
    public IEnumerable<string> Failures => log.Faults;

    public static async Task<FuzzWorld> StartAsync()
    {
        // What the program logs by its own settings, not all that could be logged.
        var log = new LogLines();
        var node = await LipsNode.StartAsync(builder => builder.Logging.ClearProviders().AddProvider(log));
        var rows = Callers.Advertisers.Concat(Victims)
            .SelectMany(advertiser => Enumerable.Range(1, RowsEach).Select(number => Row(advertiser, number)));
        var loaded = (await node.Client.BulkAsync(rows)).Is(200).Json;
        Assert.Equal(RowsEach * (Callers.Advertisers.Length + Victims.Length), (int)loaded["created"]!);
        var ids = await TestPostgres.ColumnAsync<long>(node.ConnectionString, "SELECT id FROM interactions.interactions ORDER BY id");
        var callers = new Callers(
            await TokenAsync(node, ["USA_1", "AUS_2"], ["read", "write", "ingest"]),
            await TokenAsync(node, ["GBR_3", "TEST_4"], ["read", "write"], pii: false),
            await TokenAsync(node, ["USA_1", "CAN_5"], ["ingest"]),
            await TokenAsync(node, ["USA_1", "GBR_6"], ["read"]),
            await TokenAsync(node, ["USA_1", "AUS_2"], ["read", "write", "ingest"], revoked: true),
            LipsNode.AdminToken,
            ids);
        return new FuzzWorld(node, log, callers, await UntouchedAsync(node));
    }

    /// <summary>Fails unless all is as it must be after whatever was asked.</summary>
    public async Task AssertUnharmedAsync()
    {
        await NothingIsLeftOpenAsync();
        await Node.AssertWholeAsync();
        Assert.Equal(untouched, await UntouchedAsync(Node));
        foreach (var advertiser in Callers.Advertisers.Concat(Victims))
        {
            var totals = (await Node.Client.GetAnswerAsync($"/contact_interactions/totals?global_master_advertiser_id={advertiser}"))
                .Is(200).Json;
            Assert.Equal(await ActiveRowsAsync(advertiser), (long)totals["totals"]!["events"]!);
        }

        (await Node.Client.GetAnswerAsync("/health/ready")).Is(200);
        Assert.Empty(log.Faults);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        log.Dispose();
    }

    private static object Row(string advertiser, int number)
    {
        var mark = Victims.Contains(advertiser) ? VictimMark : Hostile.Mark;
        return new
        {
            global_master_advertiser_id = advertiser,
            event_type = number % 2 == 0 ? "call" : "form",
            occurred_at = new DateTime(2021, 9, 6, 16, 16, 8, DateTimeKind.Utc).AddHours(number)
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            notes = mark,
            tags = new[] { "vip", mark },
            channel = "search",
            wpc_id = "w",
            contact = new { first_name = mark, email = $"{mark}{number}@x.example", phone_numbers = new[] { $"+1989364{number:D4}" } },
        };
    }

    private static async Task<string> TokenAsync(
        LipsNode node, string[] advertisers, string[] abilities, bool pii = true, bool revoked = false)
    {
        var token = await node.NewTokenAsync(new { name = "fuzz", advertisers, abilities, trusted = true, pii });
        if (revoked)
            (await node.Client.SendAsync(HttpMethod.Delete, $"/tokens/{token["id"]}")).Is(200);
        return token.Secret();
    }

    /// <summary>
    /// All that no request may change, as one text: rows of advertisers that none of the callers may write,
    /// whose rows there are, and the tokens.
    /// </summary>
    private static async Task<string> UntouchedAsync(LipsNode node)
    {
        var parts = new List<string>();
        foreach (var table in TablesOfAdvertisers)
            parts.AddRange(await TestPostgres.ColumnAsync<string>(
                node.ConnectionString,
                $"SELECT '{table} ' || count(*) || md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), "
                    + $"'')) FROM {table} t WHERE advertiser IN {Untouchable}"));
        parts.AddRange(await TestPostgres.ColumnAsync<string>(
            node.ConnectionString,
            "SELECT DISTINCT 'rows of ' || advertiser FROM interactions.interactions WHERE advertiser <> 2000000000005 ORDER BY 1"));
        parts.AddRange(await TestPostgres.ColumnAsync<string>(
            node.ConnectionString,
            "SELECT 'not ingested for: ' || advertiser || ' ' || count(*) FROM interactions.interactions WHERE advertiser IN "
                + "(6000000000003, 7000000000004) GROUP BY advertiser ORDER BY 1"));
        parts.AddRange(await TestPostgres.ColumnAsync<string>(
            node.ConnectionString, "SELECT (to_jsonb(t) - 'last_used_at')::text FROM access.tokens t ORDER BY id"));
        return string.Join('\n', parts);
    }

    private async Task<long> ActiveRowsAsync(string advertiser)
    {
        var (platform, number) = (advertiser.Split('_')[0], advertiser.Split('_')[1]);
        var code = platform switch { "USA" => 1, "CAN" => 2, "AUS" => 3, "GBR" => 6, _ => 7 };
        return (await TestPostgres.ColumnAsync<long>(
            Node.ConnectionString,
            $"SELECT count(*) FROM interactions.interactions WHERE advertiser = {code} "
                + $"* 1000000000000 + {number} AND archived_at IS NULL"))[0];
    }

    // What a request that was cut off had begun ends a moment after it.
    private async Task NothingIsLeftOpenAsync()
    {
        const string open =
            """
            SELECT a.pid || ' ' || a.state || ' ' || a.query FROM pg_stat_activity a
            WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
                AND (a.xact_start IS NOT NULL OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid
                    AND l.locktype IN ('transactionid', 'tuple', 'advisory')))
            """;
        for (var attempt = 1; ; attempt++)
        {
            var left = await TestPostgres.ColumnAsync<string>(Node.ConnectionString, open);
            if (left.Count == 0)
                return;
            Assert.True(attempt < 600, "Sessions are left open:\n" + string.Join('\n', left));
            await Task.Delay(50);
        }
    }
}
