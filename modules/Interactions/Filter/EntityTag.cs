using System.Globalization;
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
    private const int Representation = 3;

    // The versions of so many advertisers stand in the tag itself; of more a hash does.
    private const int Few = 4;

    // There is one history of the database until a restore or a restart of its server.
    private static Tuple<string, string>? lastEpoch;

    /// <summary>The tag of an answer. Also sets the header.</summary>
    /// <param name="http">The request.</param>
    /// <param name="question">What is asked, defaults filled in: <see cref="Question{T}.Tag"/>.</param>
    /// <param name="reading">The advertisers' versions, read before the body, and the history that they are of.</param>
    public static string Of(HttpContext http, string question, LiveReading reading)
    {
        var tag = string.Create(CultureInfo.InvariantCulture, $"W/\"{Representation}.{question}.{http.Caller().Tag}.{EpochTag(reading.Epoch)}.{VersionsTag(reading.Versions)}\"");
        http.Response.Headers.ETag = tag;
        return tag;
    }

    private static string EpochTag(string epoch)
    {
        var last = lastEpoch;
        if (last?.Item1 != epoch)
            lastEpoch = last = Tuple.Create(epoch, Hash(epoch));
        return last.Item2;
    }

    private static string VersionsTag(IReadOnlyList<long> versions)
    {
        if (versions is [var only])
            return only.ToString(CultureInfo.InvariantCulture);
        var all = string.Join('-', versions);
        return versions.Count <= Few ? all : Hash(all);
    }

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 12));

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
