namespace Lips.Kernel.Repeats;

/// <summary>
/// How long a request that came again waits for its answer. It then goes the ordinary way, which knows how long requests may take, has the words for what fails, and notices when the client leaves.
/// </summary>
public static class RepeatPatience
{
    /// <summary>The time: far more than an answer takes unless something is wrong, and little beside what a client waits for.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(5);

    private static Tuple<long, CancellationToken>? latest;

    /// <summary>Cancels when the time is over, or up to a second later: those of one second share it, since a timer for each costs more than most of them have to do.</summary>
    public static CancellationToken Token
    {
        get
        {
            var second = Environment.TickCount64 / 1_000;
            if (latest is { } held && held.Item1 == second)
                return held.Item2;
            // Its timer holds it, and lets go of it when it is done.
            var token = new CancellationTokenSource(Time + TimeSpan.FromSeconds(1)).Token;
            latest = Tuple.Create(second, token);
            return token;
        }
    }
}
