namespace Lips.Kernel.Repeats;

/// <summary>
/// A request that was read, checked and answered, and is ready to be answered again when the same bytes come again. It keeps what the words of the request mean, and nothing of
/// an answer: each one is made anew.
/// </summary>
public interface IRepeatable
{
    /// <summary>Answers it, with what is true at a moment after this call: now or later, on this thread or another. Throws nothing.</summary>
    /// <param name="answer">Takes one answer, or is left with none.</param>
    void Answer(RepeatedAnswer answer);
}

/// <summary>Tells for each request of a caller whether it is still let in.</summary>
public interface ICredential
{
    /// <summary>Lets one request in, of which an answer comes soon; false when that cannot be told without asking, or is so no more.</summary>
    bool LetsIn();
}
