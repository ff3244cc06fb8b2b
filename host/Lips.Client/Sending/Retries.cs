using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Lips.Client.Sending;

/// <summary>
/// Sends a request again where that is safe: it is marked so, or it was refused before anything was done with it (429). The service says
/// when (<c>Retry-After</c>), else the pauses grow.
/// </summary>
internal static class Retries
{
    private static readonly HttpRequestOptionsKey<bool> Safe = new("Lips.Client.Safe");

    /// <summary>Marks a request as safe to be sent again, whatever became of it.</summary>
    public static HttpRequestMessage IsSafe(this HttpRequestMessage request, bool isSafe)
    {
        request.Options.Set(Safe, isSafe);
        return request;
    }

    /// <summary>The handler that does so, in front of the one that sends.</summary>
    public static HttpMessageHandler Around(HttpMessageHandler sender, LipsClientOptions options)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>();
        if (options.Retries > 0)
            pipeline.AddRetry(Strategy(options));
        return new ResilienceHandler(pipeline.AddTimeout(options.Timeout).Build()) { InnerHandler = sender };
    }

    /// <summary>How long an answer asks to wait; null when it does not say.</summary>
    public static TimeSpan? RetryAfter(HttpResponseHeaders headers) => headers.RetryAfter switch
    {
        { Delta: { } time } => time,
        { Date: { } date } => date - DateTimeOffset.UtcNow is var time && time > TimeSpan.Zero ? time : TimeSpan.Zero,
        _ => null,
    };

    private static HttpRetryStrategyOptions Strategy(LipsClientOptions options) => new()
    {
        MaxRetryAttempts = options.Retries,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = options.FirstPause,
        MaxDelay = options.LongestPause,
        ShouldRetryAfterHeader = true,
        ShouldHandle = attempt => ValueTask.FromResult(ShallRepeat(attempt, options.LongestPause)),
    };

    private static bool ShallRepeat(RetryPredicateArguments<HttpResponseMessage> attempt, TimeSpan longest)
    {
        if (attempt.Context.CancellationToken.IsCancellationRequested)
            return false;
        var isSafe = attempt.Context.GetRequestMessage() is { } request && request.Options.TryGetValue(Safe, out var safe) && safe;
        return attempt.Outcome switch
        {
            { Exception: HttpRequestException or TimeoutRejectedException } => isSafe,
            { Result: { } answer } => !(RetryAfter(answer.Headers) > longest) && answer.StatusCode switch
            {
                HttpStatusCode.TooManyRequests => true,
                >= HttpStatusCode.InternalServerError and not HttpStatusCode.NotImplemented => isSafe,
                _ => false,
            },
            _ => false,
        };
    }
}
