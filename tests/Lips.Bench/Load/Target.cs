using System.Collections.Concurrent;
using System.Text;

namespace Lips.Bench.Load;

/// <summary>What is asked for with GET: a path, and a header besides the credential.</summary>
internal sealed record Target(string Path, string? Header = null, string? Value = null);

/// <summary>A server under load.</summary>
/// <param name="Server">The server.</param>
/// <param name="Targets">What it is asked for, at random.</param>
/// <param name="Token">The credential.</param>
/// <param name="Status">That of the expected answers.</param>
/// <param name="MeanBytes">Bytes of an expected answer on average, head and body.</param>
/// <param name="Deviation">Standard deviation of the same.</param>
/// <param name="LeastBody">Bytes of the smallest body.</param>
/// <param name="MostBody">Bytes of the largest body.</param>
internal sealed record Side(
    Server Server, IReadOnlyList<Target> Targets, string Token, int Status, double MeanBytes, double Deviation, int LeastBody, int MostBody)
{
    private const int AtATime = 8;

    /// <summary>How many connections wrk sends on.</summary>
    public int Connections { get; init; } = Wrk.Connections;

    /// <summary>Asks for each target once, to know what an answer has.</summary>
    /// <param name="server">The server.</param>
    /// <param name="targets">What it will be asked for.</param>
    /// <param name="token">The credential.</param>
    /// <param name="status">That of the expected answer.</param>
    /// <exception cref="BenchException">An answer has another status.</exception>
    public static async Task<Side> OfAsync(Server server, IReadOnlyList<Target> targets, string token = World.Token, int status = 200)
    {
        var answers = new ConcurrentBag<(int Bytes, int Body)>();
        await Parallel.ForEachAsync(targets, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (target, cancellation) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(target.Path, UriKind.Relative));
            request.Headers.TryAddWithoutValidation("Authorization", "token " + token);
            if (target.Header is not null)
                request.Headers.TryAddWithoutValidation(target.Header, target.Value);
            using var answer = await server.Client.SendAsync(request, cancellation);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellation);
            if ((int)answer.StatusCode != status)
                throw new BenchException(
                    $"{target.Path} was answered with {(int)answer.StatusCode} and not {status}: {Encoding.UTF8.GetString(body)}");
            answers.Add((World.HeadOf(answer) + body.Length, body.Length));
        });
        var mean = answers.Average(a => a.Bytes);
        var deviation = Math.Sqrt(answers.Average(a => (a.Bytes - mean) * (a.Bytes - mean)));
        return new Side(server, targets, token, status, mean, deviation, answers.Min(a => a.Body), answers.Max(a => a.Body));
    }

    /// <summary>Sends random ones of the targets at a rate.</summary>
    /// <param name="perSecond">The rate.</param>
    /// <param name="seconds">How long.</param>
    public Task<LoadRun> AtRateAsync(double perSecond, int seconds)
    {
        var requests = Targets.Select(t => OpenLoop.Get(Server, t, Token)).ToArray();
        return OpenLoop.RunAsync(Server, () => requests[Random.Shared.Next(requests.Length)], perSecond, seconds, Status);
    }
}

/// <summary>What one run of load has measured.</summary>
/// <param name="PerSecond">Requests a second.</param>
/// <param name="P50">Median latency, milliseconds.</param>
/// <param name="P99">99th percentile of latency, milliseconds.</param>
/// <param name="Requests">How many there were.</param>
internal sealed record LoadRun(double PerSecond, double P50, double P99, long Requests)
{
    /// <summary>How many were refused with 503 besides, where they may be.</summary>
    public int Refused { get; init; }

    /// <summary>99th percentile of the latency of those, milliseconds.</summary>
    public double RefusedP99 { get; init; }

    /// <summary>CPU seconds of the server.</summary>
    public double ServerCpu { get; init; }

    /// <summary>CPU seconds of the database; null while nobody has measured them.</summary>
    public double? DatabaseCpu { get; init; }
}
