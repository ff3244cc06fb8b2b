using System.Diagnostics;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Host.Http;

/// <summary>Whatever goes wrong behind it leaves as JSON of contract section 3: failures, and statuses that came without a body.</summary>
internal sealed partial class ErrorMiddleware(
    RequestDelegate next, Readiness readiness, Refusals refusals, ILogger<ErrorMiddleware> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        SecurityHeaders.Apply(http.Response);
        if (readiness.IsLeaving)
            http.Response.OnStarting(CloseAsync, http);
        try
        {
            if (RequestLimits.Exceeded(http) is { } status)
            {
                await http.Status(status);
                return;
            }

            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
                await AnswerBareAsync(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered; what the request was doing has been cancelled with it.
        }
        catch (Exception e)
        {
            if (http.Response.HasStarted)
            {
                Broken(http.Request.Method, Refusals.RouteOf(http), e);
                http.Abort();
                return;
            }

            await AnswerAsync(http, e);
        }
    }

    /// <summary>
    /// Gives words to a status of the framework's: the router's 404 and 405, the 400 of AllowedHosts, the 503 of a request that took too
    /// long.
    /// </summary>
    private static Task AnswerBareAsync(HttpContext http)
    {
        SecurityHeaders.Apply(http.Response);
        return http.Response.StatusCode switch
        {
            StatusCodes.Status400BadRequest => http.BadRequest("The Host of the request is none that is served here."),
            StatusCodes.Status503ServiceUnavailable => http.TookTooLong(),
            var status => http.Status(status),
        };
    }

    private async Task AnswerAsync(HttpContext http, Exception failure)
    {
        http.Response.Clear();
        SecurityHeaders.Apply(http.Response);
        if (failure is BadHttpRequestException bad)
        {
            await http.Status(bad.StatusCode);
        }
        else if (failure is IOException { InnerException: OverflowException })
        {
            // What Kestrel makes of a chunk whose length no number can hold; of any other wrong length it makes a BadHttpRequestException.
            await http.Status(StatusCodes.Status400BadRequest);
        }
        else if (failure is BusyException)
        {
            await refusals.AnswerBusyAsync(http);
        }
        else if (LipsDatabase.IsAway(failure))
        {
            refusals.Count(http, "database", failure.Message);
            await http.Unavailable();
        }
        else if (failure is PostgresException { SqlState: var state } && IsOfTheSchema(state) && await WhyTooOldAsync(http) is { } reason)
        {
            refusals.Count(http, "database", reason);
            await http.Unavailable(reason);
        }
        else
        {
            var trace = TraceOf(http);
            Failed(http.Request.Method, Refusals.RouteOf(http), trace, failure);
            await http.Status(StatusCodes.Status500InternalServerError, traceId: trace);
        }
    }

    private static bool IsOfTheSchema(string state) => state is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn
        or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.NotNullViolation
        or PostgresErrorCodes.InsufficientPrivilege;

    private async Task<string?> WhyTooOldAsync(HttpContext http)
    {
        try
        {
            return await readiness.WhyTooOldAsync(http.RequestAborted);
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    private static Task CloseAsync(object http)
    {
        ((HttpContext)http).Response.Headers.Connection = "close";
        return Task.CompletedTask;
    }

    /// <summary>The trace of the request, which the caller may have begun; of one that is in none, a name for the log.</summary>
    private static string TraceOf(HttpContext http) =>
        (Activity.Current?.Context ?? (ActivityContext.TryParse(http.Request.Headers.TraceParent, null, out var callers) ? callers : null))
            ?.TraceId.ToString() ?? ActivityTraceId.CreateRandom().ToString();

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} failed, trace {Trace}.")]
    private partial void Failed(string method, string route, string trace, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} failed amid its answer.")]
    private partial void Broken(string method, string route, Exception failure);
}
