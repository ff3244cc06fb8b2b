using Lips.Host.Telemetry;
using Lips.Kernel;

namespace Lips.Host.Http;

/// <summary>Answers of 503, counted by their reason, and said in the log: once, and how often more.</summary>
/// <param name="bursts">What was said already.</param>
/// <param name="log">The log.</param>
internal sealed partial class Refusals(Bursts bursts, ILogger<Refusals> log)
{
    private static readonly string Busy = new BusyException().Message;

    /// <summary>Of a route whose line is full: before anything else is done for the request.</summary>
    /// <param name="app">The application.</param>
    public static void UseFullLines(WebApplication app)
    {
        var refusals = app.Services.GetRequiredService<Refusals>();
        // Who has an answer already is told that it still holds, for which nothing is asked of the database.
        app.Use((http, next) => http.GetEndpoint()?.Metadata.GetMetadata<WaitsInLine>() is { } line
            && http.Request.Headers.IfNoneMatch.Count == 0 && line.Of(app.Services).IsFull ? refusals.AnswerBusyAsync(http) : next(http));
    }

    /// <summary>Answers that the node has as much to do as it may let wait.</summary>
    public Task AnswerBusyAsync(HttpContext http)
    {
        Count(http, "busy", Busy);
        return http.Unavailable(Busy);
    }

    /// <summary>Counts one that is answered by the caller.</summary>
    /// <param name="http">The request.</param>
    /// <param name="reason">As the metric names it.</param>
    /// <param name="words">For the log.</param>
    public void Count(HttpContext http, string reason, string words)
    {
        LipsMeter.Refused(reason);
        if (bursts.Begins(words, count => More(count, Bursts.Span.TotalSeconds, words)))
            First(http.Request.Method, RouteOf(http), words);
    }

    /// <summary>The route and not the address: that has ids and phone numbers in it.</summary>
    public static string RouteOf(HttpContext http) => (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Route} was answered with 503: {Reason}")]
    private partial void First(string method, string route, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} more were answered with 503 within {Seconds} s: {Reason}")]
    private partial void More(int count, double seconds, string reason);
}
