using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Ingest;

/// <summary>The <c>Idempotency-Key</c> header (contract section 7).</summary>
internal static class IdempotencyHeader
{
    public const string Name = "Idempotency-Key";

    private const int MaxLength = 255;

    /// <summary>The header's value; null when there is none, or it is wrong and the errors say so.</summary>
    public static string? Read(HttpRequest request, ValidationErrors errors)
    {
        var values = request.Headers[Name];
        // Blank is as if it were not given (contract section 1).
        if (values.All(string.IsNullOrWhiteSpace))
            return null;
        if (values is [{ Length: > 0 and <= MaxLength } key] && key.All(c => c is >= '!' and <= '~'))
            return key;
        errors.Add(Name, "must be given once, as 1 to 255 visible ASCII characters");
        return null;
    }

    /// <summary>The key of a record: it stands for the record's very bytes.</summary>
    public static IdempotencyKey Of(Caller caller, string key, JsonElement record) =>
        new(caller.TokenId, key, SHA256.HashData(JsonMarshal.GetRawUtf8Value(record)));
}
