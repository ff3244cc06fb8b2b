namespace Lips.Kernel;

/// <summary>Work that requests wait for in a line with an end.</summary>
public interface IWaitingLine
{
    /// <summary>Whether the next one is refused.</summary>
    bool IsFull { get; }
}

/// <summary>
/// The node has as much to do as it may let wait: answered with 503 at once, so that what was accepted is answered soon
/// (build/decisions/0026-overload.md).
/// </summary>
public sealed class BusyException() : Exception("The service has too much to do at this moment; try again.");
