using System.Text.Json.Nodes;
using Lips.Kernel.Reference;

namespace Lips.Access.Tokens;

/// <summary>What the reference says of tokens (contract section 8).</summary>
internal static class TokenReference
{
    public const string Example =
        """
        "id": 7, "name": "zapier", "advertisers": ["USA_1"], "abilities": ["read", "ingest"], "trusted": false, "pii": true,
        "expires_at": null, "created_at": "2026-06-01T08:00:00.000Z", "last_used_at": null, "revoked_at": null,
        "secrets": [{"id": 1, "created_at": "2026-06-01T08:00:00.000Z"}]
        """;

    private const string Section = "Tokens";
    private const string Secret = "\"secret\": \"lips_bW9jay1zZWNyZXQ\"";

    public static NamedSchema Token { get; } = new("Token", () => Schema.Object("A token, without its secrets.", [.. Fields()]));

    public static NamedSchema NewToken { get; } = new("NewToken", () => Schema.Object(
        null,
        ("token", Schema.Object(
            "The token to make.",
            ("name", Schema.Text("What it is called.", longest: 255)),
            ("advertisers", Advertisers()),
            ("abilities?", Abilities(usual: true).OrNull()),
            ("trusted?", Schema.Boolean("Larger pages where nothing is said, and no rate limit.", usual: false).OrNull()),
            ("pii?", Schema.Boolean("Whether it is told of persons.", usual: true).OrNull()),
            ("expires_at?", Schema.Time("When it ends; null for never.").OrNull()),
            ("api_key?", Schema.Boolean("Whether it gets a key for the partner profile.", usual: false).OrNull())))));

    public static NamedSchema MadeToken { get; } = new("MadeToken", () => Schema.Object(
        null,
        ("token", Schema.Object(
            "The token with its secret and key, which are shown this once.",
            [
                .. Fields(),
                ("secret", Schema.Text("What to send as `Authorization: token …`.")),
                ("api_key", Schema.Text("What to send as `x-api-key`.").OrNull()),
            ]))));

    public static NamedSchema MadeSecret { get; } = new("MadeSecret", () => Schema.Object(
        null,
        ("token", Schema.Object(
            "The token with its new secret, which is shown this once.",
            [.. Fields(), ("secret", Schema.Text("The new secret."))]))));

    public static NamedSchema Tokens { get; } = new("Tokens", () => Schema.Object(null, ("tokens", Schema.List(Schema.Ref(Token)))));

    public static NamedSchema OwnToken { get; } = new("OwnToken", () => Schema.Object(null, ("token", Schema.Ref(Token))));

    public static IReadOnlyList<NamedSchema> Schemas { get; } = [Token, NewToken, MadeToken, MadeSecret, Tokens, OwnToken];

    public static OperationDescription Create { get; } = new(
        "createToken", Section, "Makes a token and shows its secret and key, this once.")
    {
        Details = "Only a token that shows no more than the caller's own: otherwise 403.",
        Body = ContentDescription.Json(
            () => Schema.Ref(NewToken),
            ("A token for a connector",
                """
                {"token": {"name": "zapier", "advertisers": ["USA_1"], "abilities": ["read", "ingest"], "trusted": false, "pii": true,
                "expires_at": null, "api_key": true}}
                """),
            ("A token for everything", """{"token": {"name": "ada", "advertisers": "all", "abilities": ["read", "write"]}}""")),
        Answers =
        [
            new(201, "The token.", ContentDescription.Json(
                () => Schema.Ref(MadeToken),
                ("The token", $$$"""{"token": {{{{Example}}}, {{{Secret}}}, "api_key": "lipskey_bW9jay1rZXk"}}""")),
                "Preference-Applied"),
        ],
    };

    public static OperationDescription List { get; } = new(
        "listTokens", Section, "All tokens that are within the caller's own, the revoked too, without their secrets.")
    {
        Answers =
        [
            new(200, "The tokens.", ContentDescription.Json(
                () => Schema.Ref(Tokens), ("One token", $$$"""{"tokens": [{{{{Example}}} }]}"""))),
        ],
    };

    public static OperationDescription Self { get; } = new(
        "getOwnToken", Section, "What the caller's own token may do, without its secret.")
    {
        Answers =
        [
            new(200, "The token.", ContentDescription.Json(
                () => Schema.Ref(OwnToken), ("The token", $$$"""{"token": {{{{Example}}} }}"""))),
        ],
    };

    public static OperationDescription Revoke { get; } = new(
        "revokeToken", Section, "Revokes a token; the same again when it already was so.")
    {
        Details = "Every node refuses it within 5 seconds, and ends its open streams.",
        Path = [("id", "The token's id.")],
        Answers = [new(200, "It is revoked. The body is empty.")],
    };

    public static OperationDescription AddSecret { get; } = new(
        "addTokenSecret", Section, "Gives a token a second secret, and shows it, this once.")
    {
        Details = "Both secrets work until one is ended, so that the token's users can move over one by one.",
        Path = [("id", "The token's id.")],
        Answers =
        [
            new(201, "The token with its new secret.", ContentDescription.Json(
                () => Schema.Ref(MadeSecret), ("The token", $$$"""{"token": {{{{Example}}}, {{{Secret}}} }}"""))),
        ],
        Errors = [422],
    };

    public static OperationDescription EndSecret { get; } = new(
        "endTokenSecret", Section, "Ends one of a token's two secrets; the same again when it is ended already.")
    {
        Path = [("id", "The token's id."), ("secret_id", "The secret's id, as the token shows it.")],
        Answers = [new(200, "It is ended. The body is empty.")],
        Errors = [422],
    };

    /// <summary>The fields that a token is served with.</summary>
    public static IEnumerable<(string Name, JsonObject Schema)> Fields() =>
    [
        ("id", Schema.Whole("The token's id.")),
        ("name", Schema.Text("What it is called.")),
        ("advertisers", Advertisers()),
        ("abilities", Abilities(usual: false)),
        ("trusted", Schema.Boolean("Larger pages where nothing is said, and no rate limit.")),
        ("pii", Schema.Boolean("Whether it is told of persons.")),
        ("expires_at", Schema.Time("When it ends; null for never.").OrNull()),
        ("created_at", Schema.Time("When it was made.")),
        ("last_used_at", Schema.Time("When it was last used, to the minute.").OrNull()),
        ("revoked_at", Schema.Time("When it was revoked; null when it is not.").OrNull()),
        ("secrets", Schema.List(
            Schema.Object(null, ("id", Schema.Whole()), ("created_at", Schema.Time().OrNull())), "Its one or two secrets.")),
    ];

    private static JsonObject Advertisers() =>
        Schema.Either(Schema.OneOf("All of them.", "all"), Schema.List(Schema.GlobalId(), "These."));

    private static JsonObject Abilities(bool usual)
    {
        var schema = Schema.List(Schema.OneOf(null, [.. AbilityNames.All.Select(a => a.Name)]), "What it may do.");
        return usual ? schema.Usually(new JsonArray("read")) : schema;
    }
}
