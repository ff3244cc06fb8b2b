using Lips.Counters.Cube;
using Lips.Kernel.Database;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Lips.Counters.Grains;

/// <summary>Where an advertiser's checkpoint is kept. Neither side fails, or takes long: without one all cells are read.</summary>
/// <param name="storage">What Orleans keeps.</param>
/// <param name="grain">Whose checkpoint.</param>
/// <param name="log">Where it is said that one could not be used.</param>
internal sealed partial class AdvertiserCheckpoint(IGrainStorage storage, GrainId grain, ILogger<AdvertiserCheckpoint> log)
{
    /// <summary>
    /// The fewest cells that are put away: as many take a quarter of the time then, and at a fifth of them the two come close
    /// (build/decisions/0019-checkpoints.md).
    /// </summary>
    public const int LeastCells = 5_000;

    private const string Name = "checkpoint";

    // The largest are read and written in a tenth of that. A silo that leaves has five seconds for all.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private (string Epoch, long Version) written;

    /// <summary>What was put away; null for nothing that can be read.</summary>
    public async Task<AdvertiserHold.Held?> ReadAsync()
    {
        try
        {
            var state = new GrainState<Checkpoint>();
            await storage.ReadStateAsync(Name, grain, state).WaitAsync(Patience);
            if (!state.RecordExists || state.State is not { } kept)
                return null;
            written = (kept.Epoch, kept.Version);
            return new AdvertiserHold.Held(kept.Epoch, AdvertiserCube.Of(kept.Version, PackedCells.Unpack(kept.Cells)));
        }
        catch (Exception e)
        {
            // A database that is away is spoken of once, and not by each grain.
            if (!LipsDatabase.IsAway(e))
                NotRead(grain, e.Message);
            return null;
        }
    }

    /// <summary>Puts away what is large, and newer than what was.</summary>
    public async Task WriteAsync(AdvertiserHold.Held held, CancellationToken cancellation)
    {
        if (held.Cube.Count < LeastCells || (held.Epoch, held.Cube.Version) == written)
            return;
        try
        {
            // Elsewhere, so that others that leave at the same time, and the silo, wait no longer than for one.
            await Task.Run(StoreAsync, cancellation).WaitAsync(Patience, cancellation);
        }
        catch (Exception e)
        {
            if (!LipsDatabase.IsAway(e))
                NotWritten(grain, e.Message);
        }

        // Of which version the storage's row is does not matter: any is right, and the last one stays.
        Task StoreAsync()
        {
            var kept = new Checkpoint { Epoch = held.Epoch, Version = held.Cube.Version, Cells = PackedCells.Pack(held.Cube.Cells) };
            return storage.WriteStateAsync(Name, grain, new GrainState<Checkpoint>(kept), cancellation);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The checkpoint of {Grain} is not used ({Reason}).")]
    private partial void NotRead(GrainId grain, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The checkpoint of {Grain} was not written ({Reason}).")]
    private partial void NotWritten(GrainId grain, string reason);
}
