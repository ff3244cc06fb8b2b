using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lips.Host.Telemetry;
using Lips.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Xunit;

namespace Lips.Host.Tests.Telemetry;

/// <summary>What a line of the log tells: when, where, how bad, what, and of which request.</summary>
public sealed partial class LogLineTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    private static readonly (string Name, string Value)[] TraceParent = [("traceparent", $"00-{Trace}-b7ad6b7169203331-01")];

    [Fact]
    public async Task A_line_has_its_time_level_node_and_category()
    {
        using var home = new TempHome();
        await using var host = await LipsProcess.ServeReadyAsync(
            home, ("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync()), ("Lips__AdminToken", LipsProcess.Token),
            ("Lips__Node", "blue-1"));
        await host.StopAsync();

        Assert.All(host.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(TextLine(), line));
    }

    [Fact]
    public async Task With_the_setting_each_line_is_json()
    {
        using var home = new TempHome();
        await using var host = await LipsProcess.ServeReadyAsync(
            home, ("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync()), ("Lips__AdminToken", LipsProcess.Token),
            ("Logging__Console__FormatterName", "json"));
        await host.StopAsync();

        var lines = host.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, line =>
        {
            Assert.Equal("info", (string)line["level"]!);
            Assert.Matches(Time(), (string)line["time"]!);
            Assert.EndsWith($":{host.Id}", (string)line["node"]!, StringComparison.Ordinal);
        });
        Assert.Contains(lines, line => ((string)line["message"]!).StartsWith("Now listening on: ", StringComparison.Ordinal)
            && (string)line["values"]!["address"]! == host.Address!.ToString().TrimEnd('/'));
    }

    [Fact]
    public async Task A_failure_has_the_trace_of_its_request_in_the_answer_and_in_the_log()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var on = await LipsNode.StartWithAsync(null, collector.Settings);
        await using var off = await LipsNode.StartAsync();
        foreach (var node in new[] { on, off })
        {
            await TestPostgres.ExecuteAsync(
                node.ConnectionString, "ALTER TABLE interactions.contacts ADD CONSTRAINT no_more CHECK (first_name <> 'Ada') NOT VALID");

            var answer = (await node.Client.PostAsync(
                "/contact_interactions",
                new
                {
                    contact_interaction = new
                    {
                        global_master_advertiser_id = "USA_1",
                        event_type = "call",
                        occurred_at = "2026-03-02T10:00:00Z",
                        contact = new { first_name = "Ada" },
                    },
                },
                TraceParent)).Is(500);

            Assert.Equal(Trace, (string)answer.Json["trace_id"]!);
            Assert.Contains(node.LogLines, line => line.StartsWith("Error", StringComparison.Ordinal)
                && line.Contains($"trace {Trace}", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_line_of_a_traced_request_says_so_and_an_exception_stands_below_it()
    {
        using var activity = new System.Diagnostics.Activity("request").Start();

        var text = Written("simple", "two\nlines", new InvalidOperationException("no\nway"));
        var json = JsonNode.Parse(Written("json", "two\nlines", new InvalidOperationException("no\nway")))!;

        Assert.Matches(
            $@"^\S+Z warning blue-1 Lips: two lines trace_id={activity.TraceId}\n  System\.InvalidOperationException: no\n  way\n$", text);
        Assert.Equal(activity.TraceId.ToString(), (string)json["trace_id"]!);
        Assert.Equal("two\nlines", (string)json["message"]!);
        Assert.Equal("System.InvalidOperationException: no\nway", (string)json["exception"]!);
        Assert.DoesNotContain("trace_id", WrittenWithout(activity), StringComparison.Ordinal);
    }

    private static string WrittenWithout(System.Diagnostics.Activity activity)
    {
        activity.Stop();
        return Written("simple", "a", null);
    }

    private static string Written(string formatter, string message, Exception? exception)
    {
        var services = new ServiceCollection();
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Lips:Node", "blue-1")]).Build();
        services.AddLogging(logging => LogLines.AddTo(logging, settings));
        using var provider = services.BuildServiceProvider();
        using var written = new StringWriter();
        provider.GetServices<ConsoleFormatter>().Single(f => f.Name == formatter).Write(
            new LogEntry<string>(LogLevel.Warning, "Lips", default, message, exception, (said, _) => said), null, written);
        return written.ToString();
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info blue-1 [\w.]+: \S")]
    private static partial Regex TextLine();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
    private static partial Regex Time();
}
