using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Lips.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Lips.Host.Tests.Fuzz;

/// <summary>
/// Hostile input against a live node. <c>LIPS_FUZZ_SEED=s</c> draws the same requests again,
/// <c>LIPS_FUZZ_SEED=s:n</c> only the one of that number,
/// <c>LIPS_FUZZ_REQUESTS</c> so many of them.
/// </summary>
[Collection(nameof(AloneCollection))]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Connections = 8;
    private const int MostFaults = 10;

    // What CI says is to be of the change that it runs for, and not of luck. Everywhere else new requests are drawn each time.
    private const int SeedOfCi = 168_218_608;

    // Far beyond what any of them takes, so that only a hang comes to it.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly int[] Documented = [200, 201, 304, 400, 401, 403, 404, 405, 406, 410, 413, 414, 415, 422, 431];

    private readonly ConcurrentDictionary<int, int> statuses = new();
    // One of a kind: the first of each is enough to mend it.
    private readonly ConcurrentDictionary<string, string> faults = new();
    private int serversOwn;
    private int unanswered;
    private int next;

    [Fact]
    public async Task Whatever_is_sent_is_answered_as_documented_and_harms_nothing()
    {
        var (seed, only) = Seed();
        var first = only ?? 0;
        var requests = only is null ? Requests() : 1;
        output.WriteLine($"LIPS_FUZZ_SEED={seed}, {requests} requests");
        await using var world = await FuzzWorld.StartAsync();
        var clock = Stopwatch.StartNew();
        var generator = new RequestGenerator(seed, world.Callers, world.Node.Address.Authority);
        next = first - 1;

        await Task.WhenAll(Enumerable.Range(0, Math.Min(Connections, requests))
            .Select(_ => Task.Run(() => SendAsync(world.Node.Address, generator, seed, first + requests))));

        var told = $"LIPS_FUZZ_SEED={seed}: {requests} requests in {clock.Elapsed.TotalSeconds:F1} s; "
            + $"{string.Join(", ", statuses.OrderBy(s => s.Key).Select(s => $"{s.Key}: {s.Value}"))}; no HTTP: {serversOwn}; "
            + $"cut off: {unanswered}";
        output.WriteLine(told);
        Assert.True(faults.IsEmpty, $"{told}\n{string.Join("\n\n", faults.Values.Concat(world.Failures))}");
        await world.AssertUnharmedAsync();
        if (only is not null)
            return;
        Assert.True(serversOwn + unanswered <= requests * 0.3, $"Too few requests were for the application. {told}");
        if (requests >= 50_000)
            Assert.True(Documented.All(statuses.ContainsKey), $"Some answers were never drawn. {told}");
    }

    private static (int Seed, int? Only) Seed()
    {
        if (Environment.GetEnvironmentVariable("LIPS_FUZZ_SEED") is not { Length: > 0 } given)
            return (Environment.GetEnvironmentVariable("CI") is { Length: > 0 } ? SeedOfCi : Random.Shared.Next(), null);
        var parts = given.Split(':');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture),
            parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : null);
    }

    private static int Requests()
    {
        if (Environment.GetEnvironmentVariable("LIPS_FUZZ_REQUESTS") is { Length: > 0 } given)
            return int.Parse(given, CultureInfo.InvariantCulture);
        return Environment.GetEnvironmentVariable("LIPS_SOAK") is { Length: > 0 } ? 500_000 : 50_000;
    }

    private async Task SendAsync(Uri node, RequestGenerator generator, int seed, int end)
    {
        using var connection = new FuzzConnection(node);
        using var patience = new Patient();
        while (faults.Count < MostFaults && Interlocked.Increment(ref next) is var number && number < end)
        {
            var request = generator.Next(number);
            try
            {
                Judge(request, await connection.AskAsync(request, patience.For(Patience)), seed);
            }
            catch (OperationCanceledException)
            {
                Fault(request, seed, $"There was no answer in {Patience.TotalSeconds} s.", "");
            }
            catch (Exception e) when (e is RawException or System.Net.Sockets.SocketException)
            {
                Fault(request, seed, e.GetType().Name, e.Message);
            }
        }
    }

    private void Judge(FuzzRequest request, RawAnswer? answer, int seed)
    {
        if (answer is null)
        {
            Interlocked.Increment(ref unanswered);
            if (!request.MayBeCut)
                Fault(request, seed, "The connection was closed without an answer.", "");
            return;
        }

        if (AnswerCheck.IsServersOwn(answer))
            Interlocked.Increment(ref serversOwn);
        statuses.AddOrUpdate(answer.Status, 1, (_, count) => count + 1);
        if (AnswerCheck.Fault(request, answer) is { } fault)
            Fault(
                request,
                seed,
                $"{answer.Status}: {fault}",
                $"{string.Join("\n", answer.Headers.Select(h => $"{h.Name}: {h.Value}"))}\n"
                    + $"{Encoding.UTF8.GetString(answer.Bytes.AsSpan(0, Math.Min(answer.Bytes.Length, 2_000)))}");
    }

    private void Fault(FuzzRequest request, int seed, string what, string how) =>
        faults.TryAdd(what, $"{what}\n{how}\n{request.Show(seed)}");

    /// <summary>A time limit that is used again from request to request.</summary>
    private sealed class Patient : IDisposable
    {
        private CancellationTokenSource source = new();

        public CancellationToken For(TimeSpan time)
        {
            if (!source.TryReset())
            {
                source.Dispose();
                source = new CancellationTokenSource();
            }

            source.CancelAfter(time);
            return source.Token;
        }

        public void Dispose() => source.Dispose();
    }
}
