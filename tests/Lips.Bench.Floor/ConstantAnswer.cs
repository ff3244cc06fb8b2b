using System.Text;

namespace Lips.Bench.Floor;

/// <summary>Bare Kestrel writing a constant JSON: no routing, no authentication, no database, no log.</summary>
/// <param name="size">The body's size in bytes, 16 at least.</param>
internal sealed class ConstantAnswer(int size)
{
    private readonly byte[] body = Encoding.ASCII.GetBytes("{\"constant\":\"" + new string('x', Math.Max(0, size - 15)) + "\"}");

    /// <summary>Answers one request.</summary>
    public Task HandleAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body).AsTask();
    }
}
