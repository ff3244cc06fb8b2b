using System.Reflection;
using System.Text.Json.Nodes;
using Lips.Kernel;
using Lips.Kernel.Reference;

namespace Lips.Host.OpenApi;

/// <summary>What the reference says of all operations together.</summary>
internal static class ReferenceTexts
{
    private const string Introduction =
        """
        LIPS keeps the contact interactions of advertisers (calls, forms, chats, bookings, first-party and Local Services leads), counts
        them, and tells who asks.

        **Conventions.** JSON, UTF-8, snake_case. Times are UTC, ISO 8601 with milliseconds and `Z`. Every documented field is always there;
        what is unknown is `null`. New fields may be added.

        **Several values.** A parameter that takes several is read as `p=a&p=b`, `p[]=a&p[]=b` and `p[0]=a&p[1]=b`, brackets percent-encoded
        or not; ids also as `p=a,b`. A parameter that takes one and is given twice is 422, and so is a value that is not understood: no
        answer is wider than the question. Names that are not known are ignored, unless the request says `Prefer: handling=strict`.

        **Profiles.** With `x-api-key` beside its token a caller is a partner: two routes answer, in a shape of their own. Every other route
        is 403 then.

        **Persons.** A token without `pii` is answered `null`, `[]` or `{}` in place of all that tells of a person, and filters on that are
        403.

        **Methods.** Every `GET` also takes `HEAD`. A method that a path does not have is 405 with `Allow`.

        **Bodies.** Answers are compressed for who accepts that. An `ETag` is sent where a later request can use it.
        """;

    public static List<(string Name, string Text)> Sections { get; } =
    [
        ("Interactions", "Find, read and change interactions."),
        ("Numbers", "Count interactions."),
        ("Ingest", "Bring interactions in, each exactly once."),
        ("Tokens", "Say who may do what."),
        ("Audit", "See who changed what and when."),
        ("Service", "Health, and this reference."),
    ];

    /// <summary>Who may call, by policy.</summary>
    public static IReadOnlyDictionary<string, string> Abilities { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Allow.Read] = "Needs the ability `read`.",
        [Allow.ReadInAnyProfile] = "Needs the ability `read`. Partners may call it too.",
        [Allow.Write] = "Needs the ability `write`.",
        [Allow.Ingest] = "Needs the ability `ingest`.",
        [Allow.AnyToken] = "Needs a token, whatever its abilities.",
        [Allow.Admin] = "Needs the ability `admin`.",
    };

    public static JsonObject Info() => new()
    {
        ["title"] = "LIPS",
        ["summary"] = "Contact interactions: found, counted, brought in.",
        ["description"] = Introduction.ReplaceLineEndings("\n"),
        ["version"] = typeof(ReferenceTexts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion.Split('+')[0],
    };

    public static JsonObject SecuritySchemes() => new()
    {
        ["bearer"] = new JsonObject
        {
            ["type"] = "http",
            ["scheme"] = "bearer",
            ["description"] = "`Authorization: Bearer TOKEN`.",
        },
        ["token"] = new JsonObject
        {
            ["type"] = "apiKey",
            ["in"] = "header",
            ["name"] = "Authorization",
            ["description"] = "`Authorization: token TOKEN`, a bare `Authorization: TOKEN`, or Rails' `Token token=\"TOKEN\"`.",
        },
        ["apiKey"] = new JsonObject
        {
            ["type"] = "apiKey",
            ["in"] = "header",
            ["name"] = "x-api-key",
            ["description"] = "The token's own key, beside the token: chooses the partner profile.",
        },
    };

    public static JsonObject Headers() => new()
    {
        ["Content-Disposition"] = Header("A name for the file.", "attachment; filename=\"contact_interactions.csv\""),
        ["ETag"] = Header("Names the answer. Sent back as `If-None-Match` or `If-Match`.", "W/\"7.Zm9vYmFyYmF6cXV4.42\""),
        ["Link"] = Header(
            "RFC 8288: `first`, `prev`, `next` and `last`.",
            "</contact_interactions?global_master_advertiser_id=USA_1&page=2>; rel=\"next\""),
        ["Location"] = Header("The address of the interaction.", "/contact_interactions/1001"),
        ["Preference-Applied"] = Header("The preferences of `Prefer` that were followed.", "return=representation"),
        ["RateLimit"] = Header("What the token has left, where its rate is limited (IETF draft 10).", "\"token\";r=39;t=1"),
        ["RateLimit-Policy"] = Header("The token's rate, where it is limited (IETF draft 10).", "\"token\";q=40;w=2"),
        ["Retry-After"] = Header("In how many seconds to try again.", "1"),
        ["WWW-Authenticate"] = Header("How to show a credential.", "Bearer realm=\"lips\""),
    };

    private static JsonObject Header(string text, string example) =>
        new() { ["description"] = text, ["schema"] = Schema.Text(), ["example"] = example };
}
