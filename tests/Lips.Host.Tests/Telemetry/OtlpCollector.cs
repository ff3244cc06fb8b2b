using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lips.Host.Tests.Telemetry;

/// <summary>A span as it was exported.</summary>
internal sealed record Span(string Trace, string Id, string Parent, string Scope, string Name, IReadOnlyDictionary<string, string> Values);

/// <summary>
/// An OTLP collector on loopback (HTTP, protobuf), which keeps the spans, and of each metric its name in Prometheus and its labels. Numbers
/// of fields: opentelemetry-proto 1.x.
/// </summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication app;

    private OtlpCollector(WebApplication app) => this.app = app;

    /// <summary>The metrics by their names in Prometheus, and the names of their labels.</summary>
    public ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> Metrics { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// What our own instruments said last, such as <c>lips_http_refusals_total reason=rate</c>; of a histogram the number.
    /// </summary>
    public ConcurrentDictionary<string, double> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>All spans.</summary>
    public ConcurrentQueue<Span> Spans { get; } = new();

    /// <summary>The settings of a node that exports here, often.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", app.Urls.First()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "500"), ("OTEL_BSP_SCHEDULE_DELAY", "200"),
    ];

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var collector = new OtlpCollector(app);
        app.MapPost("/v1/metrics", http => ReadAsync(http, collector.AddMetrics));
        app.MapPost("/v1/traces", http => ReadAsync(http, collector.AddSpans));
        await app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    /// <summary>
    /// How Prometheus calls a metric of OTLP, and the parts of a histogram: dots become underscores, the unit comes behind (annotations in
    /// braces do not), and <c>_total</c> behind what only grows.
    /// </summary>
    internal static IEnumerable<string> PrometheusNames(string name, string unit, bool isHistogram, bool onlyGrows)
    {
        var suffix = unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            _ => "",
        };
        var full = name.Replace('.', '_').Replace('-', '_') + suffix;
        return isHistogram ? [full + "_bucket", full + "_count", full + "_sum"] : [onlyGrows ? full + "_total" : full];
    }

    private static async Task ReadAsync(HttpContext http, Action<ProtoMessage> add)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        add(new ProtoMessage(body.ToArray()));
    }

    private void AddMetrics(ProtoMessage request)
    {
        foreach (var metric in request.All(1).SelectMany(resource => resource.All(2)).SelectMany(scope => scope.All(2)))
        {
            var (isHistogram, sum) = (metric.Has(9), metric.One(7));
            var points = new[] { metric.One(5), sum, metric.One(9) }.SelectMany(data => data.All(1)).ToList();
            var labelsOf = isHistogram ? 9 : 7;
            foreach (var name in PrometheusNames(metric.Text(1), metric.Text(3), isHistogram, sum.Number(3) == 1))
            {
                var known = Metrics.GetOrAdd(name, _ => new(StringComparer.Ordinal));
                foreach (var label in points.SelectMany(point => point.All(labelsOf)))
                    known[label.Text(1).Replace('.', '_')] = true;
                foreach (var point in points.Where(_ => name.StartsWith("lips_", StringComparison.Ordinal)))
                    Values[string.Join(' ', point.All(labelsOf).Select(l => $"{l.Text(1)}={l.One(2).Text(1)}").Prepend(name))] =
                        isHistogram || point.Has(6) ? point.Number(isHistogram ? 4 : 6) : BitConverter.UInt64BitsToDouble(point.Number(4));
            }
        }
    }

    private void AddSpans(ProtoMessage request)
    {
        foreach (var scope in request.All(1).SelectMany(resource => resource.All(2)))
        {
            foreach (var span in scope.All(2))
                Spans.Enqueue(new Span(
                    span.Hex(1), span.Hex(2), span.Hex(4), scope.One(1).Text(1), span.Text(5),
                    span.All(9).ToDictionary(a => a.Text(1), a => a.One(2).Text(1), StringComparer.Ordinal)));
        }
    }
}
