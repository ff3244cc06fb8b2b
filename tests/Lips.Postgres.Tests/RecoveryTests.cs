using System.Globalization;

namespace Lips.Postgres.Tests;

public sealed class RecoveryTests
{
    [Fact]
    public async Task A_server_that_was_killed_is_recovered()
    {
        await using var home = new TestHome();
        await using (var first = await home.StartAsync())
        {
            await TestHome.QueryAsync(first.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS value");
            await home.KillServerAsync();
        }

        Assert.True(File.Exists(Path.Combine(home.DataFolder, PidFile.Name)));

        var second = await home.StartAsync();
        Assert.Equal("42", await TestHome.QueryAsync(second.ConnectionString, "SELECT value FROM kept"));
    }

    [Fact]
    public async Task A_server_whose_children_outlive_it_is_waited_for()
    {
        await using var home = new TestHome();
        var first = await home.StartAsync();
        var busy = TestHome.QueryAsync(first.ConnectionString, "SELECT sum(n) FROM generate_series(1, 3000000) AS n");
        await TestHome.RunAsync("kill", "-KILL", PidFile.Read(home.DataFolder)!.Pid.ToString(CultureInfo.InvariantCulture));
        await first.DisposeAsync();

        var second = await home.StartAsync();
        Assert.Equal("1", await TestHome.QueryAsync(second.ConnectionString, "SELECT 1"));
        try
        {
            await busy;
        }
        catch (Npgsql.NpgsqlException)
        {
            // Its server is gone; whether it finished before is of no interest.
        }
    }

    [Fact]
    public async Task A_server_left_running_by_a_killed_host_is_taken_over_and_stopped_in_the_end()
    {
        await using var home = new TestHome();
        await using var host = await HostProcess.StartAsync(home.Folder);
        var server = PidFile.Read(home.DataFolder)!.Pid;
        await host.KillAsync();

        var postgres = await home.StartAsync();

        Assert.Equal(server, PidFile.Read(home.DataFolder)!.Pid);
        Assert.Contains($"still runs in {home.DataFolder} (process {server})", home.Logged);
        Assert.Equal("1", await TestHome.QueryAsync(postgres.ConnectionString, "SELECT 1"));
        await postgres.DisposeAsync();
        Assert.Empty(home.ServerProcesses());
    }

    [Fact]
    public async Task Ctrl_C_in_the_terminal_leaves_the_server_to_its_host()
    {
        await using var home = new TestHome();
        await using var host = await HostProcess.StartAsync(home.Folder);

        await host.InterruptGroupAsync();

        Assert.Equal("1", await TestHome.QueryAsync(host.ConnectionString, "SELECT 1"));
        Assert.Equal(0, await host.EndAsync());
        Assert.Empty(home.ServerProcesses());
    }

    [Fact]
    public async Task A_stale_pid_file_that_names_a_living_process_is_removed()
    {
        await using var home = new TestHome();
        await using (await home.StartAsync())
        {
        }

        // As the server's own user: PostgreSQL itself would refuse to start beside this one.
        var account = await ServerAccount.ChooseAsync(owner: null, CancellationToken.None);
        using var end = new CancellationTokenSource();
        var stranger = account.ScriptAsync(home.DataFolder, $"printf '%s\\n' $$ . 1 5432 /tmp > {PidFile.Name}; exec sleep 120", end.Token);
        while (PidFile.Read(home.DataFolder) is not { Port: 5432 })
            await Task.Delay(10, end.Token);
        var pid = PidFile.Read(home.DataFolder)!.Pid;

        var postgres = await home.StartAsync();

        Assert.Contains($"names process {pid}", home.Logged);
        Assert.False(stranger.IsCompleted);
        Assert.Equal("1", await TestHome.QueryAsync(postgres.ConnectionString, "SELECT 1"));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stranger);
    }

    [Fact]
    public async Task An_empty_pid_file_is_removed()
    {
        await using var home = new TestHome();
        await using (await home.StartAsync())
        {
        }

        await File.WriteAllTextAsync(Path.Combine(home.DataFolder, PidFile.Name), "");

        await home.StartAsync();
    }

    [Fact]
    public async Task A_pid_file_is_kept_while_processes_of_its_server_remain()
    {
        await using var home = new TestHome();
        var postgres = await home.StartAsync();
        var account = await ServerAccount.ChooseAsync(owner: null, CancellationToken.None);
        var server = PidFile.Read(home.DataFolder)!.Pid;

        Assert.Equal(ServerProcessState.Ours, await ServerProcess.InspectAsync(account, home.DataFolder, server, CancellationToken.None));
        Assert.Equal(ServerProcessState.Orphans, await ServerProcess.InspectAsync(account, home.DataFolder, 0, CancellationToken.None));
        await postgres.DisposeAsync();
        // Foreign while nobody has claimed the dead process: it then still has its number.
        Assert.Contains(
            await ServerProcess.InspectAsync(account, home.DataFolder, server, CancellationToken.None),
            new[] { ServerProcessState.Gone, ServerProcessState.Foreign });
    }

    [Fact]
    public async Task A_server_whose_socket_was_removed_is_restarted()
    {
        await using var home = new TestHome();
        await using var host = await HostProcess.StartAsync(home.Folder);
        await host.KillAsync();
        Directory.Delete(Path.Combine(home.StateFolder, "run"), recursive: true);

        var postgres = await home.StartAsync();

        Assert.Contains("its socket does not answer", home.Logged);
        Assert.Equal("1", await TestHome.QueryAsync(postgres.ConnectionString, "SELECT 1"));
    }
}
