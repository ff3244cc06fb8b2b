using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Host.Tests.Containers;
using Lips.Host.Tests.Processes;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Lips.Host.Tests.Telemetry;

/// <summary>What a collector gets, and that the dashboard and the alerts name nothing else.</summary>
public sealed class TelemetryTests
{
    // One connection that is lent, and one for what does not wait in line.
    private const string Narrow = ";Maximum Pool Size=2";

    private static readonly string[] Expected = ["busy", "created", "database", "duplicate", "malformed", "rate", "rejected"];

    // Those that Prometheus makes of what a node is, and those of histograms and targets.
    private static readonly string[] EverybodysLabels = ["job", "instance", "le"];

    [Fact]
    public async Task Every_metric_of_the_dashboard_and_the_alerts_is_there()
    {
        var named = Expressions().SelectMany(PromQl.Metrics).ToList();
        Assert.True(named.DistinctBy(n => n.Metric).Count() > 20, $"Only {named.Count} metrics were found.");
        using var home = new TempHome();
        var database = await TestPostgres.NewDatabaseAsync();
        await using var collector = await OtlpCollector.StartAsync();
        await using var host = await LipsProcess.ServeReadyAsync(
            home,
            [
                ("ConnectionStrings__Lips", TestPostgres.AsApplication(database) + Narrow), ("ConnectionStrings__LipsOwner", database),
                ("Lips__AdminToken", LipsProcess.Token), ("Lips__Limits__Waiting", "2"), .. collector.Settings,
            ]);
        await UseAsync(host, database);

        IReadOnlyList<string> missing = [];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (((missing = Missing(named, collector)).Count > 0 || !Happened(collector).SequenceEqual(Expected))
            && !patience.IsCancellationRequested)
            await Task.Delay(100);

        Assert.Empty(missing);
        Assert.Equal(Expected, Happened(collector));

        Assert.Equal(1, collector.Values["lips_ingest_rows_total outcome=rejected"]);
        Assert.Equal(1, collector.Values["lips_changes_batch_size_count"]);
        Assert.InRange(collector.Values["lips_counters_advertisers"], 1, 4);
        Assert.InRange(collector.Values["lips_counters_cells"], 1, 100);
        Assert.InRange(collector.Values["lips_counters_memory_bytes"], 100, collector.Values["lips_counters_memory_limit_bytes"]);
        Assert.InRange(collector.Values["lips_counters_lease_age_seconds"], 0.000_001, 60);
        Assert.Equal(["nothing_total", "lips_http_refusals_total{colour}"], Missing(
            [("nothing_total", []), ("lips_http_refusals_total", ["reason", "colour"])], collector));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_trace_goes_from_the_request_through_the_grain_to_the_statement()
    {
        using var home = new TempHome();
        await using var collector = await OtlpCollector.StartAsync();
        await using var host = await LipsProcess.ServeReadyAsync(
            home,
            [
                ("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync()), ("Lips__AdminToken", LipsProcess.Token),
                .. collector.Settings,
            ]);
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        using var client = host.NewClient(LipsProcess.Token);
        await client.IngestAsync(Records.New("one"));
        (await client.SendAsync(
            HttpMethod.Get, "/contact_interactions/totals?global_master_advertiser_id=USA_1", null,
            ("traceparent", $"00-{trace}-b7ad6b7169203331-01"))).Is(200);

        List<Span> path = [];
        await host.UntilAsync("the trace has come", () => Task.FromResult((path = PathToStatement(collector, trace)).Count > 0));

        Assert.Equal(
            ["IAdvertiserCountersGrain/Count", "IAdvertiserCountersGrain/Count", "GET /contact_interactions/totals"],
            path.Skip(1).Select(s => s.Name));
        Assert.Equal("/contact_interactions/totals", path[^1].Values["http.route"]);
        // The caller's own span; health and what the node asks by itself begin no trace.
        Assert.Equal("b7ad6b7169203331", path[^1].Parent);
        Assert.DoesNotContain(collector.Spans, s => s.Name.Contains("health", StringComparison.Ordinal));
        Assert.DoesNotContain(collector.Spans, s => s is { Scope: "Npgsql", Parent: "" });
        // What a request asked for is nobody else's business.
        Assert.DoesNotContain("USA_1", path[^1].Values["url.query"], StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_batch_of_changes_is_in_the_trace_of_its_first_and_linked_to_the_others()
    {
        using var home = new TempHome();
        await using var collector = await OtlpCollector.StartAsync();
        await using var host = await LipsProcess.ServeReadyAsync(
            home,
            [
                ("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync()), ("Lips__AdminToken", LipsProcess.Token),
                .. collector.Settings,
            ]);
        using var client = host.NewClient(LipsProcess.Token);
        var id = (long)(await client.IngestAsync(Records.New("one")))["id"]!;
        (await client.SendAsync(
            HttpMethod.Put, $"/contact_interactions/{id.ToString(CultureInfo.InvariantCulture)}",
            new { contact_interaction = new { read = true } })).Is(200);

        Span? put = null;
        await host.UntilAsync("the change has come", () => Task.FromResult(
            (put = collector.Spans.FirstOrDefault(s => s.Name == "PUT /contact_interactions/{id:long}")) is not null
            && collector.Spans.Any(s => s.Trace == put.Trace && s.Scope == "Npgsql")));

        var batch = Assert.Single(collector.Spans, s => s.Trace == put!.Trace && s.Name == "batch");
        Assert.Equal(put!.Id, batch.Parent);
        Assert.All(collector.Spans.Where(s => s.Trace == put.Trace && s.Scope == "Npgsql"), s => Assert.Equal(batch.Id, s.Parent));
        await host.StopAsync();
    }

    [Fact]
    public async Task Without_a_collector_there_is_nothing_that_listens()
    {
        await using var off = await LipsNode.StartAsync();
        Assert.Null(off.Services.GetService<TracerProvider>());
        Assert.Null(off.Services.GetService<MeterProvider>());

        await using var collector = await OtlpCollector.StartAsync();
        await using var on = await LipsNode.StartWithAsync(null, collector.Settings);
        Assert.NotNull(on.Services.GetService<TracerProvider>());
        Assert.NotNull(on.Services.GetService<MeterProvider>());
    }

    [Fact]
    public async Task A_collector_that_is_no_address_ends_the_start_with_a_line_that_says_so()
    {
        using var home = new TempHome();
        await using var host = LipsProcess.Serve(
            home, ("ConnectionStrings__Lips", "Host=127.0.0.1"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"));

        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT", await host.RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_alert_is_told_of_in_the_operations_manual()
    {
        var manual = Repository.Read("build/operations.md");

        var alerts = Rules().Select(rule => ((YamlScalarNode)rule["alert"]).Value!).ToList();

        Assert.True(alerts.Count > 8, $"Only {alerts.Count} alerts were found.");
        Assert.Empty(alerts.Where(alert => !manual.Contains($"| `{alert}` |", StringComparison.Ordinal)));
        Assert.Equal(alerts.Count, alerts.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void An_expression_is_taken_apart()
    {
        var named = PromQl.Metrics(
            """histogram_quantile(0.99, sum by (le, b) (rate(a_bucket{code!~"5.. x=1", route="{id}"}[5m]))) > 1 and on (c) d offset 5m""");

        Assert.Equal(["a_bucket: code route", "d: "], named.Select(n => $"{n.Metric}: {string.Join(' ', n.Labels)}"));
    }

    [Theory]
    [InlineData("lips.ingest.rows", "{row}", false, true, "lips_ingest_rows_total")]
    [InlineData("lips.counters.lease.age", "s", false, false, "lips_counters_lease_age_seconds")]
    [InlineData("orleans-app-latency", "ms", true, false, "orleans_app_latency_milliseconds_bucket")]
    public void A_metric_is_called_as_in_Prometheus(string name, string unit, bool isHistogram, bool onlyGrows, string expected) =>
        Assert.Equal(expected, OtlpCollector.PrometheusNames(name, unit, isHistogram, onlyGrows).First());

    /// <summary>Records that come and are refused, a change, totals, a list, a limit, and connections that are all taken.</summary>
    private static async Task UseAsync(LipsProcess host, string database)
    {
        using var client = host.NewClient(LipsProcess.Token);
        string[] advertisers = ["USA_1", "USA_2", "USA_3", "USA_4"];
        foreach (var advertiser in advertisers)
            await client.IngestAsync(Record(advertiser));
        var known = Records.New("one");
        (await client.BulkAsync(["bad", known, known])).Is(200);
        using (var raw = await RawConnection.OpenAsync(host.Address!))
        {
            await raw.SendAsync("nothing\r\n\r\n");
            Assert.Equal(400, (await raw.AnswerAsync())?.Status);
        }

        var list = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1")).Is(200);
        (await client.SendAsync(
            HttpMethod.Put, $"/contact_interactions/{list.Ids[0].ToString(CultureInfo.InvariantCulture)}",
            new { contact_interaction = new { read = true } })).Is(200);
        (await client.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_1")).Is(200);
        var made = (await client.PostAsync("/tokens", new { token = new { name = "limited", advertisers = "all" } })).Is(201);
        using (var limited = host.NewClient(made.Json["token"]!.Secret()))
        {
            while ((await limited.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_1")).Status != 429)
            {
            }
        }

        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var locking = new NpgsqlCommand("SELECT FROM counters.advertisers FOR UPDATE", connection, transaction))
            await locking.ExecuteNonQueryAsync();
        var writes = advertisers.Select(advertiser => client.PostAsync(
            "/contact_interactions", new { contact_interaction = Record(advertiser) })).ToList();
        // One waits for the lock, two for its connection, and the fourth is one too many.
        var busy = (await await Task.WhenAny(writes)).Is(503);
        Assert.Equal("The service has too much to do at this moment; try again.", (string?)busy.Json["message"]);
        Assert.Equal(TimeSpan.FromSeconds(1), busy.Headers.RetryAfter?.Delta);
        await host.UntilAsync("one waits for the lock", async () => await TestPostgres.ScalarAsync<long>(
            database,
            "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
            > 0);
        writes.RemoveAll(w => w.IsCompleted);
        Assert.Equal("The database cannot be reached; try again.", (string?)(await await Task.WhenAny(writes)).Is(503).Json["message"]);
        await transaction.RollbackAsync();
        await Task.WhenAll(writes);
    }

    // Of our own counters, by outcome or reason.
    private static List<string> Happened(OtlpCollector collector) =>
        [.. collector.Values.Where(v => v.Value > 0 && v.Key.Contains('=')).Select(v => v.Key.Split('=')[1]).Order(StringComparer.Ordinal)];

    private static object Record(string advertiser) =>
        new { global_master_advertiser_id = advertiser, event_type = "call", occurred_at = "2026-03-02T10:00:00Z" };

    private static List<Span> PathToStatement(OtlpCollector collector, string trace)
    {
        var spans = collector.Spans.Where(s => s.Trace == trace).ToList();
        // The first asks for a checkpoint.
        foreach (var statement in spans.Where(
            s => s.Scope == "Npgsql" && s.Values["db.query.text"].Contains("counters.cells", StringComparison.Ordinal)))
        {
            var path = new List<Span> { statement };
            while (spans.Find(s => s.Id == path[^1].Parent) is { } parent)
                path.Add(parent);
            if (path.Exists(s => s.Scope == "Microsoft.Orleans.Application") && path[^1].Scope == "Microsoft.AspNetCore")
                return path;
        }

        return [];
    }

    private static List<string> Missing(IEnumerable<(string Metric, IReadOnlyList<string> Labels)> named, OtlpCollector collector) =>
        [.. named.SelectMany(n => collector.Metrics.TryGetValue(n.Metric, out var labels)
            ? n.Labels.Where(l => !labels.ContainsKey(l) && !EverybodysLabels.Contains(l)).Select(l => $"{n.Metric}{{{l}}}") : [n.Metric])
            .Distinct(StringComparer.Ordinal)];

    private static IEnumerable<string> Expressions() => Rules().Select(rule => ((YamlScalarNode)rule["expr"]).Value!).Concat(
        JsonNode.Parse(Repository.Read("build/telemetry/dashboard.json"))!["panels"]!.AsArray()
            .SelectMany(panel => panel!["targets"]?.AsArray() ?? []).Select(target => (string)target!["expr"]!));

    private static IEnumerable<YamlMappingNode> Rules()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Repository.Read("build/telemetry/alerts.yml")));
        return ((YamlSequenceNode)stream.Documents[0].RootNode["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"])
            .Cast<YamlMappingNode>();
    }
}
