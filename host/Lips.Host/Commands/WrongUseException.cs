namespace Lips.Host.Commands;

/// <summary>A command that cannot be carried out as it was typed. The message is one line for the person who typed it.</summary>
internal sealed class WrongUseException(string message) : Exception(message);
