using Lips.Kernel;
using Microsoft.Net.Http.Headers;

namespace Lips.Host.Http;

/// <summary>
/// Answers 406 to who does not take the media type that the route answers with. Stands behind routing; where there is no route, that is
/// JSON.
/// </summary>
internal sealed class AcceptMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        var answered = http.GetEndpoint()?.Metadata.GetMetadata<AnswerMediaType>()?.Name ?? "application/json";
        return Accepts(http.Request, answered)
            ? next(http)
            : http.Status(StatusCodes.Status406NotAcceptable, $"The answer can only be given as {answered}.");
    }

    private static bool Accepts(HttpRequest request, string mediaType)
    {
        var accept = request.Headers.Accept;
        if (accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(accept, out var types) || types.Count == 0)
            return true;
        var (main, sub) = mediaType.Split('/') is [var first, var second] ? (first, second) : (mediaType, "");
        foreach (var type in types)
        {
            if (type.Quality is not 0 && (type.MatchesAllTypes || (type.Type.Equals(main, StringComparison.OrdinalIgnoreCase)
                && (type.MatchesAllSubTypes || type.SubType.Equals(sub, StringComparison.OrdinalIgnoreCase)))))
                return true;
        }

        return false;
    }
}
