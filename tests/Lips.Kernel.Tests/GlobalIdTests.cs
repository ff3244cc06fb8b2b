using Xunit;

namespace Lips.Kernel.Tests;

public sealed class GlobalIdTests
{
    [Theory]
    [InlineData("USA_1", Platform.Usa, 1, 1_000_000_000_001)]
    [InlineData("CAN_22", Platform.Can, 22, 2_000_000_000_022)]
    [InlineData("AUS_333", Platform.Aus, 333, 3_000_000_000_333)]
    [InlineData("GBR_999999999999", Platform.Gbr, 999_999_999_999, 6_999_999_999_999)]
    [InlineData("TEST_5", Platform.Test, 5, 7_000_000_000_005)]
    public void An_id_is_read_taken_apart_kept_and_written(string text, Platform platform, long number, long value)
    {
        Assert.True(GlobalId.TryParse(text, out var id));
        Assert.Equal((platform, number, value), (id.Platform, id.Number, id.Value));
        Assert.Equal(id, GlobalId.FromValue(value));
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("_1")]
    [InlineData("USA")]
    [InlineData("USA_")]
    [InlineData("USA_0")]
    [InlineData("USA_01")]
    [InlineData("USA_+1")]
    [InlineData("USA_1 ")]
    [InlineData(" USA_1")]
    [InlineData("usa_1")]
    [InlineData("USA-1")]
    [InlineData("USA_1_2")]
    [InlineData("USA_1000000000000")]
    [InlineData("USA_\u0661")]
    [InlineData("NZL_1")]
    public void Anything_else_is_no_id(string? text) => Assert.False(GlobalId.TryParse(text, out _));
}
