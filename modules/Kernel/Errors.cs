using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using FastEndpoints;
using Microsoft.AspNetCore.Http;

namespace Lips.Kernel;

/// <summary>The error answers of contract section 3; every error leaves through here.</summary>
public static class Errors
{
    /// <summary>The body is not JSON, or the query string cannot be decoded.</summary>
    public static Task BadRequest(this HttpContext http, string message) =>
        Write(http, StatusCodes.Status400BadRequest, "bad_request", message);

    /// <summary>No valid credential.</summary>
    public static Task Unauthorized(this HttpContext http, string message)
    {
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"lips\"";
        return Write(http, StatusCodes.Status401Unauthorized, "unauthorized", message);
    }

    /// <summary>A valid credential that does not allow this.</summary>
    /// <param name="http">The request.</param>
    /// <param name="reason"><c>ability</c>, <c>advertiser</c>, <c>profile</c> or <c>pii</c>.</param>
    public static Task NotAuthorized(this HttpContext http, string reason) =>
        Write(http, StatusCodes.Status403Forbidden, "not_authorized", "You are not permitted to perform this action.", "reason", reason);

    /// <summary>There is no such thing, or none that the caller may see: the two are not told apart.</summary>
    public static Task NotFound(this HttpContext http, string message) => Write(http, StatusCodes.Status404NotFound, "not_found", message);

    /// <summary>Over a rate.</summary>
    public static Task TooManyRequests(this HttpContext http, int retryAfterSeconds)
    {
        LipsMeter.Refused("rate");
        http.Response.Headers.RetryAfter = retryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Write(http, StatusCodes.Status429TooManyRequests, "too_many_requests", "Too Many Requests");
    }

    /// <summary>The request was given up because it took too long.</summary>
    public static Task TookTooLong(this HttpContext http)
    {
        LipsMeter.Refused("timeout");
        http.Response.Headers.RetryAfter = "1";
        return Write(http, StatusCodes.Status503ServiceUnavailable, "unavailable", "The request took too long; try again.");
    }

    /// <summary>The database is away, or what else the message says.</summary>
    public static Task Unavailable(this HttpContext http, string message = "The database cannot be reached; try again.")
    {
        http.Response.Headers.RetryAfter = "1";
        return Write(http, StatusCodes.Status503ServiceUnavailable, "unavailable", message);
    }

    /// <summary>Parameters or attributes are missing or invalid; all of them at once.</summary>
    public static Task Invalid(this HttpContext http, ValidationErrors errors) =>
        http.AnswerJson(StatusCodes.Status422UnprocessableEntity, json =>
        {
            json.WriteStartArray();
            foreach (var line in errors.Lines)
            {
                json.WriteStartObject();
                json.WriteString("attribute"u8, line.Attribute);
                json.WriteString("message"u8, line.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });

    /// <summary>An answer for a status that has no better words of its own.</summary>
    public static Task Status(this HttpContext http, int status, string? message = null, string? traceId = null)
    {
        var (name, words) = WordsOf(status);
        return Write(http, status, name, message ?? words, "trace_id", traceId);
    }

    /// <summary>The same as bytes, for a request that never became one.</summary>
    public static byte[] Body(int status)
    {
        var (name, words) = WordsOf(status);
        return JsonScratch.Write((name, words), static (json, said) => WriteTo(json, said.name, said.words, null, null));
    }

    private static (string Name, string Words) WordsOf(int status) => status switch
    {
        400 => ("bad_request", "The request cannot be read."),
        404 => ("not_found", "There is nothing at this address."),
        405 => ("method_not_allowed", "This address does not take that method."),
        406 => ("not_acceptable", "The answer can only be given as application/json."),
        408 => ("request_timeout", "The request took too long to arrive."),
        410 => ("gone", "This is no longer here."),
        412 => ("precondition_failed", "The record is not in the state that If-Match names."),
        413 => ("payload_too_large", "The body is too large."),
        414 => ("uri_too_long", "The address is too long."),
        415 => ("unsupported_media_type", "The body's media type or encoding is not one that is read here."),
        431 => ("request_header_fields_too_large", "The headers are too large."),
        500 => ("internal_error", "Something went wrong on our side."),
        503 => ("unavailable", "The service is not ready; try again."),
        _ => ("error", string.Create(CultureInfo.InvariantCulture, $"The request failed with status {status}.")),
    };

    private static Task Write(HttpContext http, int status, string name, string message, string? more = null, string? value = null) =>
        http.AnswerJson(status, json => WriteTo(json, name, message, more, value));

    private static void WriteTo(Utf8JsonWriter json, string name, string message, string? more, string? value)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("message"u8, message);
        if (value is not null)
            json.WriteString(more!, value);
        json.WriteEndObject();
    }
}

/// <summary>Sends JSON that is already bytes.</summary>
public static class JsonAnswer
{
    /// <summary>The <c>Content-Type</c> of every JSON answer.</summary>
    public const string MediaType = "application/json; charset=utf-8";

    // As much as Kestrel keeps of an answer before it waits for the client.
    private const int Piece = 64 * 1024;

    /// <summary>
    /// How every answer is written: compact, and escaped no more than JSON needs. The relaxed encoder leaves <c>+</c> in phone
    /// numbers and letters beyond ASCII as they are; answers are application/json, never part of a page.
    /// </summary>
    public static JsonWriterOptions WriterOptions { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true
    };

    /// <summary>Writes the whole body first, so that a failure on the way never leaves half an answer, and sends it.</summary>
    public static Task AnswerJson(this HttpContext http, int status, Action<Utf8JsonWriter> write) =>
        http.AnswerJson(status, write, static (json, write) => write(json));

    /// <inheritdoc cref="AnswerJson(HttpContext, int, Action{Utf8JsonWriter})"/>
    public static Task AnswerJson<T>(this HttpContext http, int status, T what, Action<Utf8JsonWriter, T> write)
    {
        var scratch = JsonScratch.Take();
        var body = scratch.Compose(what, write);
        Begin(http, status, body.Length);
        // Sent with the headers, when the request ends.
        http.Response.BodyWriter.Write(body);
        scratch.Return();
        return Task.CompletedTask;
    }

    /// <summary>Writes JSON the way that every answer is written.</summary>
    public static void WriteTo(IBufferWriter<byte> body, Action<Utf8JsonWriter> write)
    {
        using var json = new Utf8JsonWriter(body, WriterOptions);
        write(json);
    }

    /// <summary>
    /// Sends the bytes with their length, each piece when the client has taken most of the one before: the server copies what it is given.
    /// </summary>
    public static async Task AnswerJson(this HttpContext http, int status, ReadOnlyMemory<byte> body)
    {
        Begin(http, status, body.Length);
        for (; body.Length > Piece; body = body[Piece..])
            await http.Response.Body.WriteAsync(body[..Piece], http.RequestAborted);
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private static void Begin(HttpContext http, int status, int length)
    {
        // FastEndpoints runs no handler behind a binder that has answered.
        http.MarkResponseStart();
        http.Response.StatusCode = status;
        http.Response.ContentType = MediaType;
        http.Response.ContentLength = length;
    }
}
