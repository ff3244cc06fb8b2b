using System.Data;
using Npgsql;

namespace Lips.Kernel.Database;

/// <summary>
/// A connection that is lent, for work that may be cancelled. Whatever was cancelled on it, the next one who gets it finds it whole: Npgsql
/// takes a statement that is cancelled while the server plans it, at the moment when it becomes a prepared one, for prepared and described,
/// and fails when that is asked again (build/decisions/0016-cancelled-statements.md).
/// </summary>
public readonly struct LentConnection : IAsyncDisposable
{
    private readonly Connections? lender;
    private readonly CancellationToken cancellation;

    internal LentConnection(Connections? lender, NpgsqlConnection connection, CancellationToken cancellation) =>
        (this.lender, Connection, this.cancellation) = (lender, connection, cancellation);

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
        var isBroken = Connection.State != ConnectionState.Open;
        try
        {
            if (cancellation.IsCancellationRequested && Connection.State == ConnectionState.Open)
                await ForgetStatementsAsync();
            await Connection.DisposeAsync();
        }
        finally
        {
            lender?.GiveBack(isBroken);
        }
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
