using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Errors;

/// <summary>The bodies of errors, contract section 3.</summary>
internal static class ErrorBody
{
    public static Answer IsError(this Answer answer, int status, string name, string? message = null)
    {
        answer.Is(status);
        Check(answer.Body, answer.ContentHeaders.ContentType?.ToString(), name, message);
        return answer;
    }

    public static RawAnswer IsError(this RawAnswer answer, int status, string name, string? message = null)
    {
        answer.Is(status);
        Check(answer.Body, answer.Header("Content-Type"), name, message);
        return answer;
    }

    private static void Check(string body, string? contentType, string name, string? message)
    {
        Assert.Equal("application/json; charset=utf-8", contentType);
        var json = JsonNode.Parse(body)!.AsObject();
        string[] keys = name == "not_authorized" ? ["name", "message", "reason"] : ["name", "message"];
        Assert.Equal(keys, json.Select(p => p.Key));
        Assert.Equal(name, (string?)json["name"]);
        Assert.False(string.IsNullOrWhiteSpace((string?)json["message"]), body);
        if (message is not null)
            Assert.Equal(message, (string?)json["message"]);
    }
}
