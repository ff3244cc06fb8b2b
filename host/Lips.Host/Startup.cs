using Lips.Access;
using Lips.Audit.Contracts;
using Lips.Host.Cluster;
using Lips.Kernel.Database;

namespace Lips.Host;

/// <summary>
/// What is done before the node listens: migrate (or wait until that is done), see that there is an admin token, and join the
/// other nodes.
/// </summary>
public sealed partial class Startup(
    Migrator migrator, AdminToken adminToken, ClientAddresses addresses, NodeSilo silo, ILogger<Startup> log)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Prepares the database, waiting for it as long as it is away: a node may be started before its database.</summary>
    /// <param name="home">The home folder, for the admin token.</param>
    /// <param name="print">Prints a line for the person who started the program.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task PrepareAsync(string home, Action<string> print, CancellationToken cancellation)
    {
        for (var pause = TimeSpan.FromMilliseconds(250); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await migrator.MigrateAsync(cancellation);
                addresses.Prepare(await adminToken.EnsureAsync(home, print, cancellation));
                await silo.JoinAsync(cancellation);
                return;
            }
            catch (Exception e) when (LipsDatabase.IsAway(e))
            {
                Waiting(e.Message, pause.TotalSeconds);
                await Task.Delay(pause, cancellation);
            }
            catch (NotMigratedException e)
            {
                // Whoever may migrate may be about to.
                NotMigrated(e.Message, pause.TotalSeconds);
                await Task.Delay(pause, cancellation);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Reason} Looking again in {Seconds} s.")]
    private partial void NotMigrated(string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is away ({Reason}); trying again in {Seconds} s.")]
    private partial void Waiting(string reason, double seconds);
}
