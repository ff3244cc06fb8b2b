using Lips.Counters.Grains;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lips.Counters.Tests.Cluster;

/// <summary>
/// Each test makes the moment for which a rule of the lease is there: with the rule a read is not stale, and without it it is. A busy
/// machine may miss the moment, so that without a rule it is made again with another advertiser.
/// </summary>
public sealed class LeaseRuleTests(LeaseRuleTests.TwoSilos silos) : IClassFixture<LeaseRuleTests.TwoSilos>
{
    private const int Attempts = 10;

    [Fact]
    public Task A_hold_that_took_over_lets_writers_wait_until_the_other_cannot_serve() => AssertNeededAsync(
        (rules, isKept) => rules.WaitTake = isKept,
        async moment =>
        {
            silos.CloseWire();
            await silos.Other.Services.GetRequiredService<SiloHolds>().Begin(moment.Key).ReadAsync();
            await moment.IngestAsync();
        });

    [Fact]
    public Task A_writer_that_gets_no_answer_waits_until_the_lease_is_over() => AssertNeededAsync(
        (rules, isKept) => rules.WaitSignal = isKept,
        async moment =>
        {
            silos.CloseWire();
            silos.Separate();
            await moment.IngestAsync();
        });

    [Fact]
    public Task A_writer_that_gets_no_answer_ends_the_hold() => AssertNeededAsync(
        (rules, isKept) => rules.Signal = isKept,
        async moment =>
        {
            silos.Separate();
            await moment.IngestAsync();
        });

    [Fact]
    public Task A_change_that_changes_nothing_tells_the_hold_what_another_writer_did_not() => AssertNeededAsync(
        (rules, isKept) => rules.NoopTells = isKept,
        async moment =>
        {
            var id = await moment.CommitWithoutTellingAsync();
            (await silos.Other.Client.SendAsync(
                HttpMethod.Put, $"/contact_interactions/{id}", new { contact_interaction = new { important = true } })).Is(200);
        });

    [Fact]
    public Task Memory_below_a_version_that_was_told_is_not_served() => AssertNeededAsync(
        (rules, isKept) => rules.Floor = isKept,
        async moment =>
        {
            await moment.CommitWithoutTellingAsync();
            await moment.IngestAsync();
        });

    [Fact]
    public Task A_hold_stops_serving_before_it_is_given_back() => AssertNeededAsync(
        (rules, isKept) => rules.StopFirst = isKept,
        async moment =>
        {
            var holds = silos.Holder.Services.GetRequiredService<SiloHolds>();
            moment.Ending = holds.LeaveAsync([holds.Find(moment.Key)!]);
            while (await silos.ScalarAsync($"SELECT count(*) FROM counters.holders WHERE advertiser = {moment.Key}") > 0)
                await Task.Delay(10);
            await moment.IngestAsync();
        },
        // It took over, so that it has to wait before it is given back.
        key => TestPostgres.ExecuteAsync(silos.Database, $"INSERT INTO counters.holders VALUES ({key}, 1, 'gone')"));

    [Fact]
    public Task The_lease_counts_from_the_start_of_a_look() => AssertNeededAsync(
        (rules, isKept) => rules.LeaseStart = isKept,
        async moment =>
        {
            // A look that is answered late: what was ended since it began it has not seen. The next one does not come through.
            silos.HolderWire.HoldAnswers();
            await Task.Delay(LeaseTimes.Look * 1.4);
            silos.Separate();
            var written = moment.IngestAsync();
            await Task.Delay(LeaseTimes.Look * 1.8);
            silos.HolderWire.Hold();
            silos.HolderWire.ReleaseAnswers();
            await written;
            silos.CloseWire();
        });

    /// <summary>Sees that no read is stale with the rule, and that one is without it.</summary>
    private async Task AssertNeededAsync(
        Action<LeaseRules, bool> keep, Func<Moment, Task> makeAsync, Func<long, Task>? beforeAsync = null)
    {
        var isStale = false;
        Assert.False(await IsStaleAsync(), "Stale with all rules.");
        try
        {
            silos.EachRules(rules => keep(rules, false));
            for (var attempt = 0; attempt < Attempts && !isStale; attempt++)
                isStale = await IsStaleAsync();
        }
        finally
        {
            silos.EachRules(rules => keep(rules, true));
        }

        Assert.True(isStale, "Not stale without the rule.");

        async Task<bool> IsStaleAsync()
        {
            var moment = new Moment(silos, beforeAsync);
            await moment.BeginAsync();
            try
            {
                await makeAsync(moment);
                return await moment.IsStaleAsync();
            }
            finally
            {
                silos.Mend();
                await moment.Ending;
            }
        }
    }

