using Lips.Counters.Grains;
using Lips.Counters.Tests.Restores;
using Lips.Kernel;
using Lips.Testing;
using Xunit;

namespace Lips.Counters.Tests.Grains;

/// <summary>
/// What a node that stops puts away of large counters, and what the next one makes of it. Which cells that one reads is seen by the mark:
/// a cell that was changed by hand, at the version that it had.
/// </summary>
public sealed class CheckpointTests
{
    private const int Cells = AdvertiserCheckpoint.LeastCells;
    private const int Mark = 1_000_000;
    private const string Kept = "SELECT count(*)::integer FROM orleans.storage";

    [Fact]
    public async Task What_is_large_is_put_away_and_only_newer_cells_are_read_then()
    {
        var database = await NewAsync();
        Assert.Equal(Cells, await TotalAsync(database));
        Assert.Equal(1, await TestPostgres.ScalarAsync<int>(database, Kept));

        await MarkAsync(database);
        await CounterRows.AddAsync(database, 1);

        Assert.Equal(Cells + 1, await TotalAsync(database));
        // And from what that one has put away.
        await CounterRows.AddAsync(database, 1);
        Assert.Equal(Cells + 2, await TotalAsync(database));
    }

    [Fact]
    public async Task What_is_smaller_is_not_put_away()
    {
        var database = await TestPostgres.NewDatabaseAsync();
        await CounterRows.WriteAsync(database, advertisers: 1, cells: Cells - 1);
        Assert.Equal(Cells - 1, await TotalAsync(database));
        Assert.Equal(0, await TestPostgres.ScalarAsync<int>(database, Kept));
    }

    /// <summary>All cells are read then, and put away again.</summary>
    [Theory]
    [InlineData("DELETE FROM orleans.storage")]
    [InlineData("UPDATE orleans.storage SET payloadbinary = '\\x00ff1234'")]
    [InlineData("UPDATE orleans.storage SET payloadbinary = substr(payloadbinary, 1, length(payloadbinary) / 2)")]
    [InlineData("UPDATE orleans.storage SET payloadbinary = NULL")]
    [InlineData("SET lips.tells_holders = 'on'; UPDATE counters.advertisers SET version = 0; UPDATE counters.cells SET version = 0")]
    [InlineData("another history")]
    [InlineData("a rebuild")]
    public async Task What_does_not_fit_is_dropped(string change)
    {
        var database = await NewAsync();
        await TotalAsync(database);
        await MarkAsync(database);

        if (change == "another history")
            await CounterRows.MakeAnewAsync(database);
        else if (change == "a rebuild")
            await RebuildAsync(database);
        else
            await TestPostgres.ExecuteAsync(database, change);

        Assert.Equal(Cells + Mark, await TotalAsync(database));
        await MarkAsync(database);
        Assert.Equal(Cells + Mark, await TotalAsync(database));
    }

    [Fact]
    public async Task Versions_that_a_restored_backup_gives_out_again_are_not_taken_for_those_that_were_put_away()
    {
        await using var backup = await Backup.NewAsync("a copy renamed");
        var database = backup.ConnectionString;
        await CounterRows.WriteAsync(database, advertisers: 1, cells: Cells);
        await TotalAsync(database);
        await backup.TakeAsync();
        // What is lost; of version 2.
        await CounterRows.AddAsync(database, 1);
        Assert.Equal(Cells + 1, await TotalAsync(database));
        var lost = await TestPostgres.ScalarAsync<byte[]>(database, "SELECT payloadbinary FROM orleans.storage");

        await backup.PutBackAsync();
        // The schema of Orleans need not be in the backup.
        await TestPostgres.ExecuteAsync(database, $"UPDATE orleans.storage SET payloadbinary = '\\x{Convert.ToHexString(lost)}'");
        await TestPostgres.ExecuteAsync(
            database,
            $"""
            SET lips.tells_holders = 'on';
            UPDATE counters.advertisers SET version = 2;
            UPDATE counters.cells SET total = total + {Mark}, version = 2 WHERE day = '{CounterRows.Day.AddDays(-10):yyyy-MM-dd}'
            """);

        Assert.Equal(Cells + Mark, await TotalAsync(database));
    }

    [Fact]
    public async Task Without_storage_a_node_serves_and_stops()
    {
        var database = await NewAsync();
        await TestPostgres.ExecuteAsync(database, "ALTER TABLE orleans.storage DROP COLUMN payloadbinary");
        Assert.Equal(Cells, await TotalAsync(database));
        Assert.Equal(0, await TestPostgres.ScalarAsync<int>(database, Kept));
    }

    private static async Task<string> NewAsync()
    {
        var database = await TestPostgres.NewDatabaseAsync();
        await CounterRows.WriteAsync(database, advertisers: 1, cells: Cells);
        return database;
    }

    /// <summary>What a node counts, which is started for it and stops then.</summary>
    private static async Task<long> TotalAsync(string database)
    {
        await using var node = await LipsNode.StartAsync(database);
        return (long)(await node.Client.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_1")).Is(200)
            .Json["totals"]!["events"]!;
    }

    private static Task MarkAsync(string database) => TestPostgres.ExecuteAsync(
        database, $"UPDATE counters.cells SET total = total + {Mark} WHERE day = '{CounterRows.Day.AddDays(-10):yyyy-MM-dd}'");

    private static async Task RebuildAsync(string database)
    {
        await using var silo = new TestSilo(database);
        await silo.WriteAsync(1, write => write.Rebuilt(GlobalId.FromValue(CounterRows.Usa(1))));
    }
}
