using System.Runtime.InteropServices;

namespace Lips.Host.Tests.Processes;

/// <summary>Signals by their numbers, which Linux and macOS share for these.</summary>
internal static class Signals
{
    public const int Hangup = 1;
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>These two have other numbers on macOS.</summary>
    public static readonly int Stop = OperatingSystem.IsMacOS() ? 17 : 19;

    public static readonly int Continue = OperatingSystem.IsMacOS() ? 19 : 18;

    public static void Send(int pid, int signal)
    {
        if (SendSignal(pid, signal) != 0)
            throw new InvalidOperationException(
                $"Signal {signal} could not be sent to process {pid}: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    public static bool Exists(int pid) => SendSignal(pid, 0) == 0;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int pid, int signal);
}
