using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Lips.Host.Tests.Fuzz;

/// <summary>Keeps the log lines that must not be: failures, and what clients wrote into them.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    /// <summary>The first of them.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        // An exception's own text has lines; it comes with a failure, which is a fault in any case.
        if ((logLevel >= LogLevel.Error || line.Any(char.IsControl) || line.Contains(Hostile.Mark, StringComparison.Ordinal)
            || exception?.ToString().Contains(Hostile.Mark, StringComparison.Ordinal) is true) && Faults.Count < 20)
            Faults.Enqueue($"{logLevel}: {line} {exception}");
    }

    public void Dispose()
    {
    }
}
