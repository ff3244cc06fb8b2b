using Lips.Counters;
using Npgsql;

namespace Lips.Host.Cluster;

/// <summary>
/// Ends what dead silos held, as soon as the cluster has declared them dead: else the first change of each of their advertisers would have
/// to, and wait for their lease. Every node does so, because any of them may be the next to die.
/// </summary>
internal sealed class DeadSilos : IAsyncDisposable
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource end = new();
    private readonly Task following;

    /// <summary>Follows the members of the cluster, those that died before too, until it is disposed of.</summary>
    /// <param name="cluster">The members.</param>
    /// <param name="application">The application's services.</param>
    public DeadSilos(IClusterMembershipService cluster, IServiceProvider application) => following = FollowAsync(cluster, application);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        end.Dispose();
    }

    private async Task FollowAsync(IClusterMembershipService cluster, IServiceProvider application)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var members in cluster.MembershipUpdates.WithCancellation(end.Token))
        {
            string[] dead = [.. members.Members.Values.Where(m => m.Status == SiloStatus.Dead).Select(m => m.Name).Where(done.Add)];
            if (dead.Length > 0)
                await EndHoldsAsync(application, dead);
        }
    }

    private async Task EndHoldsAsync(IServiceProvider application, string[] silos)
    {
        while (true)
        {
            try
            {
                await CountersModule.EndHoldsAsync(application, silos, end.Token);
                return;
            }
            catch (NpgsqlException)
            {
                // The database is away, which the counters say.
                await Task.Delay(BetweenTries, end.Token);
            }
        }
    }
}
