using System.Globalization;

namespace Lips.Postgres.Tests;

public sealed class HomeLockTests
{
    [Fact]
    public async Task A_second_host_on_the_same_home_is_refused_by_whatever_path()
    {
        await using var home = new TestHome();
        var first = await home.StartAsync();

        var refusal = await home.RefusedAsync();

        Assert.Contains($"process {Environment.ProcessId}", refusal);
        Assert.Contains(home.Folder, refusal);

        var link = Path.Combine(home.Root, "link");
        Directory.CreateSymbolicLink(link, home.Folder);
        Assert.Contains(home.Folder, await home.RefusedAsync(home.Options with { Home = link }));
        Assert.Equal("1", await TestHome.QueryAsync(first.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task The_refusal_names_the_process_of_the_other_host()
    {
        await using var home = new TestHome();
        await using var host = await HostProcess.StartAsync(home.Folder);

        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"process {host.Id}"), await home.RefusedAsync());
    }

    [Fact]
    public async Task A_command_beside_a_host_uses_its_server_and_leaves_it_running()
    {
        await using var home = new TestHome();
        await using var host = await HostProcess.StartAsync(home.Folder);

        await using (var beside = await PrivatePostgres.AttachOrStartAsync(home.Options, home, CancellationToken.None))
        {
            Assert.True(beside.IsAttached);
            Assert.Equal(host.ConnectionString, beside.ConnectionString);
        }

        Assert.Equal("1", await TestHome.QueryAsync(host.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task A_command_without_a_host_runs_the_server_itself_and_stops_it()
    {
        await using var home = new TestHome();
        Assert.Null(await PrivatePostgres.TryAttachAsync(home.Options, home, CancellationToken.None));

        await using (var alone = await PrivatePostgres.AttachOrStartAsync(home.Options, home, CancellationToken.None))
        {
            Assert.False(alone.IsAttached);
            Assert.Equal("1", await TestHome.QueryAsync(alone.ConnectionString, "SELECT 1"));
        }

        Assert.Empty(home.ServerProcesses());
        Assert.Null(await PrivatePostgres.TryAttachAsync(home.Options, home, CancellationToken.None));
    }
}
