namespace Lips.Kernel;

/// <summary>A setting that cannot be used. The message is one line for the person who set it.</summary>
/// <param name="message">Which setting, and what it must be.</param>
public sealed class SettingException(string message) : Exception(message);
