namespace Lips.Postgres.Tests;

public sealed class HomesTests
{
    [Fact]
    public async Task A_home_with_a_long_path_gets_a_short_socket_folder()
    {
        await using var home = new TestHome(new string('x', 120));
        var postgres = await home.StartAsync();

        var folder = await TestHome.QueryAsync(postgres.ConnectionString, "SHOW unix_socket_directories");
        Assert.StartsWith("/tmp/lips-", folder, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        Assert.Contains(folder, home.Logged);

        await postgres.DisposeAsync();
        Assert.False(Directory.Exists(folder));
        var again = await home.StartAsync();
        Assert.Equal(folder, await TestHome.QueryAsync(again.ConnectionString, "SHOW unix_socket_directories"));
    }

    [Fact]
    public async Task A_short_socket_folder_that_others_may_enter_is_refused()
    {
        await using var home = new TestHome(new string('x', 120));
        var folder = "/tmp/lips-" + Lips.Postgres.StateFolder.ShortName(home.StateFolder);
        Directory.CreateDirectory(folder);
        try
        {
            File.SetUnixFileMode(folder, HomeFolder.PassableMode);
            var refusal = await home.RefusedAsync();
            Assert.Contains(folder, refusal);
            Assert.Contains("not private", refusal);
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    [Fact]
    public async Task A_home_with_signs_that_shells_read_works()
    {
        await using var home = new TestHome("it's a \"home\", $HOME `id` \\ ;: * é");
        await using (await home.StartAsync())
        {
        }

        var postgres = await home.StartAsync();
        Assert.Equal(home.DataFolder, await TestHome.QueryAsync(postgres.ConnectionString, "SHOW data_directory"));
    }

    [Fact]
    public async Task A_home_that_is_closed_to_the_servers_user_is_served_from_elsewhere()
    {
        await using var home = new TestHome();
        const UnixFileMode closed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(home.Folder);
        File.SetUnixFileMode(home.Folder, closed);

        await using (var postgres = await home.StartAsync())
        {
            await TestHome.QueryAsync(postgres.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS value");
            Assert.Equal(closed, File.GetUnixFileMode(home.Folder));
            if (Environment.IsPrivilegedProcess)
            {
                Assert.StartsWith(home.Options.ClosedHomesFolder, postgres.DataFolder, StringComparison.Ordinal);
                Assert.Contains($"kept in {Path.GetDirectoryName(postgres.DataFolder)} instead", home.Logged);
            }
            else
            {
                // Our own user runs the server and no home of ours is closed to it.
                Assert.Equal(home.DataFolder, postgres.DataFolder);
            }
        }

        // Opened since: the data stays where it is.
        File.SetUnixFileMode(home.Folder, HomeFolder.PassableMode);
        var again = await home.StartAsync();
        Assert.Equal("42", await TestHome.QueryAsync(again.ConnectionString, "SELECT value FROM kept"));
    }

    [Fact]
    public async Task A_home_that_was_closed_after_its_first_start_is_refused_and_not_begun_anew()
    {
        await using var home = new TestHome();
        await using (await home.StartAsync())
        {
        }

        File.SetUnixFileMode(home.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (Environment.IsPrivilegedProcess)
            Assert.Contains("cannot enter", await home.RefusedAsync());
        else
            await home.StartAsync();
        Assert.False(Directory.Exists(home.Options.ClosedHomesFolder));
    }

    [Fact]
    public async Task A_home_that_is_a_file_is_refused()
    {
        await using var home = new TestHome();
        await File.WriteAllTextAsync(home.Folder, "");

        Assert.Contains($"{home.Folder} is a file", await home.RefusedAsync());
    }
}
