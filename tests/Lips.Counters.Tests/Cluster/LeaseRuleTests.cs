using Lips.Counters.Contracts;
using Lips.Counters.Grains;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lips.Counters.Tests.Cluster;

/// <summary>
/// Two silos on one database. Each test makes the moment for which a rule of the lease is there: with the rule a read is not stale, and
/// without it it is.
/// </summary>
public sealed class LeaseRuleTests : IAsyncLifetime
{
    private static readonly GlobalId Advertiser = GlobalId.TryParse("USA_1", out var id) ? id : default;

    private string database = "";

    public async Task InitializeAsync() => database = await TestPostgres.NewDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hold_that_took_over_lets_writers_wait_until_the_other_cannot_serve(bool isKept)
    {
        await using var silos = await SilosAsync(LeaseRules.All with { WaitTake = isKept });
        silos.HolderWire.Close();

        await silos.Other.Services.GetRequiredService<SiloHolds>().Begin(Advertiser.Value).ReadAsync();
        await silos.IngestAsync();

        await silos.AssertIsStaleAsync(!isKept);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_writer_that_gets_no_answer_waits_until_the_lease_is_over(bool isKept)
    {
        await using var silos = await SilosAsync(LeaseRules.All with { WaitSignal = isKept });
        silos.HolderWire.Close();

        silos.Other.Services.GetRequiredService<CountersSilo>().Part();
        await silos.IngestAsync();

        await silos.AssertIsStaleAsync(!isKept);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_writer_that_gets_no_answer_ends_the_hold(bool isKept)
    {
        await using var silos = await SilosAsync(LeaseRules.All with { Signal = isKept });

        silos.Other.Services.GetRequiredService<CountersSilo>().Part();
        await silos.IngestAsync();

        await silos.AssertIsStaleAsync(!isKept);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_that_changes_nothing_tells_the_hold_what_another_writer_did_not(bool isKept)
    {
        await using var silos = await SilosAsync(LeaseRules.All with { NoopTells = isKept });

        var id = await silos.CommitWithoutTellingAsync();
        (await silos.Other.Client.SendAsync(
            HttpMethod.Put, $"/contact_interactions/{id}", new { contact_interaction = new { important = true } })).Is(200);

        await silos.AssertIsStaleAsync(!isKept, events: 1, unread: 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Memory_below_a_version_that_was_told_is_not_served(bool isKept)
    {
        await using var silos = await SilosAsync(LeaseRules.All with { Floor = isKept });

        await silos.CommitWithoutTellingAsync();
        await silos.IngestAsync();

        await silos.AssertIsStaleAsync(!isKept, events: 2, unread: 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hold_stops_serving_before_it_is_given_back(bool isKept)
    {
        // It takes over from a silo that is gone, so that it has to wait before it is given back.
        await using var silos = await SilosAsync(LeaseRules.All with { StopFirst = isKept }, isHeldAlready: true);

        var holds = silos.Holder.Services.GetRequiredService<SiloHolds>();
        var leaving = holds.LeaveAsync([holds.Find(Advertiser.Value)!]);
        while (!isKept && await TestPostgres.ScalarAsync<long>(database, "SELECT count(*) FROM counters.holders") > 0)
            await Task.Delay(10);
        await silos.IngestAsync();

        await silos.AssertIsStaleAsync(!isKept);
        await leaving;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_lease_counts_from_the_start_of_a_look(bool isKept)
    {
        await using var silos = await SilosAsync(LeaseRules.All with { LeaseStart = isKept });

        // A look that is answered late: what was ended since it began it has not seen. The next one does not come through.
        silos.HolderWire.HoldAnswers();
        await Task.Delay(LeaseTimes.Look * 1.4);
        silos.Other.Services.GetRequiredService<CountersSilo>().Part();
        var written = silos.IngestAsync();
        await Task.Delay(LeaseTimes.Look * 1.8);
        silos.HolderWire.Hold();
        silos.HolderWire.ReleaseAnswers();
        await written;
        silos.HolderWire.Close();

        await silos.AssertIsStaleAsync(!isKept);
    }

    private async Task<TwoSilos> SilosAsync(LeaseRules rules, bool isHeldAlready = false)
    {
        var silos = await TwoSilos.StartAsync(database, rules);
        await silos.IngestAsync();
        if (isHeldAlready)
            await TestPostgres.ExecuteAsync(
                database, $"INSERT INTO counters.holders VALUES ({Advertiser.Value}, 1, 'gone')");
        Assert.Equal((1, 1), await TwoSilos.TotalsAsync(silos.Holder));
        Assert.NotNull(silos.Holder.Services.GetRequiredService<SiloHolds>().Find(Advertiser.Value));
        return silos;
    }

    /// <summary>Two silos: one that holds, behind a wire that can be closed, and another one.</summary>
    private sealed class TwoSilos : IAsyncDisposable
    {
        private int events;

        public required LipsNode Holder { get; init; }

        public required LipsNode Other { get; init; }

        public required PostgresRelay HolderWire { get; init; }

        public static async Task<TwoSilos> StartAsync(string database, LeaseRules rules)
        {
            var wire = new PostgresRelay(database);
            return new TwoSilos
            {
                HolderWire = wire,
                Holder = await LipsNode.StartAsync(wire.ConnectionString, builder => builder.Services.AddSingleton(rules)),
                Other = await LipsNode.StartAsync(database, builder => builder.Services.AddSingleton(rules)),
            };
        }

        public static async Task<(int Events, int Unread)> TotalsAsync(LipsNode node)
        {
            var totals = (await node.Client.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_1")).Is(200).Json;
            return ((int)totals["totals"]!["events"]!, (int)totals["unread"]!["events"]!);
        }

        public async Task IngestAsync()
        {
            await Other.Client.IngestAsync(
                new { global_master_advertiser_id = "USA_1", event_type = "call", occurred_at = "2026-03-02T10:00:00Z" });
            events++;
        }

        /// <summary>A writer that dies between its commit and its call: the one interaction is read and important then.</summary>
        public async Task<long> CommitWithoutTellingAsync()
        {
            await TestPostgres.ExecuteAsync(
                Other.ConnectionString,
                """
                BEGIN;
                SET LOCAL lips.tells_holders = 'on';
                UPDATE counters.advertisers SET version = version + 1;
                UPDATE interactions.interactions SET read = true, important = true;
                UPDATE counters.cells SET unread = 0, important = 1, version = (SELECT version FROM counters.advertisers);
                COMMIT
                """);
            return await TestPostgres.ScalarAsync<long>(Other.ConnectionString, "SELECT id FROM interactions.interactions");
        }

        /// <summary>Asks the holder.</summary>
        public async Task AssertIsStaleAsync(bool isStale, int? events = null, int? unread = null)
        {
            var answer = await Holder.Client.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_1");
            var isRight = answer.Status == 503
                || ((int)answer.Json["totals"]!["events"]! == (events ?? this.events)
                    && (int)answer.Json["unread"]!["events"]! == (unread ?? this.events));
            Assert.True(isRight != isStale, answer.Body);
        }

        public async ValueTask DisposeAsync()
        {
            await Other.DisposeAsync();
            await Holder.DisposeAsync();
            await HolderWire.DisposeAsync();
        }
    }
}
