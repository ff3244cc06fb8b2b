using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Filter;

/// <summary>What a request asks for: a filter, and what else the endpoint takes.</summary>
/// <param name="Filter">The filter.</param>
/// <param name="More">The rest, of which <see cref="object.ToString"/> tells all.</param>
internal sealed record Question<T>(InteractionFilter Filter, T More)
    where T : notnull
{
    /// <summary>The same for the same question in the same words, at any time on any node, and for no other.</summary>
    public string Key => field ??= Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{typeof(T).Name}|{More}|{Filter.ToKey()}")).AsSpan(0, 12));

    /// <summary>The filter as it is counted; null when the counters do not know all of it.</summary>
    public FilterParts? Parts { get; } = FilterParts.Of(Filter);

    /// <summary>The tag of the last answer: most who ask again find nothing new.</summary>
    public EntityTag? LastTag { get; set; }
}

/// <summary>
/// Questions that were read lately, by the text of their query string. Dashboards poll with the same words again and again; to read them, check them and
/// hash them costs more than to answer. What a question means depends on nothing but its words and the caller's defaults; whether
/// the caller may ask it is decided each time.
/// </summary>
internal static class Questions<T>
    where T : notnull
{
    private const int LongestQuery = 512;

    // Some hundred bytes each. Past this many it starts anew: cheaper than to know which was used the longest ago.
    private const int Capacity = 8_192;

    private static readonly ConcurrentDictionary<(string Query, bool Trusted), Question<T>> Read = new();

    /// <summary>The question of a request, where it is known. A request with preferences is always read: they change what is valid.</summary>
    public static Question<T>? Find(HttpRequest request, Caller caller) =>
        Read.TryGetValue(KeyOf(request, caller), out var question) && request.Headers["Prefer"].Count == 0 ? question : null;

    /// <summary>Keeps a question that was found valid.</summary>
    public static void Keep(HttpRequest request, Caller caller, Question<T> question)
    {
        if (request.QueryString.Value?.Length > LongestQuery)
            return;
        if (Read.Count >= Capacity)
            Read.Clear();
        Read.TryAdd(KeyOf(request, caller), question);
    }

    private static (string Query, bool Trusted) KeyOf(HttpRequest request, Caller caller) => (request.QueryString.Value ?? "", caller.Trusted);
}
