using Lips.Counters.Grains;
using Lips.Host;
using Lips.Kernel.Database;
using Lips.Postgres;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Lips.Counters.Tests.Grains;

/// <summary>A server of its own, which has just started: silos may still serve what it had before.</summary>
public sealed class QuietTests : IAsyncLifetime
{
    private readonly PrivatePostgresOptions options = new()
    {
        Home = Path.Combine(Path.GetTempPath(), "lips-quiet-" + Guid.NewGuid().ToString("N")[..12]),
        Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["fsync"] = "off" },
    };

    private PrivatePostgres? server;

    private PrivatePostgres Server => server!;

    public async Task InitializeAsync()
    {
        server = await StartAsync();
        await using (var app = LipsApplication.Build(
            LipsApplication.CreateBuilder([]), TestPostgres.AsApplication(Server.ConnectionString), Server.ConnectionString))
            await app.Services.GetRequiredService<Migrator>().MigrateAsync(CancellationToken.None);
        await CounterRows.WriteAsync(Server.ConnectionString, advertisers: 2, cells: 3);
        await RestartAsync();
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(options.Home, recursive: true);
    }

    /// <summary>The rule `quiet`.</summary>
    [Fact]
    public async Task A_server_that_has_just_started_gives_no_hold_and_acknowledges_nothing_until_every_lease_is_over()
    {
        await using var silo = new TestSilo(Server.ConnectionString);

        await Task.WhenAll(AfterQuietAsync(silo.AddAsync(1)), AfterQuietAsync(silo.Holds.Begin(CounterRows.Usa(2)).TotalAsync()));

        async Task AfterQuietAsync(Task work)
        {
            await work;
            await using var isOver = silo.Pool.CreateCommand(
                $"SELECT clock_timestamp() - pg_postmaster_start_time() >= interval '{LeaseTimes.Lease.TotalSeconds} s'");
            Assert.True((bool)(await isOver.ExecuteScalarAsync())!);
        }
    }

    /// <summary>Else the next hold takes over from it, and changes wait for another lease.</summary>
    [Fact]
    public async Task A_hold_that_a_read_finds_to_be_of_the_server_before_is_given_back()
    {
        await using var node = await LipsNode.StartAsync(Server.ConnectionString);
        await CounterRows.DenyLooksAsync(Server.ConnectionString);
        await UntilReadAsync();
        var hold = await CounterRows.HolderAsync(Server.ConnectionString, 1);

        await RestartAsync();
        await UntilReadAsync();

        Assert.Equal([true], await CounterRows.EndsAsync(Server.ConnectionString, Assert.NotNull(hold)));

        Task UntilReadAsync() => Wait.UntilAsync(async () =>
            (await node.Client.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_1")).Status == 200);
    }

    private async Task RestartAsync()
    {
        await Server.DisposeAsync();
        server = await StartAsync();
        await using var connection = new NpgsqlConnection(Server.ConnectionString);
        NpgsqlConnection.ClearPool(connection);
    }

    private Task<PrivatePostgres> StartAsync() => PrivatePostgres.StartAsync(options, NullLogger.Instance, CancellationToken.None);
}
