using Lips.Kernel;

namespace Lips.Counters.Contracts;

/// <summary>All of an interaction that a counter depends on. What it counts as is said once, in CellChanges.</summary>
/// <param name="Advertiser">Whose it is.</param>
/// <param name="OccurredAt">When it happened, UTC; its day counts.</param>
/// <param name="Campaign">Its campaign, or none.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Channel">Its channel.</param>
/// <param name="HasWpc">Whether it has a wpc_id, without which the filter by channel drops it.</param>
/// <param name="Read">Whether it was read.</param>
/// <param name="Important">Whether it is important.</param>
/// <param name="Archived">Whether it is archived.</param>
public readonly record struct CountedInteraction(
    GlobalId Advertiser, DateTime OccurredAt, GlobalId? Campaign, EventKind Kind, Channel Channel, bool HasWpc, bool Read, bool Important,
        bool Archived);
