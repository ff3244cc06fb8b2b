using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lips.Testing;

namespace Lips.Chaos;

/// <summary>
/// Clients of the cluster. Each request goes to any node or, as often as to each of these, to nginx in front of them; one that is not
/// answered, or answered with 503, is sent again, to any node, until it is acknowledged.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    // Each of one advertiser: a client that waits for one does not keep others waiting.
    private const int Pollers = 64;
    private const int Writers = 20;
    private const int Togglers = 3;
    private const int Streams = 4;
    private const int LinesOfBulk = 20;

    // A client that waits for longer than this asks another node meanwhile, so that what is measured is how long an advertiser could not
    // be written anywhere, and not how long one request hangs.
    private const int MostStuck = 4;
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(250);

    // In milliseconds. Two cores for three nodes, PostgreSQL and this have time left between the faults; else it is measured how long a
    // machine that is full takes to become so again, and not how long service is away.
    private const int MostPause = 800;
    private const int MostPauseOfPolls = 1_600;
    private const int MostPauseOfWalks = 8_000;
    private const int MostPauseOfToggles = 200;
    private const int MostPauseOfFeed = 500;

    // A client that waited for long rests for as long as any does: on a slow machine those who come as often as ever would leave it no
    // time to do better. So many times as long as it waited, up to the most.
    private const int RestOfClients = 4;

    // A walk takes longer the more there is. So that the load stays what it was, it is at rest for so many times as long as it took.
    private const int RestOfWalks = 9;

    // As of a client with patience; it is the load's own, so that a request that hangs is seen as a gap and does not end the run.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    // Sooner than Retry-After says, so that a gap is seen to a tenth of a second; not at once, or all who wait would keep the machine busy
    // with refusals as service comes back.
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // How long a node that did not answer, or answered with 503, is left alone while others do: as balancers do. In milliseconds.
    private const int Rest = 500;

    private readonly IReadOnlyList<HttpClient> clients;
    private readonly long[] restsUntil;
    private readonly Ledger ledger;
    private readonly int seed;
    private readonly CancellationTokenSource over = new();
    private readonly List<Task> workers = [];
    private string since = "";

    // Behind the nodes.
    private int Nginx => clients.Count - 1;

    public Load(Cluster cluster, Ledger ledger, int seed)
    {
        (this.ledger, this.seed) = (ledger, seed);
        clients = [.. cluster.Nodes.Select(node => node.Address).Append(cluster.Address).Select(NewClient)];
        restsUntil = new long[clients.Count];
    }

    /// <summary>How often each status was answered since the last call; 0 stands for no answer.</summary>
    public ConcurrentDictionary<int, int> Statuses { get; private set; } = new();

    /// <summary>The same, of those that went through nginx.</summary>
    public ConcurrentDictionary<int, int> Balanced { get; private set; } = new();

    /// <summary>The first of those that failed since the last call.</summary>
    public string? FirstFailed { get; private set; }

    /// <summary>Writes once for each advertiser, so that there is something to ask for, and begins.</summary>
    public async Task StartAsync()
    {
        foreach (var account in ledger.Accounts)
            await WriteOneAsync(new Attempt(new Random(seed), []), account, "first");
        for (var i = 0; i < Pollers; i++)
        {
            var account = ledger.Accounts[i % ledger.Accounts.Count];
            Begin(random => PollAsync(random, account));
        }

        for (var i = 0; i < Writers; i++)
        {
            var account = ledger.Accounts[i % ledger.Accounts.Count];
            Begin(random => WriteAsync(random, account));
        }

        for (var i = 0; i < Togglers; i++)
            Begin(ToggleAsync);
        for (var i = 0; i < Streams; i++)
            Begin(StreamAsync);
        Begin(FollowAsync);
        Begin(WalkAsync);
    }

    /// <summary>Ends it, once all that was begun is acknowledged.</summary>
    public async Task StopAsync()
    {
        await over.CancelAsync();
        Task[] all;
        lock (workers)
            all = [.. workers];
        await Task.WhenAll(all);
        await FollowOnAsync(new Random(seed));
    }

    public (ConcurrentDictionary<int, int> All, ConcurrentDictionary<int, int> Balanced) TakeStatuses()
    {
        var taken = (Statuses, Balanced);
        (Statuses, Balanced, FirstFailed) = (new(), new(), null);
        return taken;
    }

    /// <summary>
    /// Reads each advertiser's totals and writes one interaction of each, through nginx, all at once, and each again until it is answered.
    /// </summary>
    /// <param name="most">How long at most.</param>
    /// <returns>What was answered last, and what was not; nothing when service is back.</returns>
    public async Task<(string Last, IReadOnlyList<string> Missing)> ServedAsync(TimeSpan most)
    {
        var clock = Stopwatch.StartNew();
        var (last, missing) = ("", new ConcurrentQueue<string>());
        if (!await IsServedAsync("readiness", () => ReadyAsync(Nginx)))
            return (last, [.. missing]);
        var reads = ledger.Accounts.Select<Account, Task>(a => IsServedAsync($"total of {a.Advertiser}", () => TotalsAsync(Nginx, a)));
        var writes = ledger.Accounts.Select(async a =>
        {
            var id = "probe-" + Guid.NewGuid().ToString("N");
            a.Begin(id);
            if (await IsServedAsync(
                $"change of {a.Advertiser}", () => SendAsync(Nginx, HttpMethod.Post, "/contact_interactions", One(a, id))))
                a.Acknowledge(id);
            else
                Begin(r => WriteOneAsync(new Attempt(r, []), a, id, isBegun: true));
        });
        await Task.WhenAll(reads.Concat(writes));
        return (last, [.. missing]);

        async Task<bool> IsServedAsync(string what, Func<Task<Answer?>> askAsync)
        {
            if (await UntilAnsweredAsync(askAsync, clock, most) is { } failure)
            {
                missing.Enqueue($"{what}: {failure}");
                return false;
            }

            last = what;
            return true;
        }
    }

    /// <summary>Waits until each node is ready, and reads each advertiser's totals at each.</summary>
    /// <param name="most">How long at most.</param>
    /// <returns>What was not answered.</returns>
    public async Task<IReadOnlyList<string>> ServedByEachAsync(TimeSpan most)
    {
        var clock = Stopwatch.StartNew();
        var unready = await Task.WhenAll(Enumerable.Range(0, Nginx).Select(async node =>
            await UntilAnsweredAsync(() => ReadyAsync(node), clock, most) is { } failure ? $"node {node + 1}: {failure}" : null));
        if (unready.Any(one => one is not null))
            return [.. unready.OfType<string>()];
        var missing = await Task.WhenAll(Enumerable.Range(0, Nginx).SelectMany(node => ledger.Accounts.Select(async a =>
            await UntilAnsweredAsync(() => TotalsAsync(node, a), clock, most) is { } failure
                ? $"total of {a.Advertiser} at node {node + 1}: {failure}" : null)));
        return [.. missing.OfType<string>()];
    }

    private static async Task<int?> UntilAnsweredAsync(Func<Task<Answer?>> askAsync, Stopwatch clock, TimeSpan most)
    {
        while (true)
        {
            var answer = await askAsync();
            if (answer?.Status is 200 or 201)
                return null;
            if (clock.Elapsed > most)
                return answer?.Status ?? 0;
            await Task.Delay(Pause);
        }
    }

    public Task<Answer?> TotalsAsync(int node, Account account) => GetAsync(node, Totals(account));

    /// <summary>A request to any node, and again until it has one of these statuses.</summary>
    public Task<Answer> UntilAsync(Random random, HttpMethod method, string address, object? body, params int[] statuses) =>
        UntilAsync(new Attempt(random, []), method, address, body, null, statuses);

    private async Task<Answer> UntilAsync(
        Attempt attempt, HttpMethod method, string address, object? body, string? idempotencyKey, params int[] statuses)
    {
        while (true)
        {
            attempt.Node = AnyNode(attempt.Random, [.. attempt.Others.Select(other => other.Node)]);
            if (await SendAsync(attempt.Node, method, address, body, idempotencyKey) is { } answer)
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

    /// <summary>Without an external id; the proof finds it by its notes.</summary>
    private static object Keyed(Account account, string id) => new
    {
        contact_interaction = new
        {
            global_master_advertiser_id = account.Advertiser,
            event_type = "call",
            occurred_at = "2026-03-02T10:00:00Z",
            notes = id,
        },
    };

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

    private void Begin(Func<Random, Task> workAsync)
    {
        lock (workers)
        {
            var random = new Random(seed + workers.Count);
            workers.Add(Task.Run(() => workAsync(random)));
        }
    }

    private async Task PollAsync(Random random, Account account)
    {
        while (!over.IsCancellationRequested)
        {
            var before = account.Now;
            var begun = Stopwatch.GetTimestamp();
            Answer? answer;
            account.Reads.Asked();
            while ((answer = await TotalsAsync(AnyNode(random), account))?.Status != 200 && !over.IsCancellationRequested)
            {
                await Task.Delay(Again);
                before = account.Now;
            }

            if (answer?.Status == 200)
            {
                account.Reads.Answered();
                Check("totals", account, answer.Json, before);
            }

            await RestAsync(random, MostPauseOfPolls, begun);
        }
    }

    private void Check(string what, Account account, JsonNode totals, Bounds before) => ledger.Check(
        $"{what} of {account.Advertiser}", (int)totals["totals"]!["events"]!, (int)totals["unread"]!["events"]!, before, account.Now);

    private async Task WriteAsync(Random random, Account account)
    {
        var waiting = new List<(Attempt Attempt, Task Work)>();
        for (var number = 0; !over.IsCancellationRequested; number++)
        {
            foreach (var done in waiting.Where(w => w.Work.IsCompleted).ToList())
            {
                waiting.Remove(done);
                await done.Work;
            }

            var id = string.Create(CultureInfo.InvariantCulture, $"{random.NextInt64()}-{number}");
            var begun = Stopwatch.GetTimestamp();
            var attempt = new Attempt(new Random(random.Next()), [.. waiting.Select(w => w.Attempt)]);
            var work = WriteSomeAsync(attempt, account, id);
            waiting.Add((attempt, work));
            if (waiting.Count < MostStuck)
                await Task.WhenAny(work, Task.Delay(Slow));
            else
                await Task.WhenAny(waiting.Select(w => w.Work));
            // While one waits the next is made at once, and elsewhere.
            if (waiting.Count == MostStuck || work.IsCompleted)
                await RestAsync(random, MostPause, begun);
        }

        await Task.WhenAll(waiting.Select(w => w.Work));
    }

    private static Task RestAsync(Random random, int most, long begun)
    {
        var waited = RestOfClients * Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        return Task.Delay(Math.Max(random.Next(most), (int)Math.Min(waited, most)));
    }

    private async Task WriteSomeAsync(Attempt attempt, Account account, string id)
    {
        if (attempt.Random.Next(10) == 0)
        {
            await WriteManyAsync(attempt, account, id);
            return;
        }

        var answer = await WriteOneAsync(attempt, account, id);
        if (attempt.Random.Next(3) > 0)
            return;
        account.BeginRead();
        var change = new { contact_interaction = new { read = true } };
        await UntilAsync(attempt, HttpMethod.Put, $"/contact_interactions/{answer.Json.Id()}", change, null, 200);
        account.AcknowledgeRead();
    }

    /// <summary>Writes one that is known by its external id or, as often, by an idempotency key.</summary>
    private async Task<Answer> WriteOneAsync(Attempt attempt, Account account, string id, bool isBegun = false)
    {
        if (!isBegun)
            account.Begin(id);
        var isKeyed = !isBegun && attempt.Random.Next(2) > 0;
        var body = isKeyed ? Keyed(account, id) : One(account, id);
        var answer = await UntilAsync(attempt, HttpMethod.Post, "/contact_interactions", body, isKeyed ? id : null, 200, 201);
        account.Acknowledge(id);
        return answer;
    }

    private async Task WriteManyAsync(Attempt attempt, Account account, string id)
    {
        string[] ids = [.. Enumerable.Range(0, LinesOfBulk).Select(line => string.Create(CultureInfo.InvariantCulture, $"{id}-{line}"))];
        foreach (var one in ids)
            account.Begin(one);
        var body = string.Join('\n', ids.Select(one => JsonSerializer.Serialize(Line(account, one))));
        var answer = await UntilAsync(attempt, HttpMethod.Post, "/contact_interactions/bulk", new Ndjson(body), null, 200);
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

            if (random.Next(8) == 0)
                await ActAsync(random, [.. own.Where(_ => random.Next(2) > 0)]);
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

            await Task.Delay(random.Next(MostPauseOfToggles));
        }
    }

    /// <summary>Changes several at once.</summary>
    private async Task ActAsync(Random random, List<Toggled> some)
    {
        if (some.Count == 0)
            return;
        var (type, isSo) = (random.Next(2) > 0 ? "update" : "archive", random.Next(2) > 0);
        foreach (var one in some)
            (one.Read, one.Archived) = type == "update" ? (isSo, one.Archived) : (one.Read, isSo);
        long[] ids = [.. some.Select(one => one.Id)];
        object action = type == "update" ? new { type, set = new { read = isSo }, ids } : new { type = isSo ? type : "unarchive", ids };
        var answer = await UntilAsync(random, HttpMethod.Post, "/contact_interactions/actions", new { action }, 200);
        if ((int)answer.Json["action"]!["matched"]! != ids.Length)
            ledger.Find("actions: " + answer.Body);
    }

    /// <summary>Walks all pages of an advertiser by cursor: what was acknowledged before is there, and nothing twice.</summary>
    private async Task WalkAsync(Random random)
    {
        while (!over.IsCancellationRequested)
        {
            var begun = Stopwatch.GetTimestamp();
            var account = ledger.Accounts[random.Next(ledger.Accounts.Count)];
            string[] acknowledged = [.. account.Known.Where(one => one.Value).Select(one => one.Key)];
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (string? next = null; next != "";)
            {
                var address = $"/contact_interactions?global_master_advertiser_id={account.Advertiser}&limit=500"
                    + (next is null ? "" : "&after=" + Uri.EscapeDataString(next));
                var page = (await UntilAsync(random, HttpMethod.Get, address, null, 200)).Json;
                foreach (var name in page["contact_interactions"]!.AsArray().Select(NameOf).Where(name => !seen.Add(name)))
                    ledger.GoesBack($"pages of {account.Advertiser}: {name} twice");
                next = (bool)page["has_more"]! ? (string)page["next"]! : "";
            }

            if (acknowledged.FirstOrDefault(name => !seen.Contains(name)) is { } missing)
                ledger.GoesBack($"pages of {account.Advertiser}: {missing} is not there");
            var rest = TimeSpan.FromMilliseconds(random.Next(MostPauseOfWalks)) + (RestOfWalks * Stopwatch.GetElapsedTime(begun));
            await Task.Delay(rest, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string NameOf(JsonNode? one) => (string?)one!["external_id"] ?? (string)one["notes"]!;

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
                using var response = await clients[AnyNode(random)].GetAsync(
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
        while (!over.IsCancellationRequested)
        {
            await FollowOnAsync(random);
            await Task.Delay(random.Next(MostPauseOfFeed));
        }
    }

    /// <summary>Reads the change feed of the first advertiser on, to its present end.</summary>
    private async Task FollowOnAsync(Random random)
    {
        var hasMore = true;
        while (hasMore)
        {
            var address = $"/contact_interactions/changes?global_master_advertiser_id={ledger.Accounts[0].Advertiser}&limit=500{since}";
            var page = (await UntilAsync(random, HttpMethod.Get, address, null, 200)).Json;
            foreach (var one in page["contact_interactions"]!.AsArray())
                ledger.Fed[NameOf(one)] = true;
            (since, hasMore) = ("&since=" + Uri.EscapeDataString((string)page["next"]!), (bool)page["has_more"]!);
        }
    }

    private Task<Answer?> ReadyAsync(int node) => GetAsync(node, "/health/ready");

    private int AnyNode(Random random) => AnyNode(random, []);

    private int AnyNode(Random random, IReadOnlyCollection<int> avoided)
    {
        var now = Environment.TickCount64;
        int[] all = [.. Enumerable.Range(0, clients.Count).Where(node => !avoided.Contains(node))];
        if (all.Length == 0)
            all = [.. Enumerable.Range(0, clients.Count)];
        int[] some = [.. all.Where(node => Volatile.Read(ref restsUntil[node]) <= now)];
        return random.GetItems(some.Length > 0 ? some : all, 1)[0];
    }

    private Task<Answer?> GetAsync(int node, string address) => AskAsync(node, address, client => client.GetAnswerAsync(address));

    private Task<Answer?> SendAsync(
        int node, HttpMethod method, string address, object? body, string? idempotencyKey = null) =>
        AskAsync(node, $"{method} {address}", client => body switch
        {
            Ndjson lines => client.SendAsync(method, address, lines.Content()),
            _ when idempotencyKey is not null => client.SendAsync(method, address, body, ("Idempotency-Key", idempotencyKey)),
            _ => client.SendAsync(method, address, body),
        });

    private async Task<Answer?> AskAsync(int node, string what, Func<HttpClient, Task<Answer>> askAsync)
    {
        Answer? answer = null;
        try
        {
            answer = await askAsync(clients[node]);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // No answer: what was asked for may have been done or not.
        }

        // Nothing else leaves nginx alone: each of its failures is one of the service.
        if (node == clients.Count - 1)
        {
            Balanced.AddOrUpdate(answer?.Status ?? 0, 1, (_, count) => count + 1);
            if (answer?.Status is null or >= 500)
                FirstFailed ??= $"{what}: {answer?.Body ?? "no answer"}";
        }
        else if (answer?.Status is null or 503)
            Volatile.Write(ref restsUntil[node], Environment.TickCount64 + Rest);
        Statuses.AddOrUpdate(answer?.Status ?? 0, 1, (_, count) => count + 1);
        if (answer?.Status == 500)
            ledger.Find("500: " + answer.Body);
        return answer;
    }

    /// <summary>What is asked for, until it is done.</summary>
    /// <param name="random">Its own.</param>
    /// <param name="others">Those of the same client that wait: at their nodes it is not tried.</param>
    private sealed class Attempt(Random random, IReadOnlyList<Attempt> others)
    {
        public Random Random => random;

        public IReadOnlyList<Attempt> Others => others;

        /// <summary>Where it is tried.</summary>
        public volatile int Node = -1;
    }

    private sealed record Ndjson(string Lines)
    {
        public HttpContent Content() => new StringContent(Lines, Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson"));
    }
}
