namespace Lips.Kernel.Reference;

/// <summary>What the reference says of errors (contract section 3).</summary>
public static class ErrorAnswers
{
    /// <summary>Most errors.</summary>
    public static NamedSchema Error { get; } = new("Error", () => Schema.Object(
        "What went wrong.",
        ("name", Schema.Text("A name for programs.")),
        ("message", Schema.Text("Words for people.")),
        ("trace_id?", Schema.Text("Of 500 only: the trace to look for in the log."))));

    /// <summary>A credential that does not suffice.</summary>
    public static NamedSchema NotAuthorized { get; } = new("NotAuthorized", () => Schema.Object(
        "The credential is valid, and does not allow this.",
        ("name", Schema.OneOf(null, "not_authorized")),
        ("message", Schema.Text()),
        ("reason", Schema.OneOf("What it lacks.", "ability", "advertiser", "profile", "pii"))));

    /// <summary>What is wrong with parameters or attributes.</summary>
    public static NamedSchema Invalid { get; } = new("Invalid", () => Schema.List(
        Schema.Object(
            null,
            ("attribute", Schema.Text("The parameter or attribute, as the request spells it.")),
            ("message", Schema.Text("What is wrong with it, said so that it reads on from the attribute."))),
        "Everything that is wrong with the request, at once.", least: 1));

    /// <summary>The schemas.</summary>
    public static IReadOnlyList<NamedSchema> Schemas { get; } = [Error, NotAuthorized, Invalid];

    /// <summary>All of them: what to call one, when it is answered, and its body.</summary>
    public static IReadOnlyDictionary<int, ErrorAnswer> All { get; } = new ErrorAnswer[]
    {
        new(400, "BadRequest", "The body is not JSON, the query string cannot be decoded, or the request is not HTTP as it should be.",
            Error, """{"name":"bad_request","message":"The body ends before the JSON does."}"""),
        new(401, "Unauthorized", "There is no valid credential.",
            Error, """{"name":"unauthorized","message":"Send a token: Authorization: token YOUR_TOKEN."}""", "WWW-Authenticate"),
        new(403, "Forbidden", "The token does not allow this; `reason` says what it lacks.", NotAuthorized,
            """{"name":"not_authorized","message":"You are not permitted to perform this action.","reason":"ability"}"""),
        new(404, "NotFound", "There is no such thing, or none that the token may see.",
            Error, """{"name":"not_found","message":"There is no such interaction."}"""),
        new(406, "NotAcceptable", "`Accept` names no media type that the answer can be given as.",
            Error, """{"name":"not_acceptable","message":"The answer can only be given as application/json."}"""),
        new(408, "RequestTimeout", "The request took too long to arrive.",
            Error, """{"name":"request_timeout","message":"The request took too long to arrive."}"""),
        new(410, "Gone", "The cursor is of another history of the database, for example from before a backup was restored.",
            Error, """{"name":"gone","message":"This cursor is of another history of the database: begin again, without since."}"""),
        new(412, "PreconditionFailed", "The interaction has changed since the state that `If-Match` names. Nothing was changed.",
            Error, """{"name":"precondition_failed","message":"The record is not in the state that If-Match names."}"""),
        new(413, "PayloadTooLarge", "The body is larger than 1 MiB, or, in bulk, is unpacked to more than a body may be.",
            Error, """{"name":"payload_too_large","message":"The body must not be larger than 1 MiB."}"""),
        new(414, "UriTooLong", "The address is longer than 32 KiB.",
            Error, """{"name":"uri_too_long","message":"The address is too long."}"""),
        new(415, "UnsupportedMediaType", "The body's media type or encoding is not one that is read here.",
            Error, """{"name":"unsupported_media_type","message":"The body must be application/json."}"""),
        new(422, "Invalid", "Parameters or attributes are missing or invalid: all of them at once.",
            Invalid, """[{"attribute":"per_page","message":"must be between 1 and 500"}]"""),
        new(429, "TooManyRequests", "The token has used up its rate, or the address has sent too many wrong credentials.",
            Error, """{"name":"too_many_requests","message":"Too Many Requests"}""", "Retry-After"),
        new(431, "HeadersTooLarge", "The headers are larger than 32 KiB, or more than 100.",
            Error, """{"name":"request_header_fields_too_large","message":"The headers are too large."}"""),
        new(500, "InternalError", "Our fault. `trace_id` finds it in the log.", Error,
            """
            {"name":"internal_error","message":"Something went wrong on our side.","trace_id":"0af7651916cd43dd8448eb211c80319c"}
            """),
        new(503, "Unavailable", "The database is away, or the request took too long.",
            Error, """{"name":"unavailable","message":"The database cannot be reached; try again."}""", "Retry-After"),
    }.ToDictionary(a => a.Status);
}

/// <summary>An error.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Name">Its name under <c>components/responses</c>.</param>
/// <param name="Text">When it is given.</param>
/// <param name="Schema">The schema of its body.</param>
/// <param name="Example">A body.</param>
/// <param name="Headers">Its headers.</param>
public sealed record ErrorAnswer(int Status, string Name, string Text, NamedSchema Schema, string Example, params string[] Headers);
