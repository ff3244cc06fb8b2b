namespace Lips.Counters.Tests.Grains;

/// <summary>Waits for what comes in a moment.</summary>
internal static class Wait
{
    // By far more than anything takes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var since = Environment.TickCount64; !await condition();)
        {
            if (Environment.TickCount64 - since > Patience.TotalMilliseconds)
                throw new TimeoutException("What was waited for did not come.");
            await Task.Delay(5);
        }
    }
}
