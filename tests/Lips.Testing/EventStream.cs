using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Lips.Testing.Reference;
using Xunit;

namespace Lips.Testing;

/// <summary>An open stream of server-sent events, read as it comes.</summary>
public sealed class EventStream : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly HttpResponseMessage response;
    private readonly CancellationTokenSource stop = new();
    private readonly Channel<string> blocks = Channel.CreateUnbounded<string>();
    private readonly Task reading;

    private EventStream(HttpResponseMessage response)
    {
        this.response = response;
        reading = ReadAsync();
    }

    /// <summary>The answer's headers.</summary>
    public HttpResponseMessage Response => response;

    /// <summary>Asks for a stream and fails unless it begins.</summary>
    public static async Task<EventStream> OpenAsync(HttpClient client, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (response.IsSuccessStatusCode)
            return new EventStream(response);
        throw new InvalidOperationException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>The next block, comments too, as its lines; null at the end of the stream.</summary>
    public async Task<string?> NextBlockAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await blocks.Reader.WaitToReadAsync(patience.Token) ? await blocks.Reader.ReadAsync(patience.Token) : null;
    }

    /// <summary>The next totals.</summary>
    public async Task<JsonNode> NextAsync()
    {
        while (await NextBlockAsync() is { } block)
        {
            if (block.Split('\n').FirstOrDefault(l => l.StartsWith("data: ", StringComparison.Ordinal)) is { } data)
            {
                using var document = JsonDocument.Parse(data["data: ".Length..]);
                Assert.Null(DocumentedAnswers.FaultOfEvent(document.RootElement));
                return JsonNode.Parse(document.RootElement.GetRawText())!;
            }
        }

        throw new InvalidOperationException("The stream has ended.");
    }

    /// <summary>Reads on until there are so many events in the totals.</summary>
    /// <returns>How many times totals came.</returns>
    public async Task<int> UntilAsync(int events)
    {
        for (var count = 1; ; count++)
        {
            if ((int)(await NextAsync())["totals"]!["events"]! == events)
                return count;
        }
    }

    /// <summary>Reads on to the end of the stream.</summary>
    public async Task EndAsync()
    {
        while (await NextBlockAsync() is not null)
        {
        }
    }

    /// <summary>All that has come and was not read yet.</summary>
    public IReadOnlyList<string> Arrived()
    {
        List<string> arrived = [];
        while (blocks.Reader.TryRead(out var block))
            arrived.Add(block);
        return arrived;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        response.Dispose();
        stop.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(stop.Token), Encoding.UTF8);
            var block = new List<string>();
            while (await lines.ReadLineAsync(stop.Token) is { } line)
            {
                if (line.Length > 0)
                {
                    block.Add(line);
                    continue;
                }

                blocks.Writer.TryWrite(string.Join('\n', block));
                block.Clear();
            }

            blocks.Writer.Complete();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            // Cut off, not ended: whoever reads on is told.
            blocks.Writer.Complete(e is OperationCanceledException ? null : e);
        }
    }
}
