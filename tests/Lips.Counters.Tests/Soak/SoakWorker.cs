using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Counters.Tests.Soak;

/// <summary>
/// Writes to all advertisers, beside the others, under two campaigns that nobody else uses: of those it knows every number and every row,
/// and asks for them on the other node as soon as a write is acknowledged.
/// </summary>
internal sealed class SoakWorker(SoakWorld world, int number)
{
    public static readonly string[] ChannelNames = ["search", "display", "social", "chat", "other", "none"];

    private static readonly string[] Types = ["call", "form", "chat", "booking", "lsa", "fpd"];

    // As a filter, form is one of several sub types.
    private static readonly string[] Filtered = ["call", "chat", "booking", "lsa", "fpd"];

    private readonly Random random = new(world.Seed ^ (number * 7919));
    private readonly List<Known> all = [];
    private readonly Dictionary<string, (string Address, string Tag, int Changes)> tags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> changes = new(StringComparer.Ordinal);
    private int externals;

    public int Number { get; } = number;

    private string[] Campaigns => [$"USA_{1000 + (Number * 2)}", $"USA_{1001 + (Number * 2)}"];

    public async Task RunAsync()
    {
        try
        {
            while (world.GoesOn)
            {
                var node = random.Next(2);
                await WriteAsync(world.Clients[node]);
                await CheckAsync(world.Clients[1 - node]);
            }
        }
        finally
        {
            world.WorkerEnds();
        }
    }

    /// <summary>Checks every row and number that it knows of.</summary>
    public async Task CheckAllAsync()
    {
        foreach (var advertiser in SoakWorld.Advertisers)
        {
            foreach (var archived in new[] { false, true })
                await CheckTotalsAsync(world.Clients[0], [advertiser], Campaigns, archived, null);
        }

        foreach (var known in all)
            await CheckShowAsync(world.Clients[1], known);
    }

    private Task WriteAsync(HttpClient client) => (all.Count == 0 ? 0 : random.Next(20)) switch
    {
        < 4 => IngestAsync(client, null),
        4 => IngestAgainAsync(client),
        5 => IngestAsync(client, Pick()),
        6 => BulkAsync(client),
        < 13 => UpdateAsync(client, Pick()),
        < 17 => ArchiveAsync(client, Pick()),
        _ => UnarchiveAsync(client, Pick()),
    };

    private Task CheckAsync(HttpClient client) => random.Next(10) switch
    {
        < 5 => CheckTotalsAsync(
            client,
            random.Next(3) == 0 ? SoakWorld.Advertisers : [SoakWorld.Advertisers[random.Next(8)]],
            random.Next(2) == 0 ? Campaigns : [Campaigns[random.Next(2)]],
            random.Next(3) == 0,
            random.Next(3) == 0 ? Filtered[random.Next(Filtered.Length)] : null),
        < 7 => CheckPageAsync(client),
        < 9 => CheckShowAsync(client, Pick()),
        _ => CheckTagAsync(client),
    };

    private Known Pick() => all[random.Next(all.Count)];

    /// <summary>Brings one in; with a contact that is known, and gets another number by it.</summary>
    private async Task IngestAsync(HttpClient client, Known? sameContact)
    {
        var known = New(sameContact);
        var record = Record(known);
        if (sameContact is not null)
        {
            var phone = $"+1212{Number:00}{externals:00000}";
            record["contact"]!["phone_numbers"] = new JsonArray(new JsonObject { ["phone_type"] = "work", ["phone_number"] = phone });
            Begin(known);
            var contact = sameContact.Contact;
            Added(known, (await SendAsync(client, record)).Is(201));
            foreach (var other in all.Where(k => k.Contact == contact && k.Advertiser == known.Advertiser))
                other.Phones.Add(phone);
            world.Count("contact changed");
            return;
        }

        Begin(known);
        Added(known, (await SendAsync(client, record)).Is(201));
        world.Count("ingested");
    }

    private async Task IngestAgainAsync(HttpClient client)
    {
        var known = Pick();
        var answer = (await SendAsync(client, Record(known))).Is(200);
        Assert.True((long)answer.Json["id"]! == known.Id, answer.Body);
        world.Count("ingested again");
    }

    private async Task BulkAsync(HttpClient client)
    {
        var added = Enumerable.Range(0, random.Next(1, 20)).Select(_ => New(null)).ToList();
        var again = Enumerable.Range(0, random.Next(3)).Select(_ => Pick()).ToList();
        var lines = added.Concat(again).Append(added[0]).Select(Record).ToArray();
        added.ForEach(Begin);
        var answer = (await client.BulkAsync(lines)).Is(200);
        Assert.True((int)answer.Json["created"]! == added.Count && (int)answer.Json["duplicates"]! == again.Count + 1, answer.Body);
        foreach (var known in added)
        {
            var found = (await client.GetAnswerAsync(
                $"/contact_interactions?global_master_advertiser_id={known.Advertiser}&external_id={known.External}")).Is(200);
            Assert.True(found.Ids.Count == 1, found.Body);
            Added(known, found.Json["contact_interactions"]![0]!);
        }

        world.Count("bulk");
    }

