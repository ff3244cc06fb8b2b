using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Lips.Host.Tests.Processes;

/// <summary>A bulk body of two lines, the second of which is sent when the test says so.</summary>
internal sealed class SlowBody : HttpContent
{
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource rest = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SlowBody() => Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");

    /// <summary>Ends when the node reads the body: it is sent with <c>Expect: 100-continue</c>.</summary>
    public Task Begun => begun.Task;

    public void SendRest() => rest.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await WriteAsync(stream, 1);
        begun.TrySetResult();
        await rest.Task;
        await WriteAsync(stream, 2);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private static async Task WriteAsync(Stream stream, int number)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(Records.New($"slow-{number}")) + "\n"));
        await stream.FlushAsync();
    }
}
