using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.ListInteractions;

/// <summary>Deep pages of a heavy day while two nodes write into it.</summary>
public sealed class DeepPageRaceTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    private const int Rows = 2_400;
    private const string Advertiser = "1000000000001";

    private static readonly (string Query, string Order)[] Lists =
    [
        ("", "occurred_at DESC, id DESC"),
        ("&sort_dir=asc", "occurred_at, id"),
        ("&sort_by=important", "important, occurred_at DESC, id DESC"),
        ("&start_date=2026-01-10T03:00:00Z&sort_dir=asc", "occurred_at, id"),
    ];

    [Fact]
    public async Task Every_page_agrees_with_its_own_totals_and_with_SQL_at_the_same_version()
    {
        var lines = Enumerable.Range(0, Rows).Select(n => (object)New(n % 1_440, n % 5 == 0));
        (await nodes.First.Client.BulkAsync(lines)).Is(200);
        var ids = await TestPostgres.ColumnAsync<long>(
            nodes.Database, $"SELECT id FROM interactions.interactions WHERE advertiser = {Advertiser} ORDER BY id");

        var writers = Enumerable.Range(0, 2).Select(worker => WriteAsync(worker, ids, changes: 150)).ToArray();
        var writing = Task.WhenAll(writers);
        var readers = Enumerable.Range(0, 2).Select(worker => ReadAsync(worker, () => writing.IsCompleted)).ToArray();
        await writing;
        var checkedPages = await Task.WhenAll(readers);

        Assert.True(checkedPages.Sum() > 20, $"Only {checkedPages.Sum()} pages could be compared with SQL.");
        // And when all is quiet, every page.
        for (var page = 1; page <= 20; page++)
        {
            foreach (var (query, order) in Lists)
                Assert.True(await IsAsSqlSaysAsync(nodes.Client(page), query, order, page, 100), "Nobody writes now.");
        }
    }

    private async Task WriteAsync(int worker, List<long> ids, int changes)
    {
        var random = new Random(worker);
        for (var change = 0; change < changes; change++)
        {
            var client = nodes.Client(random.Next(2));
            var id = ids[random.Next(ids.Count)];
            switch (random.Next(5))
            {
                case 0 or 1:
                    (await client.ArchiveAsync(id)).Is(200);
                    break;
                case 2:
                    (await client.UnarchiveAsync(id)).Is(200);
                    break;
                case 3:
                    (await client.UpdateAsync(id, new { important = random.Next(2) == 0 })).Is(200);
                    break;
                default:
                    await client.IngestAsync(New(random.Next(1_440), important: false));
                    break;
            }

            // Rests in which a page and SQL can be read at one version.
            await Task.Delay(random.Next(60));
        }
    }

    private async Task<int> ReadAsync(int worker, Func<bool> isOver)
    {
        var random = new Random(100 + worker);
        var compared = 0;
        while (!isOver())
        {
            var (query, order) = Lists[random.Next(Lists.Length)];
            if (await IsAsSqlSaysAsync(nodes.Client(random.Next(2)), query, order, random.Next(2, 80), 25))
                compared++;
        }

        return compared;
    }

    /// <summary>
    /// Reads a page and checks it against its own totals and, unless a change came meanwhile, against SQL; false when one came.
    /// </summary>
    private async Task<bool> IsAsSqlSaysAsync(HttpClient client, string query, string order, int page, int perPage)
    {
        var range = query.Contains("start_date", StringComparison.Ordinal) ? " AND occurred_at >= '2026-01-10T03:00:00Z'" : "";
        var before = await VersionAsync();
        var answer = (await client.GetAnswerAsync(
            $"/contact_interactions?global_master_advertiser_id=USA_1{query}&per_page={perPage}&page={page}")).Is(200);
        var expected = await nodes.ScalarAsync<long[]>(string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT ARRAY(SELECT id FROM interactions.interactions WHERE advertiser = {Advertiser} AND archived_at IS NULL{range} ORDER "
                + $"BY {order} LIMIT {perPage} OFFSET {(page - 1) * perPage})"));
        var after = await VersionAsync();

        var events = (int)answer.Json["totals"]!["events"]!;
        Assert.Equal(Math.Clamp(events - ((page - 1) * perPage), 0, perPage), answer.Ids.Count);
        Assert.Equal(answer.Ids.Count, answer.Ids.Distinct().Count());
        Assert.Equal((int)answer.Json["total_pages"]!, Math.Max(1, (events + perPage - 1) / perPage));
        if (before != after)
            return false;
        Assert.True(
            expected.SequenceEqual(answer.Ids),
            $"Page {page} of {query} at version {before} should be {string.Join(' ', expected)}, answered {string.Join(' ', answer.Ids)}");
        return true;
    }

    private Task<long> VersionAsync() =>
        nodes.ScalarAsync<long>($"SELECT version FROM counters.advertisers WHERE advertiser = {Advertiser}");

    private static JsonObject New(int minute, bool important) => Make.Interaction(
        "USA_1",
        "call",
        ("occurred_at", string.Create(CultureInfo.InvariantCulture, $"2026-01-10T{minute / 60:00}:{minute % 60:00}:00Z")),
        ("important", important));
}
