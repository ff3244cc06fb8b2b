using System.Collections.Concurrent;
using System.Globalization;
using Lips.Counters.Cells;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Counters.Grains;

/// <summary>A hold that a writer saw under the advertiser's lock: rule `under-lock`.</summary>
/// <param name="Hold">The hold.</param>
/// <param name="Silo">Whose it is.</param>
internal readonly record struct Holder(long Hold, string Silo);

/// <summary>What a writer has to tell a holder after its commit.</summary>
/// <param name="Advertiser">Whose counters.</param>
/// <param name="Holder">Who holds them.</param>
/// <param name="Version">The version that the writer left.</param>
/// <param name="Changes">What led there from the version before; null when that is much, or nothing.</param>
internal sealed record Commit(long Advertiser, Holder Holder, long Version, CellChange[]? Changes);

/// <summary>The writers' side of holds: nothing is acknowledged before the holder knows it, or can no longer serve.</summary>
/// <param name="tables">The database.</param>
/// <param name="silo">The way to other silos.</param>
/// <param name="holds">The holds of this silo; null where there are none.</param>
/// <param name="rules">The rules that are kept: all, but in tests.</param>
internal sealed class HolderCalls(HolderTables tables, CountersSilo silo, SiloHolds? holds, LeaseRules rules)
{
    // As long as the database is waited for elsewhere.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    // How often a holder is asked that does not answer: now and then one call stays away while those beside it are answered.
    private const int Calls = 3;
    private static readonly TimeSpan Answer = TimeSpan.Parse(LeaseTimes.Answer, CultureInfo.InvariantCulture);

    // Nodes whose sessions were found stopped, and until when that counts, by Environment.TickCount64.
    private readonly ConcurrentDictionary<string, long> stopped = new(StringComparer.Ordinal);

    /// <summary>
    /// Ends when the commit may be acknowledged: at once when the hold answers, which is the usual case; else once it is revoked and its
    /// lease is over (rules `very-holder`, `signal`, `wait-signal`).
    /// </summary>
    /// <param name="commit">The commit.</param>
    /// <param name="quiet">Ends when silos have seen that the server is another one, and have given back what they held.</param>
    /// <exception cref="NpgsqlException">The database did not answer: it stays unknown to the client whether the change was
    /// made.</exception>
    public async Task TellAsync(Commit commit, Task? quiet = null)
    {
        if (await AnswerOfAsync(commit) is { } wait)
        {
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait);
            return;
        }

        if (await HasLeftAsync())
            return;
        if (quiet is { IsCompleted: false })
        {
            await quiet;
            if (await HasLeftAsync())
                return;
        }

        LipsMeter.HolderDidNotAnswer();
        await RevokeAsync(commit.Advertiser, commit.Holder);

        Task<bool> HasLeftAsync() => UntilItAnswersAsync(() => tables.HasLeftAsync(commit.Holder.Hold));
    }

    /// <summary>The rules that are kept.</summary>
    public LeaseRules Rules => rules;

    /// <summary>
    /// A node does nothing: for a lease from now on its silo is not asked, which would take long, but its holds are revoked at once.
    /// </summary>
    /// <param name="node">As <see cref="LipsDatabase.NodeOf"/> gives it.</param>
    public void Stopped(string node) => stopped[node] = Environment.TickCount64 + (long)LeaseTimes.Lease.TotalMilliseconds;

    /// <summary>Takes a hold away whose cells are not to be trusted; ends when its lease is over.</summary>
    public async Task RevokeAsync(long advertiser, Holder holder)
    {
        if (rules.Signal)
            await UntilItAnswersAsync(() => tables.RevokeAsync(holder.Hold, holder.Silo));
        if (rules.WaitSignal)
            await Task.Delay(LeaseTimes.Over);
        await UntilItAnswersAsync(() => tables.RemoveAsync(advertiser, holder.Hold));
    }

    /// <summary>
    /// Takes all holds of silos that are dead away at once, so that not each of their advertisers' writers has to.
    /// </summary>
    /// <exception cref="NpgsqlException">The database did not answer: some rows may stay.</exception>
    public async Task RevokeAsync(string[] ofSilos, CancellationToken cancellation)
    {
        var ended = await tables.RevokeAsync(ofSilos);
        if (ended.Length == 0)
            return;
        await Task.Delay(LeaseTimes.Over, cancellation);
        await tables.RemoveAsync(ofSilos, ended);
    }

    /// <summary>How long to wait, as the very hold says; null when it does not answer.</summary>
    private async ValueTask<TimeSpan?> AnswerOfAsync(Commit commit)
    {
        // The nearest: no message is needed.
        if (holds?.Find(commit.Advertiser) is { } here && here.Id == commit.Holder.Hold)
            return await here.ChangedAsync(commit.Version, commit.Changes);
        if (silo.Grains is not { } grains || commit.Holder.Silo == tables.Silo || IsStopped(commit.Holder.Silo))
            return null;
        var grain = grains.GetGrain<IAdvertiserCountersGrain>(commit.Advertiser);
        for (var call = 0; call < Calls; call++)
        {
            try
            {
                // Orleans itself looks once a second which calls have taken too long.
                return await grain.Changed(commit.Holder.Hold, commit.Version, commit.Changes).AsTask().WaitAsync(Answer);
            }
            catch (Exception)
            {
                // Dead, cut off, or too slow: all the same to the writer.
            }
        }

        return null;
    }

    private bool IsStopped(string ofSilo) =>
        LipsDatabase.NodeOf(ofSilo) is { } node && stopped.GetValueOrDefault(node) > Environment.TickCount64;

    private static async Task<T> UntilItAnswersAsync<T>(Func<Task<T>> askAsync)
    {
        var since = Environment.TickCount64;
        while (true)
        {
            try
            {
                return await askAsync();
            }
            catch (NpgsqlException) when (Environment.TickCount64 - since < Patience.TotalMilliseconds)
            {
                await Task.Delay(BetweenTries);
            }
        }
    }
}
