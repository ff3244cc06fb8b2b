using System.Diagnostics;
using System.Text.Json;

namespace Lips.Bench.Rows;

/// <summary>Latency of one request beside that of another, both of the product: pages however deep, advertisers however large.</summary>
internal static class LatencyRows
{
    public static IReadOnlyList<RowGroup> Groups { get; } =
    [
        Row("page-deep", 1.5, size => (AllRows.Page(size.BigOne, 1), AllRows.Page(size.BigOne, size.DeepPage))),
        Row("page-deep-heavy-day", 1.5, size => (AllRows.Page(size.HugeOne, 1),
            AllRows.Page(size.HugeOne, Math.Min(size.DeepPage, (size.HugeOne.Heavy / AllRows.PerPage) - 40)))),
        Row("growth-totals", 1.3, size => (AllRows.Totals(size.SmallOne), AllRows.Totals(size.HugeOne))),
        Row("growth-page", 1.3, size => (AllRows.Page(size.SmallOne, 1), AllRows.Page(size.HugeOne, 1))),
        Row("growth-unread", 1.5, size => Both(size, a => $"{Of(a)}&read=false&limit=25")),
        Row("growth-cursor", 1.5, size => Both(size, a => $"{Of(a)}&limit=25&at=2025-06-15T12:00:00Z")),
        Row("growth-series", 1.5, size => Both(size, a => Of(a, "/series") + "&start_date=2025-01-01&end_date=2025-06-30&by=channel")),
        // It finds more in the large one, and counts all that it finds: that is what it grows with.
        Row("growth-search", null, size => Both(size, a => $"{Of(a)}&q=c177&limit=25")),
        ActionsRow(),
    ];

    /// <summary>Measures a request once.</summary>
    /// <returns>Milliseconds.</returns>
    public static async Task<double> TimeAsync(World world, string path)
    {
        var start = Stopwatch.GetTimestamp();
        var (_, body, _) = await world.GetAsync(path);
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return body.Length > 0 ? time : throw new BenchException($"{path} was answered with nothing.");
    }

    private static RowGroup Row(string name, double? target, Func<Size, (string Floor, string Product)> pathsOf) => Row(
        name, target, world =>
        {
            var (floor, product) = pathsOf(world.Size);
            return Task.FromResult<(Func<Task<double>>, Func<Task<double>>)>(
                (() => TimeAsync(world, floor), () => TimeAsync(world, product)));
        });

    /// <summary>Marks fifty as read, and as unread again.</summary>
    private static RowGroup ActionsRow() => Row("growth-actions", 1.5, async world =>
        (await ActionAsync(world, world.Size.SmallOne), await ActionAsync(world, world.Size.HugeOne)));

    private static async Task<Func<Task<double>>> ActionAsync(World world, BenchAdvertiser advertiser)
    {
        var (_, body, _) = await world.GetAsync($"{Of(advertiser)}&limit=50");
        using var page = JsonDocument.Parse(body);
        var ids = page.RootElement.GetProperty("contact_interactions").EnumerateArray().Select(i => i.GetProperty("id").GetInt64());
        var (list, isRead) = (string.Join(',', ids), false);
        return async () =>
        {
            isRead = !isRead;
            var json = $"{{\"action\":{{\"type\":\"update\",\"set\":{{\"read\":{(isRead ? "true" : "false")}}},\"ids\":[{list}]}}}}";
            var start = Stopwatch.GetTimestamp();
            await world.PostAsync("/contact_interactions/actions", json);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        };
    }

    private static (string Floor, string Product) Both(Size size, Func<BenchAdvertiser, string> pathOf) =>
        (pathOf(size.SmallOne), pathOf(size.HugeOne));

    private static string Of(BenchAdvertiser advertiser, string route = "") =>
        $"/contact_interactions{route}?global_master_advertiser_id={advertiser.Id}";

    private static RowGroup Row(
        string name, double? target, Func<World, Task<(Func<Task<double>> Floor, Func<Task<double>> Product)>> requestsOf) => new(
        [name],
        async world =>
        {
            var (floor, product) = await requestsOf(world);
            var rounds = new List<Round>();
            for (var round = -1; round < world.Size.Rounds; round++)
            {
                var (floors, products) = (new List<double>(), new List<double>());
                for (var i = 0; i < world.Size.Pairs; i++)
                {
                    floors.Add(await floor());
                    products.Add(await product());
                }

                if (round >= 0)
                    rounds.Add(new Round(Result.Median(floors), Result.Median(products)));
            }

            return [Result.Of(new Goal(name, "ms", target), rounds)];
        });
}
