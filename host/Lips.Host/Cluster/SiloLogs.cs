namespace Lips.Host.Cluster;

/// <summary>
/// The application's logs for a silo, which says nothing of its end: for each call that is cut off it would write a stack.
/// </summary>
/// <param name="application">The application's logs.</param>
/// <param name="ends">Whether the silo ends.</param>
internal sealed class SiloLogs(ILoggerFactory application, Func<bool> ends) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Log(application.CreateLogger(categoryName), ends);

    public void AddProvider(ILoggerProvider provider) => application.AddProvider(provider);

    /// <summary>Nothing: the application's logs go on.</summary>
    public void Dispose()
    {
    }

    private sealed class Log(ILogger log, Func<bool> ends) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => log.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel) && !ends();

        void ILogger.Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!ends())
                log.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
