using System.Globalization;
using Lips.Audit.Contracts;
using Lips.Interactions.Record;
using Lips.Interactions.Tests.Ingest;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests;

/// <summary>Changes that come at the same time are committed together, and yet are each its own.</summary>
public sealed class StateChangesTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private static int advertisers;

    private readonly StateChanges changes = fixture.Node.Services.GetRequiredService<StateChanges>();
    private readonly int advertiser = Interlocked.Increment(ref advertisers);

    [Fact]
    public async Task What_comes_together_is_committed_together()
    {
        const int many = 100;
        var ids = await NewAsync(advertiser, many);
        var before = await VersionAsync();

        await Task.WhenAll(ids.Select(id => changes.ApplyAsync(Notes(id, "together"), CancellationToken.None)));

        Assert.InRange(await VersionAsync() - before, 1, many / 4);
        Assert.Equal(many, await fixture.ScalarAsync<long>($"SELECT count(*) FROM interactions.interactions WHERE advertiser = {Value} AND notes = 'together'"));
        Assert.Equal(many, await fixture.ScalarAsync<long>($"SELECT count(*) FROM audit.entries WHERE advertiser = {Value} AND action = 'update' AND fields = ARRAY['notes']"));
    }

    [Fact]
    public async Task Changes_of_one_interaction_are_made_in_their_order()
    {
        var id = Assert.Single(await NewAsync(advertiser, 1));

        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => changes.ApplyAsync(Notes(id, i.ToString(CultureInfo.InvariantCulture)), CancellationToken.None)));

        Assert.Equal("29", await NotesAsync(id));
        Assert.Equal(30, await fixture.ScalarAsync<long>($"SELECT count(*) FROM audit.entries WHERE interaction_id = {id} AND action = 'update'"));
    }

    [Fact]
    public async Task One_that_the_database_refuses_fails_alone()
    {
        var ids = await NewAsync(advertiser, 9);

        // PostgreSQL has no character 0; requests with one never come this far.
        var all = ids.Select((id, i) => changes.ApplyAsync(Notes(id, i == 4 ? "\0" : "fine"), CancellationToken.None)).ToList();

        Assert.Equal(PostgresErrorCodes.CharacterNotInRepertoire, (await Assert.ThrowsAsync<PostgresException>(() => all[4])).SqlState);
        await Task.WhenAll(all.Where((_, i) => i != 4));
        Assert.Equal(8, await fixture.ScalarAsync<long>($"SELECT count(*) FROM interactions.interactions WHERE advertiser = {Value} AND notes = 'fine'"));
    }

    [Fact]
    public async Task A_locked_advertiser_holds_up_nobody_elses_changes_and_keeps_the_order_of_its_own()
    {
        var mine = await NewAsync(advertiser, 2);
        var (other, theirs) = (Interlocked.Increment(ref advertisers), new List<long>());
        theirs.AddRange(await NewAsync(other, 20));
        using var locked = new LockedAdvertiser(fixture.Node.ConnectionString, Value);
        await locked.TakeAsync();

        var waiting = changes.ApplyAsync(Notes(mine[0], "first"), CancellationToken.None);
        await Task.WhenAll(theirs.Select(id => changes.ApplyAsync(Notes(id, "done", other), CancellationToken.None)));
        using var gone = new CancellationTokenSource();
        var givenUp = changes.ApplyAsync(Notes(mine[1], "given up"), gone.Token);
        var second = changes.ApplyAsync(Notes(mine[0], "second"), CancellationToken.None);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        Assert.False(waiting.IsCompleted || second.IsCompleted);
        await locked.ReleaseAsync();
        await Task.WhenAll(waiting, second);
        Assert.Equal("second", await NotesAsync(mine[0]));
        Assert.Null(await NotesAsync(mine[1]));
    }

    private long Value => 1_000_000_000_000 + advertiser;

    private StateChange Notes(long id, string notes, int? of = null) =>
        new(GlobalId.FromValue(1_000_000_000_000 + (of ?? advertiser)), id, AuditAction.Update, AuditActor.Operator) { SetsNotes = true, Notes = notes };

    private async Task<List<long>> NewAsync(int number, int count)
    {
        var ids = new List<long>();
        for (var i = 0; i < count; i++)
            ids.Add((await fixture.Client.SendOneAsync(Records.Call($"USA_{number}"))).Is(201).Json.Id());
        return ids;
    }

    private Task<long> VersionAsync() => fixture.ScalarAsync<long>($"SELECT version FROM counters.advertisers WHERE advertiser = {Value}");

    private async Task<string?> NotesAsync(long id) => (string?)(await fixture.Client.ShowAsync(id))["notes"];
}
