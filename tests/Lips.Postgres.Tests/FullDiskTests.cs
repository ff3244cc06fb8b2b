namespace Lips.Postgres.Tests;

public sealed class FullDiskTests
{
    [Fact]
    public async Task A_disk_too_small_for_a_cluster_is_named()
    {
        await using var home = new TestHome();
        var mounted = await home.MountAsync("1m");
        var options = mounted
            ? home.Options
            : home.Options with
            {
                BinFolder = home.FakeBinaries(("initdb", "echo 'initdb: error: could not write: No space left on device' >&2; exit 1")),
            };

        var refusal = await home.RefusedAsync(options);

        Assert.Contains("is full", refusal);
        Assert.Contains(home.StateFolder, refusal);
        Assert.Empty(Directory.GetDirectories(home.StateFolder, "data*"));
    }

    [Fact]
    public async Task A_disk_that_is_full_at_the_start_costs_no_data()
    {
        await using var home = new TestHome();
        var mounted = await home.MountAsync("128m");
        await using (var first = await home.StartAsync())
        {
            await TestHome.QueryAsync(first.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS value");
            // Killed, so that the next start has to write: it recovers.
            await home.KillServerAsync();
        }

        var options = home.Options;
        var filler = Path.Combine(home.Folder, "filler");
        if (mounted)
            await TestHome.RunAsync("dd", "if=/dev/zero", "of=" + filler, "bs=64k");
        else
            options = options with
            {
                BinFolder = home.FakeBinaries(
                ("pg_ctl", "echo 'FATAL:  could not write lock file: No space left on device' >> log; exit 1"))
            };

        var refusal = await home.RefusedAsync(options);
        Assert.Contains("is full", refusal);

        File.Delete(filler);
        var second = await home.StartAsync();
        Assert.Equal("42", await TestHome.QueryAsync(second.ConnectionString, "SELECT value FROM kept"));
    }
}
