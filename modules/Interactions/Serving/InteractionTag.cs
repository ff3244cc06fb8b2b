using System.Globalization;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Lips.Interactions.Serving;

/// <summary>
/// The strong <c>ETag</c> of one interaction: the version of its last change, the database's run that wrote that version, and what the body
/// depends on of the caller.
/// </summary>
internal static class InteractionTag
{
    // Raised whenever the same data would be written as another body.
    private const int Representation = 3;

    public static string Of(long version, long run, Caller caller) => string.Create(
        CultureInfo.InvariantCulture,
        $"\"{Representation}.{(ulong)run:x}.{version}.{(caller.Profile == Profile.Partner ? 'p' : 'f')}{(caller.Pii ? 1 : 0)}\"");
}

/// <summary>The <c>If-Match</c> of a change (RFC 9110, section 13.1.1): the states of the interaction in which it may be made.</summary>
internal sealed class IfMatch
{
    private readonly IList<EntityTagHeaderValue> tags;
    private readonly Caller caller;

    private IfMatch(IList<EntityTagHeaderValue> tags, Caller caller) => (this.tags, this.caller) = (tags, caller);

    /// <summary>Reads the header. One that is not understood names no state, so that nothing is written by mistake.</summary>
    /// <returns>Null when there is none.</returns>
    public static IfMatch? Of(HttpContext http)
    {
        StringValues given = http.Request.Headers.IfMatch;
        if (given.Count == 0)
            return null;
        return new IfMatch(EntityTagHeaderValue.TryParseStrictList(given, out var tags) ? tags : [], http.Caller());
    }

    /// <summary>Whether the change may be made of an interaction of this version.</summary>
    public bool Holds(long version, long run)
    {
        var now = new EntityTagHeaderValue(InteractionTag.Of(version, run, caller));
        return tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(now, useStrongComparison: true));
    }
}
