using System.Diagnostics;
using Lips.Postgres;
using Lips.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Lips.Counters.Tests.Restores;

/// <summary>A database of which a backup is taken, and put back later beneath the nodes that go on serving it.</summary>
internal abstract class Backup : IAsyncDisposable
{
    public abstract string ConnectionString { get; }

    public static async Task<Backup> NewAsync(string way) => way switch
    {
        "the data folder" => await FolderBackup.NewAsync(),
        "pg_dump" => new DumpBackup(await TestPostgres.NewDatabaseAsync(), isOfTables: false),
        "pg_dump of the tables" => new DumpBackup(await TestPostgres.NewDatabaseAsync(), isOfTables: true),
        _ => new RenamedBackup(await TestPostgres.NewDatabaseAsync()),
    };

    public abstract Task TakeAsync();

    public abstract Task PutBackAsync();

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The tests' own connections that the server has ended; those of the nodes are the nodes' business.</summary>
    private static void ForgetConnections() => NpgsqlConnection.ClearAllPools();

    protected static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {said}");
    }

    /// <summary>
    /// The folder of a stopped server, copied and put back: the same system identifier, timeline and object ids as before.
    /// </summary>
    private sealed class FolderBackup(PrivatePostgresOptions options, PrivatePostgres first) : Backup
    {
        private PrivatePostgres server = first;

        public override string ConnectionString { get; } = first.ConnectionString;

        public static async Task<Backup> NewAsync()
        {
            var options = new PrivatePostgresOptions
            {
                Home = Path.Combine(Path.GetTempPath(), "lips-restore-" + Guid.NewGuid().ToString("N")[..12]),
                Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["fsync"] = "off" },
            };
            return new FolderBackup(options, await StartAsync(options));
        }

        public override async Task TakeAsync()
        {
            await server.DisposeAsync();
            await RunAsync("cp", "-a", server.DataFolder, server.DataFolder + ".backup");
            server = await StartAsync(options);
            ForgetConnections();
        }

        public override async Task PutBackAsync()
        {
            await server.DisposeAsync();
            Directory.Delete(server.DataFolder, recursive: true);
            await RunAsync("cp", "-a", server.DataFolder + ".backup", server.DataFolder);
            server = await StartAsync(options);
            ForgetConnections();
        }

        public override async ValueTask DisposeAsync()
        {
            await server.DisposeAsync();
            Directory.Delete(options.Home, recursive: true);
        }

        private static Task<PrivatePostgres> StartAsync(PrivatePostgresOptions options) =>
            PrivatePostgres.StartAsync(options, NullLogger.Instance, CancellationToken.None);
    }

    /// <summary>A dump, restored into a new database of the same name, or over the tables: the same server, without a restart.</summary>
    private sealed class DumpBackup(string connectionString, bool isOfTables) : Backup
    {
        private readonly string file = Path.GetTempFileName();
        private readonly NpgsqlConnectionStringBuilder settings = new(connectionString);

        public override string ConnectionString { get; } = connectionString;

        public override Task TakeAsync() => ToolAsync("pg_dump", "--format=custom", "--file=" + file, settings.Database!);

        public override async Task PutBackAsync()
        {
            if (isOfTables)
            {
                await ToolAsync("pg_restore", "--clean", "--single-transaction", "--dbname=" + settings.Database, file);
                return;
            }

            await MaintainAsync($"DROP DATABASE {settings.Database} WITH (FORCE)");
            await MaintainAsync($"CREATE DATABASE {settings.Database}");
            ForgetConnections();
            await ToolAsync("pg_restore", "--dbname=" + settings.Database, file);
        }

        public override ValueTask DisposeAsync()
        {
            File.Delete(file);
            return ValueTask.CompletedTask;
        }

        private async Task ToolAsync(string tool, params string[] arguments)
        {
            var folder = await TestPostgres.ScalarAsync<string>(ConnectionString, "SELECT setting FROM pg_config WHERE name = 'BINDIR'");
            await RunAsync(
                Path.Combine(folder, tool),
                [$"--host={settings.Host}", $"--port={settings.Port}", $"--username={settings.Username}", .. arguments]);
        }

        private Task MaintainAsync(string sql) =>
            TestPostgres.ExecuteAsync(new NpgsqlConnectionStringBuilder(ConnectionString) { Database = "postgres" }.ConnectionString, sql);
    }

    /// <summary>A copy made by the server and renamed: the same object ids, and no restart either.</summary>
    private sealed class RenamedBackup(string connectionString) : Backup
    {
        private readonly string name = new NpgsqlConnectionStringBuilder(connectionString).Database!;

        public override string ConnectionString { get; } = connectionString;

        public override Task TakeAsync() => AloneAsync($"CREATE DATABASE {name}_backup TEMPLATE {name}");

        public override Task PutBackAsync() =>
            AloneAsync(
                $"ALTER DATABASE {name} RENAME TO {name}_lost",
                $"ALTER DATABASE {name}_lost ALLOW_CONNECTIONS true",
                $"ALTER DATABASE {name}_backup RENAME TO {name}");

        // Nobody may be connected; the nodes try again and again.
        private async Task AloneAsync(params string[] statements)
        {
            var maintenance = new NpgsqlConnectionStringBuilder(ConnectionString) { Database = "postgres" }.ConnectionString;
            await TestPostgres.ExecuteAsync(maintenance, $"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
            await TestPostgres.ExecuteAsync(
                maintenance, $"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'");
            foreach (var statement in statements)
                await TestPostgres.ExecuteAsync(maintenance, statement);
            await TestPostgres.ExecuteAsync(maintenance, $"ALTER DATABASE {name} ALLOW_CONNECTIONS true");
            ForgetConnections();
        }
    }
}
