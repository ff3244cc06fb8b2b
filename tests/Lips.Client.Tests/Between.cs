namespace Lips.Client.Tests;

/// <summary>Stands between a client and the node; it sees each attempt and may answer in the node's place.</summary>
internal sealed class Between(Func<int, HttpRequestMessage, Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> answer)
    : DelegatingHandler(new SocketsHttpHandler())
{
    private int attempts;

    public int Attempts => Volatile.Read(ref attempts);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        answer(Interlocked.Increment(ref attempts), request, () => base.SendAsync(request, cancellationToken));
}
