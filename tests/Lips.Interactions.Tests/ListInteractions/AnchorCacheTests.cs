using System.Globalization;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Listing;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests.ListInteractions;

public sealed class AnchorCacheTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Anchors_over_the_budget_are_forgotten_those_asked_for_the_longest_ago_first()
    {
        var anchors = await ReadAsync("USA_1", 200, 200) ?? throw new InvalidOperationException("There are 200 rows.");
        var cache = new AnchorCache(10_000);

        for (var n = 0; n < 100; n++)
        {
            cache.Keep(Key(n), anchors);
            Assert.InRange(cache.Bytes, 1, 10_000);
            Assert.True(cache.TryFind(Key(0), out _), $"The first was asked for again and again, and was forgotten after {n}.");
        }

        Assert.False(cache.TryFind(Key(1), out _));
        Assert.True(cache.TryFind(Key(99), out _));
        var bytes = cache.Bytes;
        cache.Keep(Key(99), anchors);
        Assert.Equal(bytes, cache.Bytes);

        static string Key(int n) => n.ToString(CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Anchors_of_a_day_that_has_more_or_fewer_rows_than_counted_are_none()
    {
        Assert.NotNull(await ReadAsync("USA_2", 101, 101));
        Assert.Null(await ReadAsync("USA_2", 0, 100));
        Assert.Null(await ReadAsync("USA_2", 0, 102));
        Assert.Null(await ReadAsync("USA_2", 0, 151));
        Assert.Null(await ReadAsync("USA_2", 0, 50));
    }

    [Theory]
    [Each(1, 50, 51, 149, 150, 151)]
    public async Task From_an_anchor_to_any_row_are_fewer_than_fifty_rows_either_way(int rows)
    {
        var advertiser = $"USA_{1000 + rows}";
        var anchors = (await ReadAsync(advertiser, rows, rows))!;
        var ids = await fixture.ScalarAsync<long[]>(
            $"SELECT array_agg(id ORDER BY occurred_at, id) FROM interactions.interactions WHERE advertiser = {Id(advertiser).Value}");
        for (var before = 0; before < rows; before++)
        {
            var up = anchors.Before(before, descending: false)!.Value;
            Assert.InRange(up.Between, 0, Anchors.Interval - 1);
            Assert.Equal(ids[before], ids[Array.IndexOf(ids, up.Id) + up.Between]);

            var down = anchors.Before(before, descending: true);
            Assert.InRange(down?.Between ?? before, 0, Anchors.Interval - 1);
            Assert.Equal(
                ids[rows - 1 - before], ids[(down is { } anchor ? Array.IndexOf(ids, anchor.Id) - anchor.Between : rows - 1 - before)]);
        }
    }

    private async Task<Anchors?> ReadAsync(string advertiser, int newRows, long counted)
    {
        if (newRows > 0)
            (await fixture.Client.BulkAsync(Enumerable.Range(0, newRows)
                .Select(n => Make.Interaction(advertiser, "call", ("occurred_at", $"2026-01-10T{n % 24:00}:00:00Z"))))).Is(200);
        var filter = new InteractionFilter
        {
            Advertisers = [Id(advertiser)],
            From = new DateTime(2026, 1, 10, 0, 0, 0, DateTimeKind.Utc),
            Until = new DateTime(2026, 1, 11, 0, 0, 0, DateTimeKind.Utc),
        };
        var counters = fixture.Node.Services.GetRequiredService<LiveCounters>();
        var reading = await counters.ReadAsync(filter.Advertisers, null, CancellationToken.None);
        var day = await counters.PieceOfDayAsync(reading, new DateOnly(2026, 1, 10), 0, counted, CancellationToken.None);
        await using var connection = await fixture.Node.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        return await Anchors.ReadAsync(connection, filter, important: null, day!, CancellationToken.None);
    }

    private static GlobalId Id(string text) => GlobalId.TryParse(text, out var id) ? id : throw new ArgumentException(text, nameof(text));
}
