using Npgsql;

namespace Lips.Postgres;

/// <summary>A server's socket, and how to connect to it.</summary>
internal sealed record Endpoint(string SocketFolder, int Port)
{
    public const string Superuser = "lips";

    /// <summary>The database that every cluster has from the start.</summary>
    public const string Maintenance = "postgres";

    public string ConnectionString(string database) => Builder(database).ConnectionString;

    public async Task<EndpointState> ProbeAsync(string database, CancellationToken ct)
    {
        if (SocketFolder.Length == 0 || Port == 0)
            return EndpointState.Silent;
        try
        {
            await using var connection = await OpenAsync(database, ct);
            return EndpointState.Ready;
        }
        catch (PostgresException answer) when (answer.SqlState is PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.InvalidCatalogName)
        {
            return EndpointState.Busy;
        }
        catch (PostgresException)
        {
            // It answers (too many connections, say): it is there.
            return EndpointState.Ready;
        }
        catch (NpgsqlException)
        {
            return EndpointState.Silent;
        }
    }

    /// <summary>Makes the database when it is missing.</summary>
    public async Task MakeDatabaseAsync(string database, CancellationToken ct)
    {
        await using var connection = await OpenAsync(Maintenance, ct);
        await using var find = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection)
        {
            Parameters = { new() { Value = database } },
        };
        if (await find.ExecuteScalarAsync(ct) is not null)
            return;
        var name = database.Replace("\"", "\"\"", StringComparison.Ordinal);
        await using var make = new NpgsqlCommand($"CREATE DATABASE \"{name}\"", connection) { CommandTimeout = 0 };
        await make.ExecuteNonQueryAsync(ct);
    }

    private async Task<NpgsqlConnection> OpenAsync(string database, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ConnectionString(database)) { Pooling = false, Timeout = 5 }.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    // Nothing to encrypt on a local socket: without these two every connection asks first.
    private NpgsqlConnectionStringBuilder Builder(string database) => new()
    {
        Host = SocketFolder,
        Port = Port,
        Username = Superuser,
        Database = database,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    };
}

internal enum EndpointState
{
    /// <summary>It takes connections.</summary>
    Ready,

    /// <summary>It answers that it is starting, recovering or stopping, or has not made the database yet.</summary>
    Busy,

    /// <summary>Nothing answers.</summary>
    Silent,
}
