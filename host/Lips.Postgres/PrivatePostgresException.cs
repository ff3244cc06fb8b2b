namespace Lips.Postgres;

/// <summary>
/// A failure that an operator can act on. The message is one line: what is wrong, where, and what to do about it.
/// </summary>
public sealed class PrivatePostgresException(string message, Exception? inner = null) : Exception(message, inner);
