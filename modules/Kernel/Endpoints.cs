using System.Text.Json;
using FastEndpoints;
using Lips.Kernel.Reference;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection;

namespace Lips.Kernel;

/// <summary>The authorization policies that an endpoint names in its <c>Configure</c>: who may call it (contract section 2).</summary>
public static class Allow
{
    /// <summary>The ability <c>read</c>, in the full profile.</summary>
    public const string Read = "read";

    /// <summary>The ability <c>read</c>, in the full profile or the partners'.</summary>
    public const string ReadInAnyProfile = "read-in-any-profile";

    /// <summary>The ability <c>write</c>, in the full profile.</summary>
    public const string Write = "write";

    /// <summary>The ability <c>ingest</c>, in the full profile.</summary>
    public const string Ingest = "ingest";

    /// <summary>The ability <c>admin</c>, in the full profile.</summary>
    public const string Admin = "admin";

    /// <summary>Any token, whatever its abilities, in the full profile.</summary>
    public const string AnyToken = "any-token";
}

/// <summary>Metadata of a route: the media type of its answers. Routes without it answer JSON; errors are JSON in any case.</summary>
/// <param name="Name">Such as <c>text/event-stream</c>.</param>
public sealed record AnswerMediaType(string Name);

/// <summary>Metadata of a route whose requests may take any time: the body comes in, or the answer goes out, bit by bit.</summary>
public sealed record LongEndpoint;

/// <summary>Metadata of a route: the line that its requests wait in, unless they are answered with 304.</summary>
/// <param name="Of">The line, of the node's services.</param>
public sealed record WaitsInLine(Func<IServiceProvider, IWaitingLine> Of);

/// <summary>What endpoints say of themselves beyond FastEndpoints' own words.</summary>
public static class EndpointRules
{
    /// <summary>Says that a request may take any time, so that no timeout of ordinary requests ends it.</summary>
    public static void TakesLong(this EndpointDefinition endpoint) =>
        endpoint.Metadata(new LongEndpoint(), new DisableRequestTimeoutAttribute());

    /// <summary>
    /// Says which line the requests wait in. While it is full they are refused before anything is done for them: a refusal that costs as
    /// much as an answer keeps others from theirs (build/decisions/0026-overload.md).
    /// </summary>
    /// <typeparam name="TLine">Has the line; a singleton.</typeparam>
    public static void WaitsFor<TLine>(this EndpointDefinition endpoint)
        where TLine : class, IWaitingLine =>
        endpoint.Metadata(new WaitsInLine(services => services.GetRequiredService<TLine>()));

    /// <summary>Says what the reference says of the endpoint.</summary>
    public static void Describe(this EndpointDefinition endpoint, OperationDescription description)
    {
        endpoint.Metadata(description);
        endpoint.Summary(s => s.Summary = description.Summary);
    }

    /// <summary>A binder to the query string that tells the reference the names of the parameters.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="read">Reads the request; what is wrong goes to the reader's errors.</param>
    public static QueryBinder<TRequest> Query<TRequest>(this EndpointDefinition endpoint, Func<QueryReader, Caller, TRequest> read)
        where TRequest : notnull
    {
        endpoint.Metadata(new QueryNames(caller => QueryReader.NamesAskedBy(query => read(query, caller))));
        return new QueryBinder<TRequest>(read);
    }

    /// <summary>
    /// Holds for every endpoint: it answers by itself, through <see cref="JsonAnswer"/> and <see cref="Errors"/>, says who may call it, and
    /// is described.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The endpoint names no policy: any token would get in. Or it is not described.
    /// </exception>
    public static void ApplyToAll(EndpointDefinition endpoint)
    {
        if (endpoint.PreBuiltUserPolicies is not { Count: > 0 } && endpoint.AnonymousVerbs is null)
            throw new InvalidOperationException(
                $"{endpoint.EndpointType.Name} does not say who may call it: name a policy, or allow anonymous callers.");
        if (endpoint.EndpointMetadata?.OfType<OperationDescription>().Any() is not true)
            throw new InvalidOperationException($"{endpoint.EndpointType.Name} is not described for the reference: call Describe.");
        endpoint.DontAutoSendResponse();
        // Content types are refused in the contract's words, and only after the caller was let in.
        endpoint.Description(route => route.ClearDefaultAccepts());
    }
}

/// <summary>Metadata of a route: the names of the parameters that its reader asks the query string for.</summary>
/// <param name="Of">The names, in the order in which they are asked for, for a caller.</param>
public sealed record QueryNames(Func<Caller, IReadOnlyList<string>> Of);

/// <summary>
/// Binds a request to the query string: every error at once, in the contract's words (build/decisions/0002-endpoints.md).
/// </summary>
public sealed class QueryBinder<TRequest> : IRequestBinder<TRequest>
    where TRequest : notnull
{
    private readonly Func<QueryReader, Caller, TRequest> read;

    // Made by EndpointRules.Query, so that no parameter is unknown to the reference.
    internal QueryBinder(Func<QueryReader, Caller, TRequest> read) => this.read = read;

    /// <inheritdoc />
    public async ValueTask<TRequest> BindAsync(BinderContext ctx, CancellationToken ct)
    {
        var http = ctx.HttpContext;
        if (!QueryReader.TryParse(http.Request.QueryString, out var query))
        {
            await http.BadRequest("The query string has an escape that is broken, or is not UTF-8.");
            return default!;
        }

        var request = read(query, http.Caller());
        query.RefuseUnknown(http.Request);
        if (!query.Errors.None)
            await http.Invalid(query.Errors);
        return request;
    }
}

/// <summary>Binds a request to a JSON body: every error at once, in the contract's words.</summary>
/// <param name="read">Reads the request; what is wrong goes to the errors.</param>
public sealed class JsonBinder<TRequest>(Func<JsonElement, HttpContext, ValidationErrors, TRequest> read) : IRequestBinder<TRequest>
    where TRequest : notnull
{
    /// <inheritdoc />
    public async ValueTask<TRequest> BindAsync(BinderContext ctx, CancellationToken ct)
    {
        var http = ctx.HttpContext;
        using var body = await http.ReadJsonAsync();
        if (body is null)
            return default!;
        var errors = new ValidationErrors(http.Prefers(Requests.Strict));
        var request = read(body.RootElement, http, errors);
        if (!errors.None)
            await http.Invalid(errors);
        return request;
    }
}
