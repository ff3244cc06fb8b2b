using System.Security.Cryptography;

namespace Lips.Demo.Tests;

public class SameEverywhereTests
{
    private const int FirstLines = 1_000;

    [Theory]
    [InlineData("TEST_2", "bfe2b27c7def0e5f143a5d23105ac6d43b364ee7475f24400e6f2e24aeb9d94f")]
    [InlineData("TEST_1", "852796d907e036d2e91a8d4b23e02834ac0416a3cf7463d88d122aaecbad9c50")]
    [InlineData("USA_1", "f0943994300c3dc5df9cd4d32a00905a3baf33c7c1a38bbe16a1eeeee5f0f1d5")]
    public void The_first_lines_are_the_ones_of_every_other_machine(string advertiser, string sha256)
    {
        var bytes = DemoLines.Bytes(advertiser, DemoLines.Count(advertiser));
        var length = DemoLines.Split(bytes).Take(FirstLines).Sum(line => line.Length + 1);
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, length))));
    }

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Two_generations_are_equal_to_the_byte(string advertiser)
    {
        var count = Math.Min(5_000, DemoLines.Count(advertiser));
        Assert.True(DemoLines.Bytes(advertiser, count).AsSpan().SequenceEqual(DemoLines.Bytes(advertiser, count)));
    }

    [Fact]
    public void Advertisers_do_not_share_their_data()
    {
        var one = DemoLines.Of("TEST_1").Take(400).Select(line => line.Email()).OfType<string>();
        var two = DemoLines.Of("TEST_2").Take(400).Select(line => line.Email()).OfType<string>();
        Assert.True(one.Intersect(two, StringComparer.Ordinal).Count() < 5);
    }

    [Fact]
    public void The_generator_gives_the_numbers_of_its_published_algorithm()
    {
        // The reference implementation's output for the seed 1234567.
        var random = new SplitMix64(1234567);
        Assert.Equal(
            [6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL, 4593380528125082431UL, 16408922859458223821UL],
            Enumerable.Range(0, 5).Select(_ => random.Next()));
    }

    [Theory]
    [InlineData("USA")]
    [InlineData("USA_")]
    [InlineData("_1")]
    [InlineData("USA_1_2")]
    [InlineData("USA_x")]
    [InlineData("USA_1234567890")]
    public void An_advertiser_of_another_form_is_refused(string advertiser) =>
        Assert.Throws<ArgumentException>(() => { _ = DemoData.WriteAsync(Stream.Null, advertiser, 1); });

    [Fact]
    public void A_negative_count_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = DemoData.WriteAsync(Stream.Null, "USA_1", -1); });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Small_counts_are_exact(int count) => Assert.Equal(count, DemoLines.Split(DemoLines.Bytes("GBR_7", count)).Count());

    [Fact]
    public async Task The_writer_goes_out_in_small_pieces()
    {
        var stream = new LargestWrite();
        await DemoData.WriteAsync(stream, "TEST_1", 5_000);
        Assert.InRange(stream.Largest, 1, 128 * 1024);
    }

    [Fact]
    public async Task A_cancelled_write_ends()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DemoData.WriteAsync(Stream.Null, "USA_1", 50_000, cancelled.Token));
    }

    private sealed class LargestWrite : MemoryStream
    {
        public int Largest { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Largest = Math.Max(Largest, buffer.Length);
            return ValueTask.CompletedTask;
        }
    }
}
