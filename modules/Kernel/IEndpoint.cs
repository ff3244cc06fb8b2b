using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lips.Kernel;

/// <summary>
/// One use case behind HTTP: it says its routes and who may call it, then reads the request, decides and answers. The shape is
/// FastEndpoints' (configure, handle); see build/decisions/0002-endpoints.md.
/// </summary>
public interface IEndpoint
{
    /// <summary>Says verbs, routes and the ability that a caller needs.</summary>
    static abstract void Configure(EndpointDefinition endpoint);

    /// <summary>Answers one request. One instance serves all of them, so it keeps nothing of a request.</summary>
    Task HandleAsync(HttpContext http);
}

/// <summary>What an endpoint says of itself.</summary>
public sealed class EndpointDefinition
{
    private readonly List<(string Method, string Pattern)> routes = [];
    private bool isForPartners;

    /// <summary>The verbs and route patterns, as ASP.NET Core spells them.</summary>
    public IReadOnlyList<(string Method, string Pattern)> Routes => routes;

    /// <summary>Who may call; null until it was said, and an endpoint that never says is refused at start.</summary>
    public EndpointAccess? Access { get; private set; }

    /// <summary>The media type of its answers. Errors are JSON whatever this is.</summary>
    public EndpointMediaType MediaType { get; private set; } = EndpointMediaType.Json;

    /// <summary>Whether a request may take as long as it takes: its body comes in, or its answer goes out, bit by bit.</summary>
    public bool IsLong { get; private set; }

    /// <summary>Whether all that a request waits for has a timeout of its own.</summary>
    public bool IsBounded { get; private set; }

    /// <summary>Adds a route.</summary>
    public EndpointDefinition On(string method, string pattern)
    {
        routes.Add((method, pattern));
        return this;
    }

    /// <summary>Says that answers are of another media type than JSON.</summary>
    public EndpointDefinition Answers(string mediaType)
    {
        MediaType = new EndpointMediaType(mediaType);
        return this;
    }

    /// <summary>Says that it also answers in the partner profile. Of an endpoint that does not, partners get 403.</summary>
    public EndpointDefinition ForPartnersToo()
    {
        isForPartners = true;
        return this;
    }

    /// <summary>Says that a request may take any time, so that no timeout of ordinary requests ends it.</summary>
    public EndpointDefinition TakesLong()
    {
        IsLong = true;
        return this;
    }

    /// <summary>
    /// Says that all that a request waits for has a timeout of its own, the database's statements above all. To measure the time of the whole request besides costs a
    /// timer and a cancellation source for each, which counts where an answer takes microseconds.
    /// </summary>
    public EndpointDefinition IsBoundedByItself()
    {
        IsBounded = true;
        return this;
    }

    /// <summary>Lets callers in whose token has the ability. Said last.</summary>
    public void Requires(Ability ability) => Access = new EndpointAccess(ability, isForPartners);

    /// <summary>Lets everybody in, without a credential.</summary>
    public void IsOpenToAll() => Access = new EndpointAccess(Ability.None, IsForPartners: false);
}

/// <summary>Metadata of a route: the ability that it requires, <see cref="Ability.None"/> for none and no credential.</summary>
/// <param name="Ability">The ability.</param>
/// <param name="IsForPartners">Whether callers in the partner profile are let in.</param>
public sealed record EndpointAccess(Ability Ability, bool IsForPartners);

/// <summary>Metadata of a route: the media type of its answers.</summary>
/// <param name="Name">Such as <c>application/json</c>.</param>
public sealed record EndpointMediaType(string Name)
{
    /// <summary>What routes answer that say nothing else.</summary>
    public static EndpointMediaType Json { get; } = new("application/json");
}

/// <summary>Metadata of a route whose requests may take any time.</summary>
public sealed record LongEndpoint;

/// <summary>Maps endpoints, one explicit call each.</summary>
public static class EndpointMapping
{
    /// <summary>Maps the routes of an endpoint.</summary>
    /// <exception cref="InvalidOperationException">The endpoint does not say who may call it.</exception>
    public static void MapEndpoint<TEndpoint>(this IEndpointRouteBuilder builder)
        where TEndpoint : class, IEndpoint
    {
        var definition = new EndpointDefinition();
        TEndpoint.Configure(definition);
        var access = definition.Access
            ?? throw new InvalidOperationException($"{typeof(TEndpoint).Name} does not say which ability it requires.");
        var endpoint = ActivatorUtilities.CreateInstance<TEndpoint>(builder.ServiceProvider);
        List<object> metadata = [access, definition.MediaType];
        if (definition.IsLong)
            metadata.Add(new LongEndpoint());
        if (definition.IsLong || definition.IsBounded)
            metadata.Add(new DisableRequestTimeoutAttribute());
        foreach (var (method, pattern) in definition.Routes)
        {
            // The server leaves the body of an answer to HEAD out by itself, and keeps its length (RFC 9110, 9.3.2). An answer without an end has none to leave out.
            string[] methods = method == "GET" && !definition.IsLong ? ["GET", "HEAD"] : [method];
            builder.MapMethods(pattern, methods, endpoint.HandleAsync).WithMetadata([.. metadata]).WithDisplayName(typeof(TEndpoint).Name);
        }
    }
}
