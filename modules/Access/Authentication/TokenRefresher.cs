using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lips.Access.Authentication;

/// <summary>Reads the cached tokens again and again, and notes which were used: what requests need not do then.</summary>
internal sealed partial class TokenRefresher(TokenCache tokens, TimeProvider clock, ILogger<TokenRefresher> log) : BackgroundService
{
    // A revocation through another node is known here after one such pause at most, or two when a query fails.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(250);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // The last uses; without a database they are lost, and nothing needs to be said about it any more.
        await TryAsync(() => tokens.NoteUsesAsync(cancellationToken), isAway: true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var isAway = false; ;)
            {
                await Task.Delay(isAway ? PauseAfterFailure : Pause, clock, stoppingToken);
                isAway = !await TryAsync(() => RefreshAsync(stoppingToken), isAway);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops. Thrown on, a start that fails would be logged with this, and its stack, beside the reason.
        }
    }

    private async Task RefreshAsync(CancellationToken cancellation)
    {
        await tokens.RefreshAsync(cancellation);
        await tokens.NoteUsesAsync(cancellation);
    }

    private async Task<bool> TryAsync(Func<Task> work, bool isAway)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception e)
        {
            // Said once; requests that need the database say for themselves that it is away.
            if (!isAway && e is not OperationCanceledException)
                Away(e.Message);
            return false;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "The tokens in use cannot be read again ({Reason}); they are refused from a few seconds on.")]
    private partial void Away(string reason);
}
