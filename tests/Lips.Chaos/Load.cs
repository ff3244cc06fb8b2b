using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lips.Testing;

namespace Lips.Chaos;

/// <summary>
/// Clients of the cluster. Each request goes to any node; one that is not answered, or answered with 503, is sent again, to any node,
/// until it is acknowledged.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Pollers = 64;
    private const int Writers = 6;
    private const int Togglers = 3;
    private const int Streams = 4;
    private const int LinesOfBulk = 20;

    // As of a client with patience; it is the load's own, so that a request that hangs is seen as a gap and does not end the run.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(20);

    private readonly IReadOnlyList<HttpClient> clients;
    private readonly Ledger ledger;
    private readonly int seed;
    private readonly CancellationTokenSource over = new();
    private readonly List<Task> workers = [];

    public Load(Cluster cluster, Ledger ledger, int seed)
    {
        (this.ledger, this.seed) = (ledger, seed);
        clients = [.. cluster.Nodes.Select(node => NewClient(node.Address))];
    }

    /// <summary>How often each status was answered since the last call; 0 stands for no answer.</summary>
    public ConcurrentDictionary<int, int> Statuses { get; private set; } = new();

    /// <summary>Writes once for each advertiser, so that there is something to ask for, and begins.</summary>
    public async Task StartAsync()
    {
        foreach (var account in ledger.Accounts)
            await WriteOneAsync(new Random(seed), account, "first");
        Begin(Pollers, PollAsync);
        Begin(Writers, WriteAsync);
        Begin(Togglers, ToggleAsync);
        Begin(Streams, StreamAsync);
        Begin(1, FollowAsync);
    }

    /// <summary>Ends it, once all that was begun is acknowledged.</summary>
    public async Task StopAsync()
    {
        await over.CancelAsync();
        await Task.WhenAll(workers);
    }

    public ConcurrentDictionary<int, int> TakeStatuses()
    {
        var taken = Statuses;
        Statuses = new();
        return taken;
    }

    /// <summary>Reads each advertiser's totals through each node, and writes one interaction of each.</summary>
    /// <returns>Whether all was answered.</returns>
    public async Task<bool> IsServedAsync(IReadOnlyList<int> nodes)
    {
        var random = new Random();
        var reads = nodes.SelectMany(node => ledger.Accounts.Select(a => GetAsync(clients[node], Totals(a))));
        var writes = ledger.Accounts.Select(async a =>
        {
            var id = "probe-" + Guid.NewGuid().ToString("N");
            a.Begin(id);
            var answer = await SendAsync(nodes[random.Next(nodes.Count)], HttpMethod.Post, "/contact_interactions", One(a, id));
            if (answer?.Status is 200 or 201)
                a.Acknowledge(id);
            else
                Begin(1, r => WriteOneAsync(r, a, id, isBegun: true));
            return answer;
        });
        return (await Task.WhenAll(reads.Concat(writes))).All(answer => answer?.Status is 200 or 201);
    }

    public Task<Answer?> TotalsAsync(int node, Account account) => GetAsync(clients[node], Totals(account));

    /// <summary>A request to any node, and again until it has one of these statuses.</summary>
    public async Task<Answer> UntilAsync(Random random, HttpMethod method, string address, object? body, params int[] statuses)
    {
        while (true)
        {
            if (await SendAsync(random.Next(clients.Count), method, address, body) is { } answer)
            {
                if (statuses.Contains(answer.Status))
                    return answer;
                if (answer.Status != 503)
                    ledger.Find($"{method} {address}: {answer.Status} {answer.Body}");
            }

            await Task.Delay(Again);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!over.IsCancellationRequested)
            await StopAsync();
        foreach (var client in clients)
            client.Dispose();
        over.Dispose();
    }

    private static string Totals(Account account) => "/contact_interactions/totals?global_master_advertiser_id=" + account.Advertiser;

    private static object One(Account account, string id) => new { contact_interaction = Line(account, id) };

    private static object Line(Account account, string id) => new
    {
        global_master_advertiser_id = account.Advertiser,
        event_type = "call",
        occurred_at = "2026-03-02T10:00:00Z",
        external_app_id = "chaos",
        external_id = id,
    };

    private static HttpClient NewClient(Uri address)
    {
        var client = new HttpClient { BaseAddress = address, Timeout = Timeout };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "token " + LipsProcess.Token);
        return client;
    }

    private void Begin(int count, Func<Random, Task> workAsync)
    {
        lock (workers)
        {
            for (var i = 0; i < count; i++)
            {
                var random = new Random(seed + workers.Count);
                workers.Add(Task.Run(() => workAsync(random)));
            }
        }
    }

    private async Task PollAsync(Random random)
    {
        while (!over.IsCancellationRequested)
        {
            var account = ledger.Accounts[random.Next(ledger.Accounts.Count)];
            var before = account.Now;
            // The same advertiser until it is answered: the gap that its clients see.
            Answer? answer;
            while ((answer = await TotalsAsync(random.Next(clients.Count), account))?.Status != 200 && !over.IsCancellationRequested)
            {
                await Task.Delay(Again);
                before = account.Now;
            }

            if (answer?.Status == 200)
            {
                account.Reads.Answered();
                Check("totals", account, answer.Json, before);
            }

            await Task.Delay(random.Next(60));
        }
    }

    private void Check(string what, Account account, JsonNode totals, Bounds before) => ledger.Check(
        $"{what} of {account.Advertiser}", (int)totals["totals"]!["events"]!, (int)totals["unread"]!["events"]!, before, account.Now);

    private async Task WriteAsync(Random random)
    {
        for (var number = 0; !over.IsCancellationRequested; number++)
        {
            var account = ledger.Accounts[random.Next(ledger.Accounts.Count)];
            var id = string.Create(CultureInfo.InvariantCulture, $"{random.NextInt64()}-{number}");
            if (random.Next(10) == 0)
            {
                await WriteManyAsync(random, account, id);
            }
            else
            {
                var answer = await WriteOneAsync(random, account, id);
                if (random.Next(3) == 0)
                {
                    account.BeginRead();
                    await UntilAsync(
                        random, HttpMethod.Put, $"/contact_interactions/{answer.Json.Id()}", new { contact_interaction = new { read = true } }, 200);
                    account.AcknowledgeRead();
                }
            }

            account.Writes.Answered();
            await Task.Delay(random.Next(60));
        }
    }

    private async Task<Answer> WriteOneAsync(Random random, Account account, string id, bool isBegun = false)
    {
        if (!isBegun)
            account.Begin(id);
        var answer = await UntilAsync(random, HttpMethod.Post, "/contact_interactions", One(account, id), 200, 201);
        account.Acknowledge(id);
        return answer;
    }

    private async Task WriteManyAsync(Random random, Account account, string id)
    {
        string[] ids = [.. Enumerable.Range(0, LinesOfBulk).Select(line => string.Create(CultureInfo.InvariantCulture, $"{id}-{line}"))];
        foreach (var one in ids)
            account.Begin(one);
        var body = string.Join('\n', ids.Select(one => JsonSerializer.Serialize(Line(account, one))));
        var answer = await UntilAsync(random, HttpMethod.Post, "/contact_interactions/bulk", new Ndjson(body), 200);
        if ((int)answer.Json["created"]! + (int)answer.Json["duplicates"]! != LinesOfBulk)
            ledger.Find("bulk: " + answer.Body);
        foreach (var one in ids)
            account.Acknowledge(one);
    }

    /// <summary>Changes interactions of its own in every way. They are of one advertiser that is not counted beside.</summary>
    private async Task ToggleAsync(Random random)
    {
        var own = new List<Toggled>();
        for (var number = 0; !over.IsCancellationRequested; number++)
        {
            if (own.Count < 10)
            {
                var line = Line(new Account(1_000), string.Create(CultureInfo.InvariantCulture, $"toggled-{random.NextInt64()}-{number}"));
                var made = await UntilAsync(random, HttpMethod.Post, "/contact_interactions", new { contact_interaction = line }, 200, 201);
                own.Add(new Toggled { Id = made.Json.Id() });
                ledger.Toggled.Add(own[^1]);
            }

            var one = own[random.Next(own.Count)];
            var address = string.Create(CultureInfo.InvariantCulture, $"/contact_interactions/{one.Id}");
            if (random.Next(3) > 0)
            {
                (one.Read, one.Important, one.Notes) = (random.Next(2) > 0, random.Next(2) > 0, $"note {number}");
                var change = new { read = one.Read, important = one.Important, notes = one.Notes };
                await UntilAsync(random, HttpMethod.Put, address, new { contact_interaction = change }, 200);
            }
            else
            {
                one.Archived = !one.Archived;
                if (one.Archived)
                    await UntilAsync(random, HttpMethod.Delete, address, null, 200);
                else
                    await UntilAsync(random, HttpMethod.Put, address + "/unarchive", null, 200);
            }

            await Task.Delay(random.Next(40));
        }
    }

    /// <summary>A stream, opened again at any node when it ends; what it tells never goes back.</summary>
    private async Task StreamAsync(Random random)
    {
        var account = ledger.Accounts[random.Next(ledger.Accounts.Count)];
        var last = 0;
        while (!over.IsCancellationRequested)
        {
            try
            {
                var least = account.Acknowledged;
                using var response = await clients[random.Next(clients.Count)].GetAsync(
                    new Uri(Totals(account).Replace("totals?", "totals/stream?", StringComparison.Ordinal), UriKind.Relative),
                    HttpCompletionOption.ResponseHeadersRead, over.Token);
                if (!response.IsSuccessStatusCode)
                {
                    await Task.Delay(Again);
                    continue;
                }

                using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(over.Token), Encoding.UTF8);
                while (await lines.ReadLineAsync(over.Token) is { } line)
                {
                    if (!line.StartsWith("data: ", StringComparison.Ordinal))
                        continue;
                    var events = (int)JsonNode.Parse(line["data: ".Length..])!["totals"]!["events"]!;
                    if (events < Math.Max(last, least) || events > account.Begun)
                        ledger.GoesBack($"stream of {account.Advertiser}: {events} after {last}, {least} acknowledged before");
                    (last, least) = (events, 0);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                await Task.Delay(Again);
            }
        }
    }

    private async Task FollowAsync(Random random)
    {
        var account = ledger.Accounts[0];
        var address = $"/contact_interactions/changes?global_master_advertiser_id={account.Advertiser}&limit=500";
        var since = "";
        while (!over.IsCancellationRequested || !account.Known.Keys.All(ledger.Fed.ContainsKey))
        {
            var page = (await UntilAsync(random, HttpMethod.Get, address + since, null, 200)).Json;
            foreach (var one in page["contact_interactions"]!.AsArray())
                ledger.Fed[(string)one!["external_id"]!] = true;
            since = "&since=" + Uri.EscapeDataString((string)page["next"]!);
            await Task.Delay(random.Next(100));
            // What was acknowledged is in the feed; the proof says what is missing.
            if (over.IsCancellationRequested && !(bool)page["has_more"]!)
                break;
        }
    }

    private Task<Answer?> GetAsync(HttpClient client, string address) => AskAsync(() => client.GetAnswerAsync(address));

    private Task<Answer?> SendAsync(int node, HttpMethod method, string address, object? body) => AskAsync(() => body switch
    {
        Ndjson lines => clients[node].SendAsync(method, address, lines.Content()),
        _ => clients[node].SendAsync(method, address, body),
    });

    private async Task<Answer?> AskAsync(Func<Task<Answer>> askAsync)
    {
        Answer? answer = null;
        try
        {
            answer = await askAsync();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // No answer: what was asked for may have been done or not.
        }

        Statuses.AddOrUpdate(answer?.Status ?? 0, 1, (_, count) => count + 1);
        if (answer?.Status == 500)
            ledger.Find("500: " + answer.Body);
        return answer;
    }

    private sealed record Ndjson(string Lines)
    {
        public HttpContent Content() => new StringContent(Lines, Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson"));
    }
}
