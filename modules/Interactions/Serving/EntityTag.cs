using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Lips.Interactions.Serving;

/// <summary>
/// The <c>ETag</c> of an answer (contract section 6): weak, over all that the body depends on. It is known before the body is made, so a
/// poll that finds nothing new costs neither a count nor a list.
/// </summary>
internal static class EntityTag
{
    // Raised whenever the same data would be written as another body.
    private const int Representation = 7;

    // The versions of so many advertisers stand in the tag itself, of more a hash does: a tag is sent with each poll and each answer.
    private const int Few = 4;

    /// <summary>The tag of the answer to a question.</summary>
    /// <param name="question">What is asked, defaults filled in.</param>
    /// <param name="caller">The caller, on whom the body depends as well.</param>
    /// <param name="reading">The advertisers' versions, read before the body, and the history that they are of.</param>
    public static string Of(string question, Caller caller, LiveReading reading) =>
        string.Create(CultureInfo.InvariantCulture,
            $"W/\"{Representation}.{Hash($"{question}|{caller.Tag}|{reading.Epoch}")}.{Text(reading.Versions)}\"");

    /// <summary>Answers 304 when the client has the answer already; else sets the tag's header for the answer to come.</summary>
    /// <param name="http">The request.</param>
    /// <param name="question">What is asked, defaults filled in.</param>
    /// <param name="reading">The advertisers' versions, read before the body, and the history that they are of.</param>
    public static bool IsNotModified(HttpContext http, string question, LiveReading reading)
    {
        var tag = Of(question, http.Caller(), reading);
        http.Response.Headers.ETag = tag;
        if (!IsAmong(http.Request.Headers.IfNoneMatch, tag))
            return false;
        http.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    /// <summary>Whether the tag is among those of an If-None-Match.</summary>
    public static bool IsAmong(StringValues given, string tag)
    {
        if (given.Count == 0)
            return false;
        // What a client that polls sends back.
        if (given.Count == 1 && given[0] == tag)
            return true;
        var own = EntityTagHeaderValue.Parse(tag);
        return EntityTagHeaderValue.TryParseList(given, out var tags)
            && tags.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(own, useStrongComparison: false));
    }

    private static string Text(IReadOnlyList<long> versions)
    {
        if (versions is [var only])
            return only.ToString(CultureInfo.InvariantCulture);
        var all = string.Join('-', versions);
        return versions.Count <= Few ? all : Hash(all);
    }

    private static string Hash(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 12));
}
