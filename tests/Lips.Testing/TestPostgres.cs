using Lips.Host;
using Lips.Kernel.Database;
using Lips.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Lips.Testing;

/// <summary>
/// One private PostgreSQL for the whole test process, without fsync, and in it a migrated database of which each test class gets a copy.
/// A machine without PostgreSQL fails here, with what to install.
/// </summary>
public static class TestPostgres
{
    private const string Template = "lips_template";
    private const string HomePrefix = "lips-tests-";

    private static readonly SemaphoreSlim Copying = new(1, 1);
    private static readonly Lazy<Task<PrivatePostgres>> Server = new(StartAsync);
    private static int databases;

    /// <summary>Makes a migrated, empty database of one's own.</summary>
    /// <returns>Its connection string.</returns>
    public static async Task<string> NewDatabaseAsync()
    {
        var server = await Server.Value;
        var name = $"lips_{Interlocked.Increment(ref databases)}";
        // A template can be copied by one at a time.
        await Copying.WaitAsync();
        try
        {
            await ExecuteAsync(server.ConnectionString, $"CREATE DATABASE {name} TEMPLATE {Template}");
        }
        finally
        {
            Copying.Release();
        }

        return ConnectionTo(server, name);
    }

    /// <summary>Makes a database that nothing was migrated in.</summary>
    /// <returns>Its connection string.</returns>
    public static async Task<string> NewEmptyDatabaseAsync()
    {
        var server = await Server.Value;
        var name = $"lips_empty_{Interlocked.Increment(ref databases)}";
        await ExecuteAsync(server.ConnectionString, $"CREATE DATABASE {name}");
        return ConnectionTo(server, name);
    }

    /// <summary>The same database, as the role that nodes have.</summary>
    public static string AsApplication(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Username = "lips_app" }.ConnectionString;

    /// <summary>Runs a statement.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the rows of a query.</summary>
    public static async Task<List<T>> ColumnAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<T>();
        while (await reader.ReadAsync())
            values.Add(await reader.GetFieldValueAsync<T>(0));
        return values;
    }

    /// <summary>The first column of the first row of a query.</summary>
    public static async Task<T> ScalarAsync<T>(string connectionString, string sql) => (await ColumnAsync<T>(connectionString, sql))[0];

    private static async Task<PrivatePostgres> StartAsync()
    {
        RemoveLeftovers();
        var home = Path.Combine(
            Path.GetTempPath(), HomePrefix + Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var server = await PrivatePostgres.StartAsync(
            new PrivatePostgresOptions
            {
                Home = home,
                Settings = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["fsync"] = "off",
                    ["full_page_writes"] = "off",
                    ["max_connections"] = "400",
                },
            },
            NullLogger.Instance,
            CancellationToken.None);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            NpgsqlConnection.ClearAllPools();
            server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        };
        await ExecuteAsync(server.ConnectionString, $"CREATE DATABASE {Template}");
        await using (var app = LipsApplication.Build(
            LipsApplication.CreateBuilder([]), AsApplication(ConnectionTo(server, Template)), ConnectionTo(server, Template)))
            await app.Services.GetRequiredService<Migrator>().MigrateAsync(CancellationToken.None);
        return server;
    }

    // The test runner gives a process that ends just time to stop its server, so a run's folder is removed by the next run.
    private static void RemoveLeftovers()
    {
        foreach (var folder in Directory.GetDirectories(Path.GetTempPath(), HomePrefix + "*"))
        {
            if (int.TryParse(Path.GetFileName(folder)[HomePrefix.Length..], System.Globalization.CultureInfo.InvariantCulture, out var pid)
                && !IsRunning(pid))
                Remove(folder);
        }
    }

    private static bool IsRunning(int pid)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Another test process removes it at this moment.
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's run.
        }
    }

    private static string ConnectionTo(PrivatePostgres server, string database) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = database, MaxPoolSize = 30 }.ConnectionString;
}
