using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lips.Kernel.Database;

namespace Lips.Kernel;

/// <summary>
/// What the service measures itself, beside the instruments of ASP.NET Core, Npgsql and Orleans. Nothing is kept here: while nobody
/// listens, a measurement is a comparison. What each says to an operator: build/operations.md.
/// </summary>
public static class LipsMeter
{
    /// <summary>The name of the meter, and of the source of spans.</summary>
    public const string Name = "Lips";

    private static readonly Meter Meter = new(Name);
    private static readonly ActivitySource Source = new(Name);

    private static readonly Counter<long> Rows = Meter.CreateCounter<long>(
        "lips.ingest.rows", "{row}", "Records that were sent for ingest, by what became of them.");

    private static readonly Histogram<int> Changes = Meter.CreateHistogram(
        "lips.changes.batch.size", "{change}", "Changes of single records that one transaction took.",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });

    private static readonly Counter<long> Unanswered = Meter.CreateCounter<long>(
        "lips.counters.unanswered", "{call}", "Commits of which the holder of the counters did not take note in time.");

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "lips.http.refusals", "{request}", "Requests that were refused for what no endpoint decides, by reason.");

    /// <summary>
    /// Has every counter begin at 0, for those who listen now: of one that appears with its first measurement, nobody sees an increase.
    /// </summary>
    public static void BeginAtZero()
    {
        foreach (var outcome in (ReadOnlySpan<string>)["created", "duplicate", "rejected"])
            Rows.Add(0, KeyValuePair.Create<string, object?>("outcome", outcome));
        foreach (var reason in (ReadOnlySpan<string>)["database", "busy", "timeout", "rate", "malformed", "connections"])
            Refusals.Add(0, KeyValuePair.Create<string, object?>("reason", reason));
        Unanswered.Add(0);
    }

    /// <summary>A record was sent for ingest.</summary>
    /// <param name="outcome"><c>created</c>, <c>duplicate</c> or <c>rejected</c>.</param>
    public static void Ingested(string outcome) => Rows.Add(1, KeyValuePair.Create<string, object?>("outcome", outcome));

    /// <summary>A transaction has taken changes of single records.</summary>
    public static void Changed(int count) => Changes.Record(count);

    /// <summary>A holder of counters did not answer: it is revoked, and the writer waits for its lease.</summary>
    public static void HolderDidNotAnswer() => Unanswered.Add(1);

    /// <summary>A request was refused.</summary>
    /// <param name="reason"><c>database</c>, <c>busy</c> and <c>timeout</c> (503), <c>rate</c> (429), <c>malformed</c> (no request at
    /// all), or <c>connections</c> (closed without an answer, as the address has too many).</param>
    public static void Refused(string reason) => Refusals.Add(1, KeyValuePair.Create<string, object?>("reason", reason));

    /// <summary>Has the counters in memory observed, until what is returned is disposed of.</summary>
    /// <param name="advertisers">Of how many advertisers there are any.</param>
    /// <param name="cells">How many cells.</param>
    /// <param name="bytes">The memory that they take.</param>
    /// <param name="budget">The memory that they may take.</param>
    /// <param name="leaseAge">For how long nobody has looked whether they were revoked, in seconds; null where nobody has to.</param>
    public static IDisposable ObserveCounters(
        Func<long> advertisers, Func<long> cells, Func<long> bytes, long budget, Func<double?> leaseAge)
    {
        // Its own, of the same name: of several nodes in one process each ends with its node.
        var meter = new Meter(Name);
        meter.CreateObservableUpDownCounter(
            "lips.counters.advertisers", advertisers, "{advertiser}", "Advertisers whose counters are in this node's memory.");
        meter.CreateObservableUpDownCounter("lips.counters.cells", cells, "{cell}", "Cells in this node's memory.");
        meter.CreateObservableUpDownCounter("lips.counters.memory", bytes, "By", "Memory that the cells take.");
        meter.CreateObservableUpDownCounter("lips.counters.memory.limit", () => budget, "By", "Memory that the cells may take.");
        meter.CreateObservableGauge(
            "lips.counters.lease.age", Ages, "s",
            "Since when the node has not looked whether its counters were revoked. From 2 s on they are not served from memory.");
        return meter;

        IEnumerable<Measurement<double>> Ages() => leaseAge() is { } age ? [new(age)] : [];
    }

    /// <summary>Has the lending of connections observed, until what is returned is disposed of.</summary>
    /// <param name="connections">What lends them.</param>
    public static IDisposable ObserveConnections(Connections connections)
    {
        var meter = new Meter(Name);
        meter.CreateObservableUpDownCounter(
            "lips.connections.waiting", () => connections.Waiting, "{request}", "Requests that wait for one of the node's connections.");
        meter.CreateObservableUpDownCounter(
            "lips.connections.limit", () => connections.Places, "{connection}", "Connections that the node may lend at once.");
        return meter;
    }

    /// <summary>The span of work that is done for several requests at once: part of the first's trace, and linked to all.</summary>
    /// <param name="requests">Those that are traced; null for none.</param>
    /// <returns>Null where nothing is traced.</returns>
    public static Activity? StartBatch(List<ActivityLink>? requests) =>
        requests is null ? null : Source.StartActivity("batch", ActivityKind.Internal, requests[0].Context, links: requests);
}
