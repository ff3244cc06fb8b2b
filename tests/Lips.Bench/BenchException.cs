namespace Lips.Bench;

/// <summary>A run that is void, or cannot begin; the message says why.</summary>
internal sealed class BenchException(string message) : Exception(message);
