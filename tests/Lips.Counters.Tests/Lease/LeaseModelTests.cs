using Xunit;

namespace Lips.Counters.Tests.Lease;

public class LeaseModelTests
{
    private const int Seeds = 3_000;

    // By far more than it takes: the rarest violation is found in one of some thousand runs.
    private const int MostSeeds = 60_000;

    public static TheoryData<string> Rules => [.. Enum.GetNames<LeaseRule>()];

    [Fact]
    public async Task With_all_rules_no_read_is_stale()
    {
        var reads = 0;
        await OffTheTestsContext(() =>
        {
            for (var seed = 0; seed < Seeds; seed++)
            {
                var (count, violation) = LeaseModel.Run(seed);
                reads += count;
                Assert.True(violation is null, $"seed {seed}:\n{string.Join('\n', violation ?? [])}");
            }
        });
        Assert.True(reads > 100 * Seeds / 10, $"only {reads} reads");
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Without_any_one_rule_a_read_is_stale(string rule)
    {
        int? found = null;
        await OffTheTestsContext(() =>
        {
            for (var seed = 0; seed < MostSeeds && found is null; seed++)
                found = LeaseModel.Run(seed, Enum.Parse<LeaseRule>(rule)).Violation is null ? null : seed;
        });
        Assert.True(found is not null, $"no stale read in {MostSeeds} runs without {rule}");
    }

    [Fact]
    public async Task One_seed_is_one_run() => await OffTheTestsContext(() =>
        Assert.Equal(LeaseModel.Run(6, LeaseRule.UnderLock).Violation, LeaseModel.Run(6, LeaseRule.UnderLock).Violation));

    // Awaited tasks go on at once, on the thread that ends them, only where no context wants them.
    private static Task OffTheTestsContext(Action run) => Task.Run(run);
}
