using System.Data;
using Npgsql;

namespace Lips.Kernel.Database;

/// <summary>
/// A connection of the pool, for work that may be cancelled. Whatever was cancelled on it, the next one who gets it finds it whole: Npgsql
/// takes a statement that is cancelled while the server plans it, at the moment when it becomes a prepared one, for prepared and described,
/// and fails when that is asked again (build/decisions/0016-cancelled-statements.md).
/// </summary>
public readonly struct LentConnection : IAsyncDisposable
{
    private readonly CancellationToken cancellation;

    internal LentConnection(NpgsqlConnection connection, CancellationToken cancellation) =>
        (Connection, this.cancellation) = (connection, cancellation);

    /// <summary>The connection, open. Not to be disposed of.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Does a piece of work on it. What the server cancels by itself (a person, a time-out) is made good too.</summary>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work)
    {
        try
        {
            return await work(Connection);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            await ForgetStatementsAsync();
            throw;
        }
    }

    /// <summary>Gives it back. A transaction that is open on it is rolled back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (cancellation.IsCancellationRequested && Connection.State == ConnectionState.Open)
            await ForgetStatementsAsync();
        await Connection.DisposeAsync();
    }

    private async Task ForgetStatementsAsync()
    {
        try
        {
            try
            {
                await Task.Run(Connection.UnprepareAll, CancellationToken.None);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InFailedSqlTransaction)
            {
                await using var rollback = new NpgsqlCommand("ROLLBACK", Connection);
                await rollback.ExecuteNonQueryAsync(CancellationToken.None);
                await Task.Run(Connection.UnprepareAll, CancellationToken.None);
            }
        }
        catch (NpgsqlException)
        {
            // Lost, so that nobody gets it again.
        }
    }
}

/// <summary>Lends connections.</summary>
public static class LendingDataSource
{
    /// <summary>
    /// Takes a connection out of the pool, for work that the token cancels. What is cancelled otherwise is made good only in
    /// <see cref="LentConnection.RunAsync"/>.
    /// </summary>
    /// <param name="database">The pool.</param>
    /// <param name="cancellation">Cancels the waiting for it, and then the work.</param>
    /// <exception cref="NpgsqlException">The database did not answer, or all connections were in use for too long.</exception>
    public static async ValueTask<LentConnection> LendAsync(this NpgsqlDataSource database, CancellationToken cancellation) =>
        new(await database.OpenConnectionAsync(cancellation), cancellation);
}
