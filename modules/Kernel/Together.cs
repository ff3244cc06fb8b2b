namespace Lips.Kernel;

/// <summary>
/// Serves those together who ask at the same time: while one group is being served the next gathers. So a node that is idle answers at once, and the busier it
/// is the larger are the groups, and the cheaper is each (group commit, for reads).
/// </summary>
/// <typeparam name="T">Who asks.</typeparam>
/// <param name="most">How many are served together at most.</param>
/// <param name="atOnce">How many groups are being served at the same time at most.</param>
/// <param name="serveAsync">Serves a group, in the order in which its members came. Tells them of its failures, and does not throw.</param>
public sealed class Together<T>(int most, int atOnce, Func<List<T>, Task> serveAsync)
{
    private readonly Lock guard = new();
    private readonly Queue<T> waiting = new();
    private int serving;

    /// <summary>Puts someone in the next group.</summary>
    public void Add(T one)
    {
        lock (guard)
        {
            waiting.Enqueue(one);
            if (serving == atOnce)
                return;
            serving++;
        }

        _ = ServeAsync();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            // Behind all that the node has to do at this moment, so that who is about to ask joins.
            await Task.Yield();
            var group = new List<T>();
            lock (guard)
            {
                while (group.Count < most && waiting.TryDequeue(out var one))
                    group.Add(one);
                if (group.Count == 0)
                {
                    serving--;
                    return;
                }
            }

            await serveAsync(group);
        }
    }
}
