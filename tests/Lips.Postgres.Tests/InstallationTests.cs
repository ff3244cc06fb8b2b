namespace Lips.Postgres.Tests;

public sealed class InstallationTests
{
    [Fact]
    public void What_is_found_is_14_or_newer_and_whole()
    {
        var found = PostgresInstallations.Find(null);

        Assert.NotEmpty(found);
        Assert.All(found, installation =>
        {
            Assert.True(installation.Major >= 14);
            Assert.StartsWith(
                installation.Major.ToString(System.Globalization.CultureInfo.InvariantCulture),
                installation.Version,
                StringComparison.Ordinal);
            Assert.All(["postgres", "initdb", "pg_ctl"], name => Assert.True(File.Exists(installation.Binary(name))));
        });
        Assert.Distinct(found);
    }

    [Fact]
    public async Task The_setting_is_used_alone()
    {
        await using var home = new TestHome();
        var folder = home.FakeBinaries(("postgres", "echo 'postgres (PostgreSQL) 17beta2'"));

        Assert.Equal([new PostgresInstallation(folder, 17, "17beta2")], PostgresInstallations.Find(folder));
    }

    [Fact]
    public async Task A_folder_without_binaries_is_refused()
    {
        await using var home = new TestHome();
        var refusal = await home.RefusedAsync(home.Options with { BinFolder = home.Root });

        Assert.Contains("Lips:PostgresBin", refusal);
        Assert.Contains(home.Root, refusal);
        Assert.Contains("initdb", refusal);
    }

    [Fact]
    public async Task A_server_that_is_too_old_is_refused()
    {
        await using var home = new TestHome();
        var folder = home.FakeBinaries(("postgres", "echo 'postgres (PostgreSQL) 9.6.24'"));

        Assert.Contains("PostgreSQL 9.6.24: 14 or newer is needed", await home.RefusedAsync(home.Options with { BinFolder = folder }));
    }

    [Fact]
    public async Task A_server_that_does_not_run_is_refused()
    {
        await using var home = new TestHome();
        var folder = home.FakeBinaries(("postgres", "exit 127"));

        Assert.Contains("does not tell its version", await home.RefusedAsync(home.Options with { BinFolder = folder }));
    }

    [Theory]
    [InlineData("13")]
    [InlineData("99")]
    public async Task Data_of_another_major_version_is_left_alone(string major)
    {
        await using var home = new TestHome();
        Directory.CreateDirectory(home.DataFolder);
        await File.WriteAllTextAsync(Path.Combine(home.DataFolder, "PG_VERSION"), major + "\n");

        var refusal = await home.RefusedAsync();

        Assert.Contains($"made by PostgreSQL {major}", refusal);
        Assert.Contains($"only PostgreSQL {PostgresInstallations.Find(null)[0].Version}", refusal);
        Assert.Contains("pg_upgrade", refusal);
        Assert.Equal([Path.Combine(home.DataFolder, "PG_VERSION")], Directory.GetFileSystemEntries(home.DataFolder));
        Assert.Equal(major + "\n", await File.ReadAllTextAsync(Path.Combine(home.DataFolder, "PG_VERSION")));
    }

    [Fact]
    public void No_installation_at_all_says_what_to_install()
    {
        var cluster = new Cluster(new StateFolder("/nonexistent", null!), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        var refusal = Assert.Throws<PrivatePostgresException>(() => cluster.Choose([])).Message;

        Assert.Contains("apt-get install postgresql", refusal);
        Assert.Contains("dnf install postgresql-server", refusal);
        Assert.Contains("brew install postgresql", refusal);
    }

    [Fact]
    public async Task A_data_folder_with_other_files_is_left_alone()
    {
        await using var home = new TestHome();
        Directory.CreateDirectory(home.DataFolder);
        await File.WriteAllTextAsync(Path.Combine(home.DataFolder, "diary.txt"), "mine");

        Assert.Contains("no PostgreSQL cluster", await home.RefusedAsync());
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(home.DataFolder, "diary.txt")));
    }

    [Fact]
    public async Task A_start_that_fails_names_the_reason_and_the_log()
    {
        await using var home = new TestHome();
        await using (await home.StartAsync())
        {
        }

        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["shared_preload_libraries"] = "no_such_library" };
        var refusal = await home.RefusedAsync(home.Options with { Settings = settings });

        Assert.Contains("could not access file \"no_such_library\"", refusal);
        Assert.Contains(Path.Combine(home.StateFolder, "log"), refusal);
        Assert.Empty(home.ServerProcesses());
        await home.StartAsync();
    }
}
