namespace Lips.Counters.Grains;

/// <summary>
/// A large advertiser's cells as a hold had them when it left, which Orleans keeps for the next one: that reads only what is newer.
/// A cache: it is dropped wherever it does not fit (build/decisions/0019-checkpoints.md).
/// </summary>
[GenerateSerializer]
[Alias("lips.counters.checkpoint")]
internal sealed class Checkpoint
{
    /// <summary>The history of the database that the version is of.</summary>
    [Id(0)]
    public string Epoch { get; set; } = "";

    /// <summary>The version that the cells are of.</summary>
    [Id(1)]
    public long Version { get; set; }

    /// <summary>The cells, packed.</summary>
    [Id(2)]
    public byte[] Cells { get; set; } = [];
}