    private async Task UpdateAsync(HttpClient client, Known known)
    {
        var change = new JsonObject();
        var before = (known.Read, known.Important, known.Notes);
        if (random.Next(2) == 0)
            change["read"] = known.Read = random.Next(2) == 0;
        if (random.Next(3) == 0)
            change["important"] = known.Important = random.Next(2) == 0;
        if (random.Next(3) == 0)
            change["notes"] = known.Notes = random.Next(3) == 0 ? null : $"note {random.Next(5)}";
        // A change of nothing is refused; one to the same changes nothing.
        if (change.Count == 0)
            change["read"] = known.Read;
        (await client.SendAsync(HttpMethod.Put, $"/contact_interactions/{known.Id}", new JsonObject { ["contact_interaction"] = change }))
            .Is(200);
        Changed(known, before != (known.Read, known.Important, known.Notes));
        world.Count("updated");
    }

    private async Task ArchiveAsync(HttpClient client, Known known)
    {
        // First-party events stay, so that a reader of everybody's knows how many there must be.
        if (known.Type == "fpd")
            return;
        (await client.ArchiveAsync(known.Id)).Is(200);
        Changed(known, !known.Archived);
        known.Archived = true;
        world.Count("archived");
    }

    private async Task UnarchiveAsync(HttpClient client, Known known)
    {
        (await client.UnarchiveAsync(known.Id)).Is(200);
        Changed(known, known.Archived);
        known.Archived = false;
        world.Count("unarchived");
    }

    private async Task CheckTotalsAsync(HttpClient client, string[] advertisers, string[] campaigns, bool archived, string? type)
    {
        var (from, until) = random.Next(3) == 0 ? (random.Next(14), random.Next(14, 28)) : (0, 28);
        var rows = all.Where(k => k.Archived == archived && advertisers.Contains(k.Advertiser) && campaigns.Contains(k.Campaign)
            && (type is null || k.Type == type) && k.Day >= from && k.Day <= until).ToList();
        var range = (from, until) == (0, 28) ? "" : $"&start_date={Day(from)}&end_date={Day(until)}";
        var answer = (await client.GetAnswerAsync(
            $"/contact_interactions/totals?global_master_advertiser_id={string.Join(',', advertisers)}"
                + $"&global_master_campaign_id={string.Join(',', campaigns)}"
                + $"&archived={archived}{range}{(type is null ? "" : "&event_type[]=" + type)}")).Is(200);
        var json = answer.Json;
        var (totals, unread) = (json["totals"]!, json["unread"]!);
        Assert.True((int)totals["events"]! == rows.Count, $"worker {Number}: expected {rows.Count} events: {answer.Body}");
        Assert.True(
            (int)unread["events"]! == rows.Count(k => !k.Read),
            $"worker {Number}: expected {rows.Count(k => !k.Read)} unread: {answer.Body}");
        foreach (var counted in Types.Where(t => t != "fpd"))
        {
            Assert.True(
                (int)totals[counted + "_events"]! == rows.Count(k => k.Type == counted), $"worker {Number}: {counted}: {answer.Body}");
            Assert.True(
                (int)unread[counted + "_events"]! == rows.Count(k => k.Type == counted && !k.Read),
                $"worker {Number}: unread {counted}: {answer.Body}");
        }

        foreach (var channel in ChannelNames)
            Assert.True(
                (int)json["channel"]![channel]! == rows.Count(k => k.Channel == channel), $"worker {Number}: {channel}: {answer.Body}");
        world.Count("totals checked");
    }

    private async Task CheckPageAsync(HttpClient client)
    {
        var (advertiser, campaign) = (SoakWorld.Advertisers[random.Next(8)], Campaigns[random.Next(2)]);
        var (archived, perPage, byImportance) = (random.Next(3) == 0, random.Next(1, 30), random.Next(3) == 0);
        var rows = all.Where(k => k.Archived == archived && k.Advertiser == advertiser && k.Campaign == campaign)
            .OrderByDescending(k => byImportance && k.Important).ThenByDescending(k => k.Day).ThenByDescending(k => k.Id).ToList();
        var page = random.Next(1, (rows.Count / perPage) + 2);
        var answer = (await client.GetAnswerAsync(
            $"/contact_interactions?global_master_advertiser_id={advertiser}&global_master_campaign_id={campaign}&archived={archived}"
                + $"&per_page={perPage}&page={page}&sort_dir=desc&sort_by={(byImportance ? "important" : "occurred_at")}")).Is(200);
        var expected = rows.Skip((page - 1) * perPage).Take(perPage).ToList();
        Assert.True(
            expected.Select(k => k.Id).SequenceEqual(answer.Ids),
            $"worker {Number}: expected {string.Join(',', expected.Select(k => k.Id))}: {string.Join(',', answer.Ids)}");
        Assert.Equal(
            (rows.Count, Math.Max(1, (rows.Count + perPage - 1) / perPage)),
            ((int)answer.Json["totals"]!["events"]!, (int)answer.Json["total_pages"]!));
        for (var i = 0; i < expected.Count; i++)
            AssertShows(expected[i], answer.Json["contact_interactions"]![i]!);
        world.Count("page checked");
    }