    /// <summary>Two silos: one that holds, behind a wire that can be closed, and another one.</summary>
    public sealed class TwoSilos : IAsyncLifetime
    {
        private readonly List<LeaseRules> rules = [];
        private PostgresRelay? wire;
        private LipsNode? holder;
        private LipsNode? other;
        private bool isClosed;
        private IGrainFactory? grains;
        private int advertisers;

        internal string Database { get; private set; } = "";

        internal PostgresRelay HolderWire => wire!;

        internal LipsNode Holder => holder!;

        internal LipsNode Other => other!;

        public async Task InitializeAsync()
        {
            Database = await TestPostgres.NewDatabaseAsync();
            wire = new PostgresRelay(Database);
            holder = await LipsNode.StartAsync(wire.ConnectionString);
            other = await LipsNode.StartAsync(Database);
            rules.AddRange(new[] { holder, other }.Select(node => node.Services.GetRequiredService<LeaseRules>()));
            grains = other.Services.GetRequiredService<CountersSilo>().Grains;
        }

        public async Task DisposeAsync()
        {
            await Other.DisposeAsync();
            await Holder.DisposeAsync();
            await HolderWire.DisposeAsync();
        }

        internal int NextAdvertiser() => ++advertisers;

        internal void EachRules(Action<LeaseRules> change) => rules.ForEach(change);

        internal Task<long> ScalarAsync(string sql) => TestPostgres.ScalarAsync<long>(Database, sql);

        /// <summary>Writers of the other silo reach no grain.</summary>
        internal void Separate() => Other.Services.GetRequiredService<CountersSilo>().Part();

        internal void CloseWire()
        {
            isClosed = true;
            HolderWire.Close();
        }

        internal void Mend()
        {
            HolderWire.Release();
            HolderWire.ReleaseAnswers();
            if (isClosed)
                HolderWire.Open();
            isClosed = false;
            Other.Services.GetRequiredService<CountersSilo>().Join(grains!);
        }
    }

    /// <summary>An advertiser with one unread call, which one of the silos holds.</summary>
    private sealed class Moment(TwoSilos silos, Func<long, Task>? beforeAsync)
    {
        private readonly int number = silos.NextAdvertiser();
        private (int Events, int Unread) truth;

        /// <summary>The advertiser's key in the database.</summary>
        public long Key => 1_000_000_000_000 + number;

        /// <summary>What goes on behind the moment.</summary>
        public Task Ending { get; set; } = Task.CompletedTask;

        public async Task BeginAsync()
        {
            await IngestAsync();
            if (beforeAsync is not null)
                await beforeAsync(Key);
            // Until the database is there again for it, after the moment before, and the lease has begun.
            var holds = silos.Holder.Services.GetRequiredService<SiloHolds>();
            while ((await TotalsAsync()).Status != 200 || holds.Find(Key)?.TryServe(out _) is not true)
                await Task.Delay(20);
        }

        public async Task IngestAsync()
        {
            await silos.Other.Client.IngestAsync(
                new { global_master_advertiser_id = $"USA_{number}", event_type = "call", occurred_at = "2026-03-02T10:00:00Z" });
            truth = (truth.Events + 1, truth.Unread + 1);
        }

        /// <summary>A writer that dies between its commit and its call: the one interaction is read and important then.</summary>
        public async Task<long> CommitWithoutTellingAsync()
        {
            await TestPostgres.ExecuteAsync(
                silos.Database,
                $"""
                BEGIN;
                SET LOCAL lips.tells_holders = 'on';
                UPDATE counters.advertisers SET version = version + 1 WHERE advertiser = {Key};
                UPDATE interactions.interactions SET read = true, important = true WHERE advertiser = {Key};
                UPDATE counters.cells c SET unread = 0, important = 1, version = a.version
                    FROM counters.advertisers a WHERE c.advertiser = {Key} AND a.advertiser = {Key};
                COMMIT
                """);
            truth = (truth.Events, truth.Unread - 1);
            return await silos.ScalarAsync($"SELECT id FROM interactions.interactions WHERE advertiser = {Key}");
        }

        /// <summary>Asks the holder, which may also say that it does not know.</summary>
        public async Task<bool> IsStaleAsync()
        {
            var answer = await TotalsAsync();
            return answer.Status != 503
                && truth != ((int)answer.Is(200).Json["totals"]!["events"]!, (int)answer.Json["unread"]!["events"]!);
        }

        private Task<Answer> TotalsAsync() =>
            silos.Holder.Client.GetAnswerAsync($"/contact_interactions/totals?global_master_advertiser_id=USA_{number}");
    }
}
