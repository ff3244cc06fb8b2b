using System.Globalization;

namespace Lips.Bench;

/// <summary>How much is measured.</summary>
/// <param name="Advertisers">How many there are of the usual size.</param>
/// <param name="PerAdvertiser">Interactions of each.</param>
/// <param name="Big">Interactions of the big one.</param>
/// <param name="Small">Interactions of the small side of the growth rows.</param>
/// <param name="Huge">Interactions of the large side of the growth rows; the last of them come on heavy days.</param>
/// <param name="HeavyDays">How many days of that one have <see cref="PerHeavyDay"/> interactions.</param>
/// <param name="Batch">Interactions of one measurement of ingest.</param>
/// <param name="LongBody">Interactions of the long body whose memory is measured, some 640 bytes each; ten short ones have a tenth
/// each.</param>
/// <param name="DeepPage">The page that is deep; of the heavy days it is the last but some.</param>
/// <param name="Rounds">How often both sides are measured, in turns.</param>
/// <param name="WarmUpSeconds">Of each measurement in a round before those, which does not count.</param>
/// <param name="Seconds">Of one measurement.</param>
/// <param name="Pairs">Requests of each of two kinds in a round of a row that compares their latency.</param>
internal sealed record Size(
    int Advertisers, int PerAdvertiser, int Big, int Small, int Huge, int HeavyDays, int Batch, int LongBody, int DeepPage, int Rounds,
        int WarmUpSeconds, int Seconds, int Pairs)
{
    public const int PerHeavyDay = 18_000;

    // Over how many days everybody's interactions are spread, up to the last of 2025.
    private const int Days = 600;

    public static Size Full { get; } = new(999, 700, 300_000, 10_000, 1_000_000, 14, 50_000, 100_000, 10_000, 5, 3, 2, 200);

    /// <summary>All rows in a minute or two.</summary>
    public static Size Quick { get; } = new(99, 100, 12_000, 1_000, 20_000, 1, 2_000, 10_000, 400, 1, 1, 1, 50);

    /// <summary>Some rows by name: they take little time, so they may take three rounds and more data.</summary>
    public static Size QuickSome { get; } = new(199, 100, 30_000, 1_000, 50_000, 2, 5_000, 20_000, 1_000, 3, 2, 1, 200);

    public static Size Large { get; } = Full with { Huge = 10_000_000, LongBody = 3_100_000 };

    /// <summary>The cells of the largest counters that are loaded.</summary>
    public int MostCells => 80 * Small;

    /// <summary>The rounds of rows that are only reported.</summary>
    public int FewRounds => (Rounds + 1) / 2;

    /// <summary>The rounds of rows whose numbers differ most from round to round.</summary>
    public int MoreRounds => Rounds * 3 / 2;

    public BenchAdvertiser BigOne => new("USA_1000", Big, Days);

    public BenchAdvertiser SmallOne => new("USA_2001", Small, Days);

    public BenchAdvertiser HugeOne => new("USA_2002", Huge, Days, HeavyDays * PerHeavyDay, HeavyDays);

    /// <summary>Between the small and the huge one, for the scaling curves alone.</summary>
    public BenchAdvertiser MediumOne => new("USA_2003", 10 * Small, Days);

    /// <summary>The advertisers of the scaling curves, each about ten times the one before.</summary>
    public IReadOnlyList<BenchAdvertiser> Curve => Huge > 100 * Small
        ? [SmallOne, MediumOne, new("USA_2004", 100 * Small, Days), HugeOne]
        : [SmallOne, MediumOne, HugeOne];

    /// <summary>The advertisers that random requests are for: those of the usual size and the big one.</summary>
    public IEnumerable<BenchAdvertiser> Usual => Enumerable.Range(1, Advertisers)
        .Select(n => new BenchAdvertiser("USA_" + n.ToString(CultureInfo.InvariantCulture), PerAdvertiser, Days)).Append(BigOne);
}
