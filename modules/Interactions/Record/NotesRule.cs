namespace Lips.Interactions.Record;

/// <summary>The rule for notes (contract section 5).</summary>
internal static class NotesRule
{
    public const int MaxLength = 10_000;
}
