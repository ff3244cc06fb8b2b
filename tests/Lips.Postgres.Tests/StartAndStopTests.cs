namespace Lips.Postgres.Tests;

public sealed class StartAndStopTests
{
    [Fact]
    public async Task A_fresh_home_gets_a_cluster_that_answers_on_its_socket_only()
    {
        await using var home = new TestHome();
        var postgres = await home.StartAsync();

        Assert.Equal("lips", await TestHome.QueryAsync(postgres.ConnectionString, "SELECT current_database()"));
        Assert.Equal("", await TestHome.QueryAsync(postgres.ConnectionString, "SHOW listen_addresses"));
        Assert.Equal("on", await TestHome.QueryAsync(postgres.ConnectionString, "SHOW data_checksums"));
        Assert.Equal("on", await TestHome.QueryAsync(postgres.ConnectionString, "SHOW synchronous_commit"));
        Assert.Equal("off", await TestHome.QueryAsync(postgres.ConnectionString, "SHOW fsync"));
        Assert.Equal("UTF8", await TestHome.QueryAsync(postgres.ConnectionString, "SHOW server_encoding"));
        Assert.Equal(
            "C",
            await TestHome.QueryAsync(postgres.ConnectionString, "SELECT datcollate FROM pg_database WHERE datname = current_database()"));
        Assert.Equal(home.DataFolder, await TestHome.QueryAsync(postgres.ConnectionString, "SHOW data_directory"));
        Assert.Equal(
            Path.Combine(home.StateFolder, "run"), await TestHome.QueryAsync(postgres.ConnectionString, "SHOW unix_socket_directories"));

        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(ownerOnly, File.GetUnixFileMode(home.StateFolder));
        Assert.Equal(ownerOnly, File.GetUnixFileMode(Path.Combine(home.StateFolder, "run")));
    }

    [Fact]
    public async Task Stopping_leaves_no_process_and_no_pid_file()
    {
        await using var home = new TestHome();
        var postgres = await home.StartAsync();
        Assert.NotEmpty(home.ServerProcesses());

        await postgres.DisposeAsync();

        Assert.Empty(home.ServerProcesses());
        Assert.False(File.Exists(Path.Combine(home.DataFolder, PidFile.Name)));
    }

    [Fact]
    public async Task A_second_start_keeps_the_data_and_takes_the_settings_anew()
    {
        await using var home = new TestHome();
        await using (var first = await home.StartAsync())
            await TestHome.QueryAsync(first.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS value");

        var settings = new Dictionary<string, string>(TestHome.FastSettings, StringComparer.Ordinal)
        {
            ["application_name"] = @"it's a \ test",
        };
        var second = await home.StartAsync(home.Options with { Settings = settings });

        Assert.Equal("42", await TestHome.QueryAsync(second.ConnectionString, "SELECT value FROM kept"));
        Assert.Equal(
            @"it's a \ test",
            await TestHome.QueryAsync(second.ConnectionString, "SELECT reset_val FROM pg_settings WHERE name = 'application_name'"));
    }

    [Fact]
    public async Task What_an_operator_sets_with_alter_system_wins()
    {
        await using var home = new TestHome();
        await using (var first = await home.StartAsync())
            await TestHome.QueryAsync(first.ConnectionString, "ALTER SYSTEM SET max_connections = 33");

        var second = await home.StartAsync();
        Assert.Equal("33", await TestHome.QueryAsync(second.ConnectionString, "SHOW max_connections"));
    }

    [Fact]
    public async Task A_rejected_row_leaves_no_trace_in_the_log()
    {
        await using var home = new TestHome();
        var postgres = await home.StartAsync();
        await TestHome.QueryAsync(
            postgres.ConnectionString, "CREATE TABLE contacts (phone text PRIMARY KEY); INSERT INTO contacts VALUES ('555-0100')");
        await Assert.ThrowsAsync<Npgsql.PostgresException>(
            () => TestHome.QueryAsync(postgres.ConnectionString, "INSERT INTO contacts VALUES ('555-0100')"));

        await postgres.DisposeAsync();
        var log = await File.ReadAllTextAsync(Path.Combine(home.StateFolder, "log"));
        Assert.Contains("shut down", log);
        Assert.DoesNotContain("555-0100", log);
    }

    [Fact]
    public async Task An_unfinished_cluster_is_not_taken_for_one()
    {
        await using var home = new TestHome();
        await using (await home.StartAsync())
        {
        }

        // What a host that was killed during initdb leaves behind.
        Directory.Move(home.DataFolder, home.DataFolder + ".new-0badc0de");
        File.Delete(Path.Combine(home.DataFolder + ".new-0badc0de", "PG_VERSION"));

        var postgres = await home.StartAsync();
        Assert.Equal("1", await TestHome.QueryAsync(postgres.ConnectionString, "SELECT 1"));
        Assert.Equal([home.DataFolder], Directory.GetDirectories(home.StateFolder, "data*"));
    }

    [Fact]
    public async Task A_start_that_is_cancelled_leaves_nothing_running_and_the_home_free()
    {
        await using var home = new TestHome();
        await using (await home.StartAsync())
        {
        }

        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(60));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PrivatePostgres.StartAsync(home.Options, home, soon.Token));

        Assert.Empty(home.ServerProcesses());
        await home.StartAsync();
    }
}
