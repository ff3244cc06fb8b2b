using System.Net;
using Lips.Testing;
using Xunit;

namespace Lips.Client.Tests;

/// <summary>Lists, one interaction, changes, counts and tokens, as a program uses them.</summary>
public sealed class InteractionTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Pages_and_cursors_give_the_same_interactions()
    {
        using var lips = fixture.Node.NewLipsClient();
        for (var i = 0; i < 5; i++)
            await lips.AddAsync(Clients.Call("USA_21", $"page-{i}"));
        var filter = InteractionFilter.Of("USA_21");

        var byCursor = await lips.ListAsync(filter, limit: 2).ToListAsync();
        var first = await lips.GetPageAsync(filter, perPage: 3);
        var second = await lips.GetPageAsync(filter, page: 2, perPage: 3);

        Assert.Equal(5, byCursor.Count);
        Assert.Equal(
            byCursor.Select(i => i.Id).Order(), first.ContactInteractions.Concat(second.ContactInteractions).Select(i => i.Id).Order());
        Assert.Equal(5, first.Totals.Events);
    }

    [Fact]
    public async Task A_change_of_a_version_that_is_no_longer_there_is_refused()
    {
        using var lips = fixture.Node.NewLipsClient();
        var id = (await lips.AddAsync(Clients.Call("USA_22", "version"))).Id;
        var seen = await lips.GetAsync(id);

        var changed = await lips.UpdateAsync(id, new InteractionChange { Notes = "Call back" }, seen.ETag);
        var refused = await Assert.ThrowsAsync<LipsException>(
            () => lips.UpdateAsync(id, new InteractionChange { Notes = "Do not" }, seen.ETag));

        Assert.Equal("Call back", changed.Notes);
        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.Status);
        Assert.Equal("Call back", (await lips.GetAsync(id)).Notes);
        Assert.Null((await lips.UpdateAsync(id, new InteractionChange { RemovesNotes = true })).Notes);
    }

    [Fact]
    public async Task What_is_archived_read_and_acted_on_is_counted_and_told_by_its_history()
    {
        using var lips = fixture.Node.NewLipsClient();
        var one = (await lips.AddAsync(Clients.Call("USA_23", "one"))).Id;
        var two = (await lips.AddAsync(Clients.Call("USA_23", "two"))).Id;
        var filter = InteractionFilter.Of("USA_23");

        await lips.ArchiveAsync(one);
        Assert.Equal(1, await lips.EventsAsync("USA_23"));
        await lips.UnarchiveAsync(one);
        var seen = await lips.GetCursorPageAsync(filter, limit: 10);
        var done = await lips.ActAsync(new InteractionAction
        {
            Type = "update",
            Set = new InteractionChange { Read = true },
            Filter = filter.ToJson(),
            Until = seen.Previous,
        });
        var series = await lips.GetSeriesAsync(filter with { StartDate = "2026-03-01", EndDate = "2026-03-03" });

        Assert.Equal([one, two], done.ChangedIds.Order());
        Assert.Equal(0, (await lips.GetTotalsAsync(filter)).Unread.Events);
        Assert.Equal(3, series.Buckets.Count);
        Assert.Equal(
            ["update", "unarchive", "archive", "ingest"], (await lips.ListHistoryAsync(one).ToListAsync()).Select(entry => entry.Action));
        Assert.Contains(await lips.ListAdvertisersAsync().ToListAsync(), advertiser => advertiser.GlobalMasterAdvertiserId == "USA_23");
    }

    [Fact]
    public async Task A_token_is_made_listed_used_and_revoked()
    {
        using var lips = fixture.Node.NewLipsClient();
        var made = await lips.CreateTokenAsync(new NewToken { Name = "reader", Advertisers = AdvertiserSet.Of("USA_24") });
        using var reader = new LipsClient(new LipsClientOptions { Address = fixture.Node.Address, Token = made.Secret });

        Assert.Equal("USA_24", (await reader.GetOwnTokenAsync()).Advertisers.ToString());
        Assert.Contains(await lips.GetTokensAsync(), token => token.Id == made.Id);
        Assert.DoesNotContain(made.Secret, made.ToString(), StringComparison.Ordinal);
        await lips.RevokeTokenAsync(made.Id);
        Assert.NotNull((await lips.GetTokensAsync()).Single(token => token.Id == made.Id).RevokedAt);
    }

    [Fact]
    public async Task An_export_is_CSV_with_a_row_for_each()
    {
        using var lips = fixture.Node.NewLipsClient();
        await lips.AddAsync(Clients.Call("USA_25", "first"));
        await lips.AddAsync(Clients.Call("USA_25", "second"));
        using var file = new MemoryStream();

        await lips.ExportCsvAsync(InteractionFilter.Of("USA_25"), file);

        var rows = System.Text.Encoding.UTF8.GetString(file.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, rows.Length);
        Assert.Contains("first", rows[1] + rows[2], StringComparison.Ordinal);
    }
}
