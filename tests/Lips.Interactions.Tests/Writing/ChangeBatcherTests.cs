using System.Globalization;
using Lips.Audit.Contracts;
using Lips.Interactions.Writing;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests.Writing;

/// <summary>Changes that come at the same time are committed together, and yet are each its own.</summary>
public sealed class ChangeBatcherTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private static int advertisers;

    private readonly ChangeBatcher changes = fixture.Node.Services.GetRequiredService<ChangeBatcher>();
    private readonly int advertiser = Interlocked.Increment(ref advertisers);

    [Fact]
    public async Task What_comes_together_is_committed_together()
    {
        const int many = 100;
        var ids = await NewAsync(advertiser, many);
        var before = await VersionAsync();

        await Task.WhenAll(ids.Select(id => ApplyAsync(Notes(id, "together"))));

        Assert.InRange(await VersionAsync() - before, 1, many / 4);
        Assert.Equal(many, await fixture.ScalarAsync<long>(
            $"SELECT count(*) FROM interactions.interactions WHERE advertiser = {Value} AND notes = 'together'"));
        Assert.Equal(many, await fixture.ScalarAsync<long>(
            $"SELECT count(*) FROM audit.entries WHERE advertiser = {Value} AND action = 'update' AND fields = ARRAY['notes']"));
    }

    [Fact]
    public async Task Changes_of_one_interaction_are_made_in_their_order()
    {
        var id = Assert.Single(await NewAsync(advertiser, 1));

        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => ApplyAsync(Notes(id, i.ToString(CultureInfo.InvariantCulture)))));

        Assert.Equal("29", await NotesAsync(id));
        Assert.Equal(
            30, await fixture.ScalarAsync<long>($"SELECT count(*) FROM audit.entries WHERE interaction_id = {id} AND action = 'update'"));
    }

    [Fact]
    public async Task One_that_the_database_refuses_fails_alone()
    {
        var ids = await NewAsync(advertiser, 9);

        // PostgreSQL has no character 0; requests with one never come this far.
        var all = ids.Select((id, i) => ApplyAsync(Notes(id, i == 4 ? "\0" : "fine"))).ToList();

        Assert.Equal(PostgresErrorCodes.CharacterNotInRepertoire, (await Assert.ThrowsAsync<PostgresException>(() => all[4])).SqlState);
        await Task.WhenAll(all.Where((_, i) => i != 4));
        Assert.Equal(8, await fixture.ScalarAsync<long>(
            $"SELECT count(*) FROM interactions.interactions WHERE advertiser = {Value} AND notes = 'fine'"));
    }

    [Fact]
    public async Task Each_of_a_group_is_told_whether_there_is_its_interaction_among_its_callers()
    {
        var mine = await NewAsync(advertiser, 4);
        var theirs = await NewAsync(Interlocked.Increment(ref advertisers), 2);
        var caller = CallerOf(new HashSet<GlobalId> { GlobalId.FromValue(Value) });

        var results = await Task.WhenAll(
            new[] { mine[0], 987_654_321, mine[1], theirs[0], mine[2], mine[3] }.Select(id => ApplyAsync(Notes(id, "told"), caller)));

        Assert.Equal([true, false, true, false, true, true], results);
        Assert.Equal(4, await fixture.ScalarAsync<long>(
            $"SELECT count(*) FROM interactions.interactions WHERE advertiser = {Value} AND notes = 'told'"));
        Assert.Null(await NotesAsync(theirs[0]));
        Assert.True(await ApplyAsync(Notes(theirs[0], "told")));
    }

    [Fact]
    public async Task Nobody_learns_from_a_lock_whose_an_interaction_is()
    {
        var id = Assert.Single(await NewAsync(advertiser, 1));
        await using var locked = new LockedAdvertiser(fixture.Node.ConnectionString, Value);
        await locked.TakeAsync();

        Assert.False(await ApplyAsync(Notes(id, "stolen"), CallerOf(new HashSet<GlobalId>())));

        await locked.ReleaseAsync();
        Assert.Null(await NotesAsync(id));
    }

    [Fact]
    public async Task A_locked_advertiser_holds_up_nobody_elses_changes_and_keeps_the_order_of_its_own()
    {
        var mine = await NewAsync(advertiser, 2);
        var (other, theirs) = (Interlocked.Increment(ref advertisers), new List<long>());
        theirs.AddRange(await NewAsync(other, 20));
        await using var locked = new LockedAdvertiser(fixture.Node.ConnectionString, Value);
        await locked.TakeAsync();

        var waiting = ApplyAsync(Notes(mine[0], "first"));
        await Task.WhenAll(theirs.Select(id => ApplyAsync(Notes(id, "done"))));
        using var gone = new CancellationTokenSource();
        var givenUp = ApplyAsync(Notes(mine[1], "given up"), cancellation: gone.Token);
        var second = ApplyAsync(Notes(mine[0], "second"));
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        Assert.False(waiting.IsCompleted || second.IsCompleted);
        await locked.ReleaseAsync();
        await Task.WhenAll(waiting, second);
        Assert.Equal("second", await NotesAsync(mine[0]));
        Assert.Null(await NotesAsync(mine[1]));
    }

    [Fact]
    public async Task What_is_left_out_of_a_batch_keeps_its_order()
    {
        var mine = Assert.Single(await NewAsync(advertiser, 1));
        // Those that go with it in a batch.
        var theirs = (await NewAsync(Interlocked.Increment(ref advertisers), 8)).FindAll(id => (id - mine) % 2 == 0);
        await using var locked = new LockedAdvertiser(fixture.Node.ConnectionString, Value);
        await locked.TakeAsync();

        var others = theirs.ConvertAll(id => ApplyAsync(Notes(id, "before")));
        var own = new[] { "first", "second", "third" }.Select(notes => ApplyAsync(Notes(mine, notes))).ToList();
        others.AddRange(theirs.Select(id => ApplyAsync(Notes(id, "after"))));

        Assert.All(await Task.WhenAll(others), Assert.True);
        Assert.DoesNotContain(own, change => change.IsCompleted);
        await locked.ReleaseAsync();
        Assert.All(await Task.WhenAll(own), Assert.True);
        Assert.Equal("third", await NotesAsync(mine));
    }

    [Fact]
    public async Task Those_who_wait_for_a_locked_advertiser_form_a_line_that_ends()
    {
        var mine = await NewAsync(advertiser, 100);
        var theirs = Assert.Single(await NewAsync(Interlocked.Increment(ref advertisers), 1));
        await using var locked = new LockedAdvertiser(fixture.Node.ConnectionString, Value);
        await locked.TakeAsync();
        var sent = new List<Task<bool>>();

        async Task SendAsync(IEnumerable<long> ids, CancellationToken cancellation = default)
        {
            sent.AddRange(ids.Select(id => ApplyAsync(Notes(id, "waited"), cancellation: cancellation)));
            // Behind them in the line of all changes: those have come into the advertiser's own.
            Assert.True(await ApplyAsync(Notes(theirs, "done"), cancellation: CancellationToken.None));
        }

        // The first are on their way to the database, and can leave no line.
        for (var i = 0; i < 4; i++)
            await SendAsync(mine);
        using var gone = new CancellationTokenSource();
        await SendAsync(mine, gone.Token);
        while (!sent.Exists(s => s.IsFaulted))
        {
            Assert.InRange(sent.Count, 0, 2_000);
            await SendAsync(mine);
        }

        Assert.All(sent.Where(s => s.IsFaulted), s => Assert.IsType<BusyException>(s.Exception!.InnerException));
        await gone.CancelAsync();
        await SendAsync(mine[..1]);
        Assert.False(sent[^1].IsCompleted);
        await locked.ReleaseAsync();
        Assert.All(await Task.WhenAll(sent.Where(s => !s.IsFaulted && !s.IsCanceled)), Assert.True);
    }

    [Fact]
    public async Task A_group_that_is_held_up_holds_up_only_what_is_of_its_advertisers()
    {
        var mine = await NewAsync(advertiser, 2);
        var theirs = new List<long>();
        for (var i = 0; i < 40; i++)
            theirs.AddRange(await NewAsync(Interlocked.Increment(ref advertisers), 1));
        await using var operators = new NpgsqlConnection(fixture.Node.ConnectionString + ";Pooling=false");
        await operators.OpenAsync();
        await using var held = await operators.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand(
            $"SELECT FROM interactions.interactions WHERE id = {mine[0]} FOR UPDATE", operators, held))
            await command.ExecuteNonQueryAsync();

        var first = ApplyAsync(Notes(mine[0], "first"));
        await TwoNodes.UntilAsync(async () => await WaitingAsync() == 1);
        var (second, other) = (ApplyAsync(Notes(mine[0], "second")), ApplyAsync(Notes(mine[1], "other")));
        for (var round = 1; round <= 2; round++)
            Assert.All(await Task.WhenAll(theirs.Select(id => ApplyAsync(Notes(id, $"done {round}")))), Assert.True);

        Assert.False(first.IsCompleted || second.IsCompleted);
        Assert.Equal(1, await WaitingAsync());
        await held.RollbackAsync();
        Assert.All(await Task.WhenAll(first, second, other), Assert.True);
        Assert.Equal("second", await NotesAsync(mine[0]));
        Assert.Equal("other", await NotesAsync(mine[1]));
    }

    [Fact]
    public async Task Changes_of_many_advertisers_are_each_made_once_and_in_their_order()
    {
        var (first, ids) = (advertisers + 1, new List<long>());
        for (var i = 0; i < 150; i++)
            ids.AddRange(await NewAsync(Interlocked.Increment(ref advertisers), 2));
        const int rounds = 15;

        await Task.WhenAll(ids.Select(id => Task.Run(async () =>
        {
            for (var round = 0; round < rounds; round++)
            {
                // Two at once: each changes what the one before has left.
                var (earlier, later) = (ApplyAsync(Toggle(id, round, "earlier", read: true)),
                    ApplyAsync(Toggle(id, round, "later", read: false)));
                Assert.True(await earlier && await later);
            }
        })));

        var ofThese = $"advertiser BETWEEN {1_000_000_000_000 + first} AND {1_000_000_000_000 + advertisers}";
        Assert.Equal(ids.Count, await fixture.ScalarAsync<long>(
            $"SELECT count(*) FROM interactions.interactions WHERE {ofThese} AND notes = '{rounds - 1} later' AND NOT read"));
        Assert.Equal(ids.Count * rounds * 2, await fixture.ScalarAsync<long>(
            $"SELECT count(*) FROM audit.entries WHERE {ofThese} AND action = 'update' AND fields = ARRAY['read', 'notes']"));
        Assert.Equal(ids.Count, await fixture.ScalarAsync<long>($"SELECT sum(unread)::bigint FROM counters.cells WHERE {ofThese}"));
    }

    [Fact]
    public async Task Advertisers_that_always_have_something_to_wait_for_do_not_keep_others_waiting()
    {
        const int busy = 8;
        var all = new List<(LockedAdvertiser Locked, List<long> Ids)>();
        for (var i = 0; i <= busy; i++)
        {
            var number = Interlocked.Increment(ref advertisers);
            all.Add((new LockedAdvertiser(fixture.Node.ConnectionString, 1_000_000_000_000 + number), await NewAsync(number, 4)));
            await all[i].Locked.TakeAsync();
        }

        using var over = new CancellationTokenSource();
        var working = all.Take(busy).SelectMany(a => a.Ids).Select(id => Task.Run(async () =>
        {
            for (var i = 0; !over.IsCancellationRequested; i++)
                await ApplyAsync(Notes(id, i.ToString(CultureInfo.InvariantCulture)));
        })).ToList();
        await TwoNodes.UntilAsync(async () => await WaitingAsync() == busy);
        var last = ApplyAsync(Notes(all[busy].Ids[0], "done"));
        foreach (var (locked, _) in all)
        {
            await locked.ReleaseAsync();
            await locked.DisposeAsync();
        }

        try
        {
            Assert.True(await last.WaitAsync(TimeSpan.FromSeconds(20)));
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(working);
        }
    }

    private long Value => 1_000_000_000_000 + advertiser;

    private static Update Notes(long id, string notes, bool? read = null) =>
        new(id, AuditActor.Operator, null, new NewState(read, null, SetsNotes: true, notes));

    private static InteractionChange Toggle(long id, int round, string which, bool read) =>
        Notes(id, string.Create(CultureInfo.InvariantCulture, $"{round} {which}"), read);

    private async Task<bool> ApplyAsync(InteractionChange change, Caller? caller = null, CancellationToken cancellation = default) =>
        await changes.ApplyAsync(change, caller ?? CallerOf(null), cancellation) == ChangeOutcome.Applied;

    private static Caller CallerOf(IReadOnlySet<GlobalId>? advertisers) =>
        new() { TokenId = 0, Abilities = Ability.Write, Advertisers = advertisers, Trusted = false, Pii = true };

    private async Task<List<long>> NewAsync(int number, int count)
    {
        var ids = new List<long>();
        for (var i = 0; i < count; i++)
            ids.Add((await fixture.Client.SendOneAsync(Records.Call($"USA_{number}"))).Is(201).Json.Id());
        return ids;
    }

    private Task<long> VersionAsync() => fixture.ScalarAsync<long>($"SELECT version FROM counters.advertisers WHERE advertiser = {Value}");

    /// <summary>How many of the node's sessions wait for a lock.</summary>
    private Task<long> WaitingAsync() =>
        fixture.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
            + "application_name LIKE 'lips %' AND wait_event_type = 'Lock'");

    private async Task<string?> NotesAsync(long id) => (string?)(await fixture.Client.ShowAsync(id))["notes"];
}
