using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Lips.Interactions.Filter;

/// <summary>
/// The <c>ETag</c> of an answer (contract section 6): weak, over all that the body depends on. It is known before the body is made, so a poll
/// that finds nothing new costs neither a count nor a list.
/// </summary>
internal static class EntityTag
{
    // Raised whenever the same data would be written as another body.
    private const int Representation = 1;

    /// <summary>The tag of an answer. Also sets the header.</summary>
    /// <param name="http">The request.</param>
    /// <param name="filter">What is asked, defaults filled in.</param>
    /// <param name="more">What else the endpoint was asked, defaults filled in.</param>
    /// <param name="reading">The advertisers' versions, read before the body, and the history that they are of.</param>
    public static EntityTagHeaderValue Of(HttpContext http, InteractionFilter filter, string more, LiveReading reading)
    {
        var caller = http.Caller();
        var text = string.Join(
            '\n',
            Representation.ToString(CultureInfo.InvariantCulture),
            reading.Epoch,
            string.Join(',', reading.Versions),
            caller.Pii ? "pii" : "",
            caller.Advertisers is null ? "all" : string.Join(',', caller.Advertisers.Order()),
            filter.ToKey(),
            more);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16))}\"", isWeak: true);
        http.Response.Headers.ETag = tag.ToString();
        return tag;
    }

    /// <summary>Answers 304 when the client has this answer already.</summary>
    public static bool IsNotModified(HttpContext http, EntityTagHeaderValue tag)
    {
        var given = http.Request.Headers.IfNoneMatch;
        if (given.Count == 0 || !EntityTagHeaderValue.TryParseList(given, out var tags))
            return false;
        if (!tags.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(tag, useStrongComparison: false)))
            return false;
        http.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }
}
