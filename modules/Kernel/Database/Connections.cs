using System.Diagnostics;
using Npgsql;

namespace Lips.Kernel.Database;

/// <summary>
/// Lends the node's connections. As many may be lent at once as is the node's share of what the server has; who finds none free waits in
/// line, and when the line is full is refused at once. When one breaks, all of them mostly have, and the node begins again with few: each
/// new one is a process of the server that plans all statements anew, for some 40 ms, and those of all nodes at once would keep the server
/// from its work for seconds.
/// </summary>
public sealed class Connections : IDisposable
{
    // What does not come through here finds one, too: tokens, the audit list.
    private const int NotLent = 2;

    // Each question costs a server that has no more a process.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // After one broke: this many. One more every so often, then and where the server had no more.
    private const int Few = 3;
    private static readonly TimeSpan UntilMore = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource pool;
    private readonly int most;
    private readonly SemaphoreSlim free;
    private readonly Lock guard = new();
    private int share;
    private int places;
    private bool isGrowing;
    private bool isDisposed;
    private int surplus;
    private int waiting;

    /// <summary>Lends those of a pool.</summary>
    /// <param name="pool">The pool. It is not disposed of.</param>
    /// <param name="mostWaiting">How many may wait for a connection at once.</param>
    public Connections(NpgsqlDataSource pool, int mostWaiting = Settings.UsualWaiting)
    {
        (this.pool, MostWaiting) = (pool, mostWaiting);
        share = places = most = Math.Max(1, new NpgsqlConnectionStringBuilder(pool.ConnectionString).MaxPoolSize - NotLent);
        free = new SemaphoreSlim(most);
    }

    /// <summary>How many may wait at once: for a connection, and for each kind of work that is done for several together.</summary>
    public int MostWaiting { get; }

    /// <summary>How many wait now.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>How many may be lent at once now.</summary>
    public int Places => Volatile.Read(ref places);

    /// <summary>Sets how many may be lent at once.</summary>
    /// <param name="count">So many connections the node may have, those that are not lent included; 1 or more.</param>
    public void Share(int count)
    {
        lock (guard)
        {
            share = Math.Clamp(count - NotLent, 1, most);
            if (!isGrowing || places > share)
                Become(share);
        }
    }

    /// <summary>
    /// Does a piece of work on one. Whatever of it is cancelled, by the token, by a person or by the server, harms nobody who gets the
    /// connection next.
    /// </summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">Cancels the waiting for a connection, and then the work.</param>
    /// <exception cref="BusyException">Too many wait already, or none was free for five seconds.</exception>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellation)
    {
        await using var lent = await LendAsync(cancellation);
        return await lent.RunAsync(work);
    }

    /// <inheritdoc cref="RunAsync{T}" />
    public Task RunAsync(Func<NpgsqlConnection, Task> work, CancellationToken cancellation) => RunAsync(Answering(work), cancellation);

    /// <summary>
    /// Does a piece of work on one of those that are kept for what must not wait in line: whether the node is ready, which tokens there
    /// are, who holds others up.
    /// </summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">Cancels the waiting for a connection, and then the work.</param>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public async Task<T> RunBesideAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellation)
    {
        await using var lent = await LendBesideAsync(cancellation);
        return await lent.RunAsync(work);
    }

    /// <inheritdoc cref="RunBesideAsync{T}" />
    public Task RunBesideAsync(Func<NpgsqlConnection, Task> work, CancellationToken cancellation) =>
        RunBesideAsync(Answering(work), cancellation);

    /// <inheritdoc />
    public void Dispose()
    {
        lock (guard)
            isDisposed = true;
        free.Dispose();
    }

    internal async ValueTask<LentConnection> LendAsync(CancellationToken cancellation)
    {
        for (var start = Stopwatch.GetTimestamp(); ;)
        {
            if (!free.Wait(0, CancellationToken.None))
                await WaitAsync(Patience - Stopwatch.GetElapsedTime(start), cancellation);
            try
            {
                return new LentConnection(this, await pool.OpenConnectionAsync(cancellation), cancellation);
            }
            catch (PostgresException e) when (
                e.SqlState == PostgresErrorCodes.TooManyConnections && Stopwatch.GetElapsedTime(start) + Pause < Patience)
            {
                // Others have the rest. What this node has goes round meanwhile.
                lock (guard)
                {
                    Become(Math.Max(1, places - 1));
                    Grow();
                }
            }
            catch (Exception e)
            {
                GiveBack(isBroken: e is NpgsqlException);
                throw;
            }

            try
            {
                await Task.Delay(Pause, cancellation);
            }
            finally
            {
                GiveBack(isBroken: false);
            }
        }
    }

    internal async ValueTask<LentConnection> LendBesideAsync(CancellationToken cancellation) =>
        new(null, await pool.OpenConnectionAsync(cancellation), cancellation);

    internal void GiveBack(bool isBroken)
    {
        lock (guard)
        {
            if (surplus > 0)
                surplus--;
            else
                free.Release();
            if (!isBroken || share <= Few)
                return;
            Become(Math.Min(places, Few));
            Grow();
        }
    }

    private static Func<NpgsqlConnection, Task<bool>> Answering(Func<NpgsqlConnection, Task> work) => async connection =>
    {
        await work(connection);
        return true;
    };

    private void Grow()
    {
        if (isGrowing)
            return;
        isGrowing = true;
        _ = GrowAsync();
    }

    private async Task GrowAsync()
    {
        while (true)
        {
            await Task.Delay(UntilMore);
            lock (guard)
            {
                if (!isDisposed)
                    Become(Math.Min(share, places + 1));
                if (isDisposed || places >= share)
                {
                    isGrowing = false;
                    return;
                }
            }
        }
    }

    private async Task WaitAsync(TimeSpan patience, CancellationToken cancellation)
    {
        try
        {
            if (Interlocked.Increment(ref waiting) > MostWaiting || patience <= TimeSpan.Zero
                || !await free.WaitAsync(patience, cancellation))
                throw new BusyException();
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    // Places that are to go and are lent go when they come back.
    private void Become(int wanted)
    {
        for (; places < wanted; places++)
        {
            if (surplus > 0)
                surplus--;
            else
                free.Release();
        }

        for (; places > wanted; places--)
        {
            if (!free.Wait(0, CancellationToken.None))
                surplus++;
        }
    }
}
