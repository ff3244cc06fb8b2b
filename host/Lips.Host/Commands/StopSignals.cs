using System.Runtime.InteropServices;

namespace Lips.Host.Commands;

/// <summary>
/// Cancels when the process is asked to end (SIGTERM, Ctrl-C, a closed terminal), at any time: also before the web host
/// listens for that, and in commands that have none. Unhandled, the process would end at once and leave its PostgreSQL running.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly CancellationTokenSource hurry = new();
    private readonly List<PosixSignalRegistration> registrations = [];

    public StopSignals()
    {
        PosixSignal[] signals = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP];
        foreach (var signal in signals)
        {
            registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                if (source.IsCancellationRequested)
                    hurry.Cancel();
                source.Cancel();
            }));
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Cancelled by the second one.</summary>
    public CancellationToken Hurry => hurry.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        // The sources are left to the collector: a signal may be arriving in this moment.
    }
}
