using Orleans.Configuration;

namespace Lips.Host.Cluster;

/// <summary>
/// How long the silos wait for each other, and the end of one that cannot go on: the others have declared it dead because it was frozen or
/// cut off, or a restored backup does not know it. Orleans would abort the process; here the application drains and stops.
/// </summary>
/// <param name="application">What stops.</param>
internal sealed class Membership(IHostApplicationLifetime application) : IFatalErrorHandler, IHostLifetime
{
    private volatile string? failure;

    /// <summary>Why the silo cannot go on, as one line; null while it can.</summary>
    public string? Failure => failure;

    /// <summary>
    /// Two probes, a second each: a killed silo costs its grains a second, and a pause of the garbage collector is no death. A silo whose
    /// row is older than two times five seconds holds up nobody who joins.
    /// </summary>
    public static void Configure(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = TimeSpan.FromSeconds(1);
        options.NumMissedProbesLimit = 2;
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        options.NumMissedTableIAmAliveLimit = 2;
        options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
    }

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        failure ??= exception is null
            ? "The other nodes have declared this one dead, because it did not answer or because a backup was restored. Start it again."
            : $"The silo cannot go on: {exception.Message} Start it again.";
        application.StopApplication();
    }

    Task IHostLifetime.WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostLifetime.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
