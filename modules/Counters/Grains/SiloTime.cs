namespace Lips.Counters.Grains;

/// <summary>A moment by both clocks of a machine: one of them stops while the machine is suspended, and the other may be set.</summary>
/// <param name="Monotonic">A timestamp.</param>
/// <param name="Wall">The time of day.</param>
internal readonly record struct SiloTime(long Monotonic, DateTimeOffset Wall);
