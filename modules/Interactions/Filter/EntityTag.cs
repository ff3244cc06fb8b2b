using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Lips.Interactions.Filter;

/// <summary>
/// The <c>ETag</c> of an answer (contract section 6): weak, over all that the body depends on. It is known before the body is made, so a poll
/// that finds nothing new costs neither a count nor a list.
/// </summary>
internal static class EntityTag
{
    // Raised whenever the same data would be written as another body.
    private const int Representation = 2;

    /// <summary>The tag of an answer. Also sets the header.</summary>
    /// <param name="http">The request.</param>
    /// <param name="filter">What is asked, defaults filled in.</param>
    /// <param name="more">What else the endpoint was asked, defaults filled in.</param>
    /// <param name="reading">The advertisers' versions, read before the body, and the history that they are of.</param>
    public static string Of(HttpContext http, InteractionFilter filter, string more, LiveReading reading)
    {
        var caller = http.Caller();
        var key = new StringBuilder(256).Append(Representation).Append(caller.Profile == Profile.Partner ? 'g' : 'f').Append(caller.Pii ? 'p' : 'n').Append(more).Append('|').Append(caller.AdvertisersKey).Append('|').Append(reading.Epoch).Append('|');
        foreach (var version in reading.Versions)
            key.Append(version).Append(',');
        filter.AddKeyTo(key);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(key.ToString().AsSpan()), hash);
        var tag = string.Concat("W/\"", Convert.ToHexString(hash[..16]), "\"");
        http.Response.Headers.ETag = tag;
        return tag;
    }

    /// <summary>Answers 304 when the client has this answer already.</summary>
    public static bool IsNotModified(HttpContext http, string tag)
    {
        var given = http.Request.Headers.IfNoneMatch;
        if (given.Count == 0 || !IsAmong(given, tag))
            return false;
        http.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    private static bool IsAmong(StringValues given, string tag)
    {
        // What a client that polls sends back.
        if (given.Count == 1 && given[0] == tag)
            return true;
        var own = EntityTagHeaderValue.Parse(tag);
        return EntityTagHeaderValue.TryParseList(given, out var tags)
            && tags.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(own, useStrongComparison: false));
    }
}