    private async Task CheckShowAsync(HttpClient client, Known known)
    {
        AssertShows(known, (await client.GetAnswerAsync($"/contact_interactions/{known.Id}")).Is(200).Json);
        world.Count("show checked");
    }

    /// <summary>Of an advertiser that it has changed since it got a tag, the tag is never right again.</summary>
    private async Task CheckTagAsync(HttpClient client)
    {
        var advertiser = SoakWorld.Advertisers[random.Next(8)];
        var address = tags.TryGetValue(advertiser, out var earlier)
            ? earlier.Address
            : $"/contact_interactions{(random.Next(2) == 0 ? "/totals" : "")}?global_master_advertiser_id={advertiser}"
                + $"&archived={random.Next(2) == 0}";
        var (before, tag) = (changes.GetValueOrDefault(advertiser), earlier.Tag);
        var answer = await client.SendAsync(HttpMethod.Get, address, (HttpContent?)null, tag is null ? [] : [("If-None-Match", tag)]);
        Assert.True(
            answer.Status == 200 || (answer.Status == 304 && before == earlier.Changes),
            $"worker {Number}: {answer.Status} after a change: {answer.Body}");
        tags[advertiser] = (address, answer.Headers.ETag!.ToString(), before);
        world.Count("tag checked");
    }

    private void AssertShows(Known known, JsonNode shown)
    {
        var seen = ((bool)shown["read"]!, (bool)shown["important"]!, (string?)shown["notes"], shown["archived_at"] is not null,
            (string)shown["external_id"]!);
        Assert.True(
            seen == (known.Read, known.Important, known.Notes, known.Archived, known.External), $"worker {Number}: {shown.ToJsonString()}");
        var numbers = shown["contact"]!["phone_numbers"]!.AsArray().Select(n => (string)n!["phone_number"]!);
        Assert.True(
            known.Phones.Order(StringComparer.Ordinal).SequenceEqual(numbers.Order(StringComparer.Ordinal)),
            $"worker {Number}: expected {string.Join(',', known.Phones)}: {shown.ToJsonString()}");
    }

    private Known New(Known? sameContact)
    {
        var type = Types[random.Next(Types.Length)];
        var external = $"{Number}-{++externals}";
        return new Known
        {
            Advertiser = sameContact?.Advertiser ?? SoakWorld.Advertisers[random.Next(8)],
            Campaign = Campaigns[random.Next(2)],
            Type = type,
            Channel = ChannelNames[random.Next(ChannelNames.Length)],
            Day = random.Next(1, 28),
            External = external,
            Contact = sameContact?.Contact ?? $"{external}@mail.example",
            Phones = sameContact is null ? [] : [.. sameContact.Phones],
        };
    }

    private void Begin(Known known)
    {
        if (known.Type == "fpd")
            world.Keep(known.Advertiser, 1, 0);
    }

    private void Added(Known known, Answer answer) => Added(known, answer.Json);

    private void Added(Known known, JsonNode answered)
    {
        known.Id = (long)answered["id"]!;
        all.Add(known);
        changes[known.Advertiser] = changes.GetValueOrDefault(known.Advertiser) + 1;
        if (known.Type == "fpd")
            world.Keep(known.Advertiser, 0, 1);
    }

    private void Changed(Known known, bool really) =>
        changes[known.Advertiser] = changes.GetValueOrDefault(known.Advertiser) + (really ? 1 : 0);

    private static Task<Answer> SendAsync(HttpClient client, JsonObject record) =>
        client.PostAsync("/contact_interactions", new JsonObject { ["contact_interaction"] = record });

    private static JsonObject Record(Known known) => new()
    {
        ["global_master_advertiser_id"] = known.Advertiser,
        ["global_master_campaign_id"] = known.Campaign,
        ["event_type"] = known.Type,
        ["channel"] = known.Channel == "none" ? null : known.Channel,
        ["occurred_at"] = Day(known.Day) + "T12:00:00Z",
        ["external_app_id"] = "soak",
        ["external_id"] = known.External,
        ["contact"] = new JsonObject { ["email"] = known.Contact },
    };

    private static string Day(int day) => new DateOnly(2026, 1, 31).AddDays(day).ToString("O", CultureInfo.InvariantCulture);

    /// <summary>An interaction as it must be by now.</summary>
    private sealed class Known
    {
        public required string Advertiser { get; init; }

        public required string Campaign { get; init; }

        public required string Type { get; init; }

        public required string Channel { get; init; }

        public required int Day { get; init; }

        public required string External { get; init; }

        public required string Contact { get; init; }

        public required List<string> Phones { get; init; }

        public long Id { get; set; }

        public bool Read { get; set; }

        public bool Important { get; set; }

        public string? Notes { get; set; }

        public bool Archived { get; set; }
    }
}
