using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Filter;

/// <summary>Reads a filter and whether the caller may use it, for every endpoint that takes one.</summary>
internal static class FilterOfRequest
{
    /// <summary>Reads the query string; an endpoint's own parameters by <paramref name="readMore"/>.</summary>
    /// <returns>Null after it has answered: 400, 422 or 403.</returns>
    public static async Task<Request<T>?> ReadAsync<T>(HttpContext http, Caller caller, Func<QueryReader, T> readMore)
    {
        if (await http.ReadQueryAsync() is not { } query)
            return null;
        var filter = InteractionFilter.Read(query);
        var more = readMore(query);
        query.RefuseUnknown(http.Request);
        if (!query.Errors.None)
        {
            await http.Invalid(query.Errors);
            return null;
        }

        if (!filter.Advertisers.All(caller.MaySee) || (filter.TellsOfAPerson && !caller.Pii))
        {
            await http.NotAuthorized();
            return null;
        }

        return new Request<T>(filter, more);
    }

    /// <summary>For an endpoint without parameters of its own.</summary>
    public static Task<Request<bool>?> ReadAsync(HttpContext http, Caller caller) => ReadAsync(http, caller, _ => true);

    /// <summary>Answers are one caller's alone and always asked for again (contract section 6).</summary>
    public static void SetCaching(HttpContext http)
    {
        http.Response.Headers.CacheControl = "private, no-cache";
        http.Response.Headers.Vary = "Authorization, x-api-key, Accept-Encoding";
    }

    internal sealed record Request<T>(InteractionFilter Filter, T More);
}
