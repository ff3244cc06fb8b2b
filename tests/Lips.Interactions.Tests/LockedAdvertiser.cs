using Npgsql;

namespace Lips.Interactions.Tests;

/// <summary>Holds an advertiser's lock, as another writer would.</summary>
internal sealed class LockedAdvertiser(string connectionString, long advertiser) : IDisposable
{
    private readonly NpgsqlConnection connection = new(connectionString + ";Pooling=false");

    public async Task TakeAsync()
    {
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"BEGIN; SELECT FROM counters.advertisers WHERE advertiser = {advertiser} FOR NO KEY UPDATE", connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task ReleaseAsync()
    {
        await using var command = new NpgsqlCommand("ROLLBACK", connection);
        await command.ExecuteNonQueryAsync();
    }

    public void Dispose() => connection.Dispose();
}
