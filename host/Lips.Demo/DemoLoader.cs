using System.Globalization;
using Spectre.Console;

namespace Lips.Demo;

/// <summary>Sends the demo data through the service's own bulk endpoint.</summary>
public static class DemoLoader
{
    /// <summary>
    /// Lines in one request: small enough that a refusal comes early and the count moves, large enough that the requests themselves
    /// cost nothing beside the rows.
    /// </summary>
    internal const int LinesPerRequest = 5_000;

    /// <summary>
    /// Loads every advertiser of <see cref="DemoData.Advertisers"/>. What is there already is left as it is, so it may be done again, also
    /// after it was cut off. Shows a progress bar, or plain lines where <paramref name="console"/> does not write to a terminal.
    /// </summary>
    /// <param name="http">With <see cref="HttpClient.BaseAddress"/> and an <c>Authorization</c> header that may ingest for these
    /// advertisers.</param>
    /// <param name="console">Where the progress is shown.</param>
    /// <param name="ct">Ends the load; what was answered by then stays.</param>
    /// <exception cref="DemoException">The service refused a request or a line.</exception>
    /// <exception cref="HttpRequestException">The service cannot be reached.</exception>
    public static Task<DemoResult> LoadAsync(HttpClient http, IAnsiConsole console, CancellationToken ct) =>
        LoadAsync(http, console, DemoData.Advertisers, LinesPerRequest, ct);

    internal static async Task<DemoResult> LoadAsync(
        HttpClient http, IAnsiConsole console, IReadOnlyList<DemoAdvertiser> advertisers, int linesPerRequest, CancellationToken ct)
    {
        if (!console.Profile.Out.IsTerminal)
            return await LoadEachAsync(advertiser => LoadAsync(
                http, advertiser, linesPerRequest, _ => { }, counts => WriteLine(console, advertiser, counts), ct));

        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bars = advertisers.ToDictionary(
                    advertiser => advertiser,
                    advertiser => context.AddTask(Markup.Escape(advertiser.Id), maxValue: Math.Max(1, advertiser.Count)));
                return await LoadEachAsync(advertiser => LoadAsync(
                    http, advertiser, linesPerRequest, lines => bars[advertiser].Value = lines, _ => { }, ct));
            });

        async Task<DemoResult> LoadEachAsync(Func<DemoAdvertiser, Task<DemoCounts>> load)
        {
            var counts = new List<DemoCounts>();
            foreach (var advertiser in advertisers)
                counts.Add(await load(advertiser));
            return new(counts);
        }
    }

    /// <param name="http">The service.</param>
    /// <param name="advertiser">Whose data.</param>
    /// <param name="linesPerRequest">The most lines of one request.</param>
    /// <param name="sending">Told the lines sent so far, also in the middle of a request.</param>
    /// <param name="answered">Told the sums after each request.</param>
    /// <param name="ct">Ends the load.</param>
    private static async Task<DemoCounts> LoadAsync(
        HttpClient http, DemoAdvertiser advertiser, int linesPerRequest, Action<int> sending, Action<DemoCounts> answered,
        CancellationToken ct)
    {
        var sums = new DemoCounts(advertiser.Id, 0, 0, 0);
        foreach (var chunk in DemoData.Generate(advertiser.Id, advertiser.Count).Chunk(linesPerRequest))
        {
            var before = (int)sums.Received;
            using var request = new HttpRequestMessage(HttpMethod.Post, "/contact_interactions/bulk");
            request.Content = new NdjsonContent(chunk, lines => sending(before + lines));
            // A refusal (401, 503) then comes before the body is sent, not as a connection that breaks under it.
            request.Headers.ExpectContinue = true;
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            var answer = await BulkAnswer.ReadAsync(response, advertiser.Id, before, chunk.Length, ct);
            sums = new(advertiser.Id, sums.Received + answer.Received, sums.Created + answer.Created, sums.Duplicates + answer.Duplicates);
            answered(sums);
        }

        return sums;
    }

    private static void WriteLine(IAnsiConsole console, DemoAdvertiser advertiser, DemoCounts counts) => console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{advertiser.Id}: {counts.Received} of {advertiser.Count} sent, {counts.Created} new, {counts.Duplicates} there already"));
}
