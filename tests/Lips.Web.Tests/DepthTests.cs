using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace Lips.Web.Tests;

/// <summary>A long list costs no more at its end than at its beginning.</summary>
[Collection(InboxFixture.Collection)]
public sealed partial class DepthTests(InboxFixture inbox, ITestOutputHelper output)
{
    private const int MostNodes = 4_000;
    private const double MostGrowth = 1.5;

    [Fact]
    public async Task Scrolling_through_all_rows_keeps_memory_flat()
    {
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide);
        var page = person.Page;
        await Expect(page.Locator(".ruler .bar").First).ToBeAttachedAsync();
        var all = int.Parse(
            Total().Match(await person.Counts.InnerTextAsync()).Groups[1].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        Assert.InRange(all, 45_000, 60_000);
        var devTools = await person.Context.NewCDPSessionAsync(page);
        await devTools.SendAsync("Performance.enable");

        // A tenth first, so that what is measured holds a full window.
        var seen = await ScrollAsync(page, all / 10);
        var (heap, nodes) = await MeasureAsync(devTools);
        output.WriteLine($"Measured: after {seen:N0} rows: {heap / 1024:N0} KiB of script heap, {nodes:N0} nodes.");
        var (mostHeap, mostNodes) = (heap, nodes);
        for (var part = 2; part <= 10; part++)
        {
            seen = await ScrollAsync(page, part == 10 ? all : all / 10 * part);
            var (nowHeap, nowNodes) = await MeasureAsync(devTools);
            (mostHeap, mostNodes) = (Math.Max(mostHeap, nowHeap), Math.Max(mostNodes, nowNodes));
            output.WriteLine($"Measured: after {seen:N0} rows: {nowHeap / 1024:N0} KiB of script heap, {nowNodes:N0} nodes.");
        }

        Assert.Equal(all, seen);
        Assert.InRange(mostHeap / heap, 0, MostGrowth);
        Assert.InRange(mostNodes, 1, MostNodes);

        // And all the way up again in one leap, which reads one page and not all between.
        await page.EvaluateAsync("() => { document.querySelector('.scroller').scrollTop = 0; }");
        await Expect(page.Locator(".row.blank")).ToHaveCountAsync(0);
        await Expect(page.Locator("li[aria-posinset='1']")).ToBeVisibleAsync();
        Assert.Empty(person.Complaints);
    }

    [Fact]
    public async Task Rows_come_once_each_and_in_order_however_the_list_is_scrolled()
    {
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide, "/app/TEST_2?type=call");
        var page = person.Page;
        var expected = (await inbox.Node.Client.GetStringAsync(
            "/contact_interactions?global_master_advertiser_id=TEST_2&event_type[]=call&per_page=500"));
        var ids = JsonNode.Parse(expected)!["contact_interactions"]!.AsArray().Select(row => (long)row!["id"]!).ToList();

        var seen = new SortedDictionary<int, long>();
        var script =
            """
            (top) => new Promise((done) => {
              const scroller = document.querySelector('.scroller');
              scroller.scrollTop = top;
              const look = () => {
                const rows = [...document.querySelectorAll('.row:not(.blank)')];
                if (document.querySelector('.row.blank') || rows.length === 0) return setTimeout(look, 20);
                done(JSON.stringify([scroller.scrollHeight, rows.map((row) => [+row.getAttribute('aria-posinset'),
                  +row.querySelector('a').dataset.id])]));
              };
              setTimeout(look, 60);
            })
            """;
        for (int top = 0, height = 1; top < height; top += 500)
        {
            var answer = JsonNode.Parse(await page.EvaluateAsync<string>(script, top))!.AsArray();
            height = (int)answer[0]!;
            foreach (var row in answer[1]!.AsArray())
                seen[(int)row![0]!] = (long)row[1]!;
        }

        Assert.Equal(Enumerable.Range(1, ids.Count), seen.Keys);
        Assert.Equal(ids, seen.Values);
    }

    [Fact]
    public async Task The_ruler_jumps_to_a_day_and_the_list_goes_on_in_both_directions()
    {
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide);
        var page = person.Page;
        await Expect(page.Locator(".ruler .bar").First).ToBeAttachedAsync();
        var box = (await person.Ruler.BoundingBoxAsync())!;
        await page.Mouse.ClickAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await Expect(page).ToHaveURLAsync(new Regex("at=2025-"));
        await person.SeesDayFirstAsync("^2025-");
        await Expect(person.Ruler).ToHaveAttributeAsync("aria-valuetext", new Regex("2025"));
        await Expect(page.Locator(".row.blank")).ToHaveCountAsync(0);
        var middle = await person.FirstIdAsync();
        var place = int.Parse((await person.Row(middle).GetAttributeAsync("aria-posinset"))!, CultureInfo.InvariantCulture);
        // As many are above as lie in later days.
        Assert.InRange(place, 15_000, 32_000);

        await page.Locator(".scroller").EvaluateAsync("(scroller) => scroller.scrollBy(0, -3000)");
        await Expect(page.Locator(".row.blank")).ToHaveCountAsync(0);
        await Expect(page.Locator($"li[aria-posinset='{place - 45}']")).ToBeVisibleAsync();

        // By keys as well: down is the past.
        await person.Ruler.FocusAsync();
        await page.Keyboard.PressAsync("End");
        await Expect(page).ToHaveURLAsync(new Regex("at=2025-01-0"));
        await Expect(person.Rows.First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_first_view_takes_few_requests()
    {
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide);
        var page = person.Page;
        var requests = 0;
        page.Request += (_, _) => requests++;
        await page.ReloadAsync();
        await person.SeesRowsAsync();
        var first = await page.EvaluateAsync<double>("() => performance.now()");
        output.WriteLine($"Measured: rows are there {first:N0} ms after the navigation began, by {requests} requests.");
        // The page, its script and style, the icon, the token, the list, the stream, the feed, and the ruler's.
        Assert.InRange(requests, 5, 14);
    }

    /// <summary>Scrolls as a person does, a view after the other, until a row of this place was there.</summary>
    private static async Task<int> ScrollAsync(IPage page, int until) => await page.EvaluateAsync<int>(
        """
        (until) => new Promise((done) => {
          const scroller = document.querySelector('.scroller');
          const frame = () => new Promise(requestAnimationFrame);
          const work = async () => {
            let place = 0;
            while (place < until) {
              scroller.scrollTop += scroller.clientHeight - 60;
              do await frame(); while (document.querySelector('.row.blank'));
              const places = [...document.querySelectorAll('.row')].map((row) => +row.getAttribute('aria-posinset'));
              const last = Math.max(...places);
              if (last === place && scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1) break;
              place = last;
            }
            done(place);
          };
          work();
        })
        """,
        until);

    private static async Task<(double Heap, double Nodes)> MeasureAsync(ICDPSession devTools)
    {
        await devTools.SendAsync("HeapProfiler.collectGarbage");
        var metrics = (await devTools.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray()
            .ToDictionary(metric => metric.GetProperty("name").GetString()!, metric => metric.GetProperty("value").GetDouble());
        return (metrics["JSHeapUsedSize"], metrics["Nodes"]);
    }

    [GeneratedRegex(@"of ([\d,]+)")]
    private static partial Regex Total();
}
