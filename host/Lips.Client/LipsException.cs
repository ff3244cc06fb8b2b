using System.Globalization;
using System.Net;

namespace Lips.Client;

/// <summary>A line of an answer that says what is wrong with a request.</summary>
public sealed record LipsError
{
    /// <summary>The parameter or attribute, as the request spells it.</summary>
    public required string Attribute { get; init; }

    /// <summary>What is wrong with it, said so that it reads on from the attribute.</summary>
    public required string Message { get; init; }

    /// <inheritdoc />
    public override string ToString() => $"{Attribute} {Message}";
}

/// <summary>A request that was refused, or that was not answered. Its message has no secret.</summary>
public sealed class LipsException : Exception
{
    internal LipsException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>The answer's status; null when there was no answer.</summary>
    public HttpStatusCode? Status { get; internal init; }

    /// <summary>The answer's name for programs, such as <c>not_found</c>; null where it has none.</summary>
    public string? Name { get; internal init; }

    /// <summary>Of 403: <c>ability</c>, <c>advertiser</c>, <c>profile</c> or <c>pii</c>.</summary>
    public string? Reason { get; internal init; }

    /// <summary>Of 422: everything that is wrong with the request.</summary>
    public IReadOnlyList<LipsError> Errors { get; internal init; } = [];

    /// <summary>Of 500: the trace to look for in the service's log.</summary>
    public string? TraceId { get; internal init; }

    /// <summary>How long the service asks to wait.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    /// <summary>Whether the service is away, overloaded or at fault: the same request may succeed later.</summary>
    public bool IsAway => Status is null or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    internal static string StatusText(HttpStatusCode status) =>
        string.Create(CultureInfo.InvariantCulture, $"The service answered {(int)status}");
}
