using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lips.Client;

/// <summary>What to do, and with which interactions: either <c>ids</c> or a <c>filter</c>.</summary>
public sealed record InteractionAction
{
    /// <summary>What is done.</summary>
    public required string Type { get; init; }

    /// <summary>What an update sets: at least one.</summary>
    public InteractionChange? Set { get; init; }

    /// <summary>The interactions.</summary>
    public IReadOnlyList<long>? Ids { get; init; }

    /// <summary>The filters of the list, by their names: <see cref="InteractionFilter.ToJson"/>.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Filter { get; init; }

    /// <summary>With a filter: the <c>previous</c> of a list that it selected, newest first. What arrived since stays as it is.</summary>
    public string? Until { get; init; }
}

/// <summary>What an update sets: at least one. What is null stays as it is.</summary>
public sealed record InteractionChange
{
    /// <summary>Whether they are read.</summary>
    public bool? Read { get; init; }

    /// <summary>Whether they are important.</summary>
    public bool? Important { get; init; }

    /// <summary>The notes.</summary>
    public string? Notes { get; init; }

    /// <summary>Whether the notes are removed; <see cref="Notes"/> is null then.</summary>
    [JsonIgnore]
    public bool RemovesNotes { get; init; }
}

/// <summary>What became of it.</summary>
public sealed record InteractionActionDone
{
    /// <summary>How many interactions were meant.</summary>
    public required long Matched { get; init; }

    /// <summary>Those that really changed.</summary>
    public required IReadOnlyList<long> ChangedIds { get; init; }

    /// <summary>The <c>ids</c> that are not there, or not for this token.</summary>
    public required IReadOnlyList<long> NotFound { get; init; }

    /// <summary>With a filter: whether more are left. Send it again then.</summary>
    public required bool HasMore { get; init; }
}
