using System.Diagnostics;

namespace Lips.Kernel;

/// <summary>
/// Serves requests in batches: while one is being served, the next gathers. So an idle node answers at once, and the busier it is, the
/// larger are the batches and the cheaper is each request (group commit).
/// </summary>
/// <typeparam name="T">A request.</typeparam>
/// <param name="most">How many requests a batch has at most.</param>
/// <param name="atOnce">How many batches are being served at the same time at most.</param>
/// <param name="mostWaiting">How many requests wait for their batch at most.</param>
/// <param name="serveAsync">Serves a batch, in the order in which its requests came. Gives those with which the next batch is to begin.
/// Tells requests of its failures, and does not throw.</param>
/// <param name="few">Batches of fewer requests are served one at a time, by all batchers that share this: what waits meanwhile makes them
/// larger. Null for no such rule.</param>
public sealed class Batcher<T>(
    int most, int atOnce, int mostWaiting, Func<List<T>, Task<IReadOnlyList<T>>> serveAsync, FewRequests? few = null)
{
    private readonly Lock guard = new();
    private readonly Queue<(T Request, Activity? Span)> waiting = new();
    private int serving;

    /// <summary>Whether as many wait as may.</summary>
    public bool IsFull => Waiting >= mostWaiting;

    private int Waiting
    {
        get
        {
            lock (guard)
                return waiting.Count;
        }
    }

    /// <summary>Puts a request in the next batch.</summary>
    /// <exception cref="BusyException">Too many wait already.</exception>
    public void Add(T request)
    {
        lock (guard)
        {
            if (IsFull)
                throw new BusyException();
            waiting.Enqueue((request, Activity.Current));
            if (serving == atOnce)
                return;
            serving++;
        }

        _ = ServeAsync();
    }

    private async Task ServeAsync()
    {
        for (IReadOnlyList<T> again = []; ;)
        {
            // Behind all that the node has to do at this moment, so that requests which are about to come join.
            await Task.Yield();
            using var turn = few is null ? null : await few.TurnAsync(Waiting + again.Count);
            var batch = new List<T>(again);
            List<ActivityLink>? spans = null;
            lock (guard)
            {
                while (batch.Count < most && waiting.TryDequeue(out var next))
                {
                    batch.Add(next.Request);
                    if (next.Span is not null)
                        (spans ??= []).Add(new ActivityLink(next.Span.Context));
                }

                if (batch.Count == 0)
                {
                    serving--;
                    return;
                }
            }

            // Not that of the request with which the first batch began.
            Activity.Current = null;
            using var span = LipsMeter.StartBatch(spans);
            again = await serveAsync(batch);
        }
    }
}

/// <summary>The turns of small batches.</summary>
/// <param name="number">Fewer requests than this are a small batch.</param>
public sealed class FewRequests(int number) : IDisposable
{
    private readonly SemaphoreSlim turns = new(1);

    /// <summary>Waits for the turn of a small batch; others need none.</summary>
    /// <returns>To be disposed of when the batch is served; null of one that needs no turn.</returns>
    public async ValueTask<IDisposable?> TurnAsync(int requests)
    {
        if (requests >= number)
            return null;
        await turns.WaitAsync();
        return new Turn(turns);
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose() => turns.Release();
    }
}
