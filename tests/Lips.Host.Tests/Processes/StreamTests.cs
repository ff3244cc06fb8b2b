using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Lips.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Lips.Host.Tests.Processes;

/// <summary>Open streams and the process that serves them.</summary>
public sealed class StreamTests(ITestOutputHelper output)
{
    // Shorter than the time that the host gives to what is in flight, in seconds.
    private const int Drain = 30;

    [Fact]
    public async Task Streams_end_when_the_node_is_told_to_stop()
    {
        using var home = new TempHome();
        await using var host = await LipsProcess.ServeReadyAsync(
            home, ("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync()), ("Lips__AdminToken", LipsProcess.Token));
        using var client = host.NewClient(LipsProcess.Token);
        var streams = await Task.WhenAll(Enumerable.Range(1, 20).Select(i =>
            EventStream.OpenAsync(client, $"/contact_interactions/totals/stream?global_master_advertiser_id=USA_{i}")));
        foreach (var stream in streams)
            await stream.NextAsync();

        var clock = Stopwatch.StartNew();
        host.Send(Signals.Terminate);
        // An answer that is whole, not a connection that breaks off when patience is at its end.
        foreach (var stream in streams)
        {
            await stream.EndAsync();
            await stream.DisposeAsync();
        }

        Assert.Equal(0, await host.EndAsync());
        output.WriteLine($"The node ended after {clock.Elapsed.TotalSeconds:0.0} s; it gives {Drain} s to what is in flight.");
    }

    [Fact]
    public async Task Five_thousand_idle_streams_cost_little()
    {
        const int streams = 5_000;
        const int advertisers = 1_000;
        using var home = new TempHome();
        var database = await TestPostgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(
            database,
            $"INSERT INTO counters.advertisers SELECT 1000000000000 + a, a FROM generate_series(1, {advertisers}) a; "
                + "ANALYZE counters.advertisers");
        await using var host = await LipsProcess.ServeReadyAsync(
            home, ("ConnectionStrings__Lips", database), ("Lips__AdminToken", LipsProcess.Token));
        var open = new ConcurrentBag<RawConnection>();
        try
        {
            await Parallel.ForAsync(
                0,
                streams,
                new ParallelOptions { MaxDegreeOfParallelism = 32 },
                async (i, _) => open.Add(await OpenAsync(host.Address!, 1 + (i % advertisers))));
            // What the beginning of so many leaves to do: first looks, collections, compilation.
            await Task.Delay(5_000);

            var part = double.MaxValue;
            // Others who crowd the processor's caches make the same work cost several times as much;
            // the least of three is what it costs by itself.
            for (var attempt = 1; attempt <= 3 && part >= 0.10; attempt++)
            {
                var sessions = (await TestPostgres.ColumnAsync<int>(
                    database, "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"))
                    .ToDictionary(pid => pid, CpuOf);
                var (cpu, clock) = (CpuOf(host.Id), Stopwatch.StartNew());
                await Task.Delay(20_000);
                var seconds = clock.Elapsed.TotalSeconds;
                part = (CpuOf(host.Id) - cpu) / seconds;
                // One that has ended meanwhile had nothing to do.
                var queries = sessions.Sum(s => Math.Max(0, CpuOf(s.Key) - s.Value));
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{open.Count} streams of {advertisers} advertisers, {seconds:0.0} s idle: {100 * part:0.0} % of a core, and "
                        + $"{100 * queries / seconds:0.0} % in the database's {sessions.Count} sessions."));
            }

            Assert.All(open, stream => Assert.True(stream.Available > 0));
            Assert.True(part < 0.10, string.Create(CultureInfo.InvariantCulture, $"{100 * part:0.0} % of a core."));
        }
        finally
        {
            foreach (var stream in open)
                stream.Dispose();
        }

        await host.StopAsync();
    }

    /// <summary>Opens a stream with as little as there is, and reads its first event.</summary>
    private static async Task<RawConnection> OpenAsync(Uri node, int advertiser)
    {
        var connection = await RawConnection.OpenAsync(node);
        await connection.SendAsync(
            $"GET /contact_interactions/totals/stream?global_master_advertiser_id=USA_{advertiser} HTTP/1.1\r\nHost: {node.Authority}\r\n"
                + $"Authorization: token {LipsProcess.Token}\r\n\r\n");
        var answer = (await connection.AnswerAsync())!.Is(200);
        Assert.Contains("data: ", answer.Body, StringComparison.Ordinal);
        return connection;
    }

    /// <summary>The CPU seconds that a process has spent; 0 of one that has ended.</summary>
    private static double CpuOf(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.TotalProcessorTime.TotalSeconds;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return 0;
        }
    }
}
