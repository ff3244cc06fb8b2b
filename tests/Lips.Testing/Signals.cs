using System.Runtime.InteropServices;

namespace Lips.Testing;

/// <summary>Signals by their numbers, which Linux and macOS share for these.</summary>
public static class Signals
{
    /// <summary>SIGHUP.</summary>
    public const int Hangup = 1;
    /// <summary>SIGINT.</summary>
    public const int Interrupt = 2;
    /// <summary>SIGQUIT.</summary>
    public const int Quit = 3;
    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;
    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>SIGSTOP. This and the next have other numbers on macOS.</summary>
    public static readonly int Stop = OperatingSystem.IsMacOS() ? 17 : 19;

    /// <summary>SIGCONT.</summary>
    public static readonly int Continue = OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>Sends a signal.</summary>
    /// <exception cref="InvalidOperationException">There is no such process, or it is another user's.</exception>
    public static void Send(int pid, int signal)
    {
        if (SendSignal(pid, signal) != 0)
            throw new InvalidOperationException(
                $"Signal {signal} could not be sent to process {pid}: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    /// <summary>Whether there is a process of this number.</summary>
    public static bool Exists(int pid) => SendSignal(pid, 0) == 0;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int pid, int signal);
}
