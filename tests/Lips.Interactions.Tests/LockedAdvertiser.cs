using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests;

/// <summary>
/// Holds an advertiser's lock, as another writer would, for a minute at most: in a statement, because a session that does nothing in its
/// transaction is ended by the writers that wait for it.
/// </summary>
internal sealed class LockedAdvertiser(string connectionString, long advertiser) : IAsyncDisposable
{
    private readonly NpgsqlConnection connection = new(connectionString + ";Pooling=false");
    private readonly CancellationTokenSource release = new();
    private Task holding = Task.CompletedTask;

    public async Task TakeAsync()
    {
        await connection.OpenAsync();
        await using (var take = new NpgsqlCommand(
            $"BEGIN; SELECT FROM counters.advertisers WHERE advertiser = {advertiser} FOR NO KEY UPDATE", connection))
            await take.ExecuteNonQueryAsync();
        holding = HoldAsync();
    }

    public async Task ReleaseAsync()
    {
        await EndAsync();
        Assert.True(holding.IsCanceled, "It was not held until now.");
        await using var undo = new NpgsqlCommand("ROLLBACK", connection);
        await undo.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await connection.DisposeAsync();
        release.Dispose();
    }

    private async Task HoldAsync()
    {
        await using var sleep = new NpgsqlCommand("SELECT pg_sleep(60)", connection);
        sleep.CommandTimeout = 0;
        await sleep.ExecuteNonQueryAsync(release.Token);
    }

    // A connection that is closed amid a statement waits for its end.
    private async Task EndAsync()
    {
        await release.CancelAsync();
        await holding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
