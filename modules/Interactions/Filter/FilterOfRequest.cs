using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Filter;

/// <summary>Reads a filter and whether the caller may use it, for every endpoint that takes one.</summary>
internal static class FilterOfRequest
{
    /// <summary>Reads the query string; an endpoint's own parameters by <paramref name="readMore"/>.</summary>
    /// <returns>Null after it has answered: 400, 422 or 403.</returns>
    public static ValueTask<Question<T>?> ReadAsync<T>(HttpContext http, Caller caller, Func<QueryReader, Caller, T> readMore)
        where T : notnull
    {
        if (Questions<T>.Find(http.Request, caller) is { } known && MayAsk(caller, known.Filter))
            return new(known);
        return ReadAnewAsync(http, caller, readMore);
    }

    /// <summary>For an endpoint without parameters of its own.</summary>
    public static ValueTask<Question<string>?> ReadAsync(HttpContext http, Caller caller) => ReadAsync(http, caller, (_, _) => "");

    /// <summary>Answers are one caller's alone and always asked for again (contract section 6).</summary>
    public static void SetCaching(HttpContext http)
    {
        http.Response.Headers.CacheControl = "private, no-cache";
        http.Response.Headers.Vary = "Authorization, x-api-key, Accept-Encoding";
    }

    private static async ValueTask<Question<T>?> ReadAnewAsync<T>(HttpContext http, Caller caller, Func<QueryReader, Caller, T> readMore)
        where T : notnull
    {
        if (await http.ReadQueryAsync() is not { } query)
            return null;
        var question = new Question<T>(InteractionFilter.Read(query), readMore(query, caller));
        query.RefuseUnknown(http.Request);
        if (!query.Errors.None)
        {
            await http.Invalid(query.Errors);
            return null;
        }

        Questions<T>.Keep(http.Request, caller, question);
        if (MayAsk(caller, question.Filter))
            return question;
        await http.NotAuthorized();
        return null;
    }

    private static bool MayAsk(Caller caller, InteractionFilter filter) => caller.MaySeeAll(filter.Advertisers) && (caller.Pii || !filter.TellsOfAPerson);
}
