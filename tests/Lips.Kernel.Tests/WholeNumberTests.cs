using Xunit;

namespace Lips.Kernel.Tests;

public sealed class WholeNumberTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("95", "95")]
    [InlineData("0095", "95")]
    [InlineData("95.0", "95")]
    [InlineData("95.000", "95")]
    [InlineData("9.5e1", "95")]
    [InlineData("9.5E+1", "95")]
    [InlineData("950e-1", "95")]
    [InlineData("0.095e3", "95")]
    [InlineData("-95.0", "-95")]
    [InlineData("1e3", "1000")]
    [InlineData("12345678901234567890", "12345678901234567890")]
    [InlineData("0e999999999", "0")]
    [InlineData("95.5", null)]
    [InlineData("95.00000000000000000000000000000000001", null)]
    [InlineData("1e-1", null)]
    [InlineData("1e-400", null)]
    [InlineData("1e400", null)]
    [InlineData("1e99999999999", null)]
    [InlineData("", null)]
    [InlineData("-", null)]
    [InlineData("+5", null)]
    [InlineData(" 5", null)]
    [InlineData(".5e1", null)]
    [InlineData("5.", null)]
    [InlineData("5e", null)]
    [InlineData("5e 1", null)]
    [InlineData("5.0.0", null)]
    [InlineData("0x5", null)]
    [InlineData("1,000", null)]
    [InlineData("\u0665", null)]
    public void A_whole_number_is_read_exactly_however_it_is_written(string text, string? digits) =>
        Assert.Equal(digits, WholeNumber.Digits(text, 40));

    [Theory]
    [InlineData("9223372036854775807", true)]
    [InlineData("9223372036854775807.0", true)]
    [InlineData("-9223372036854775808", true)]
    [InlineData("9223372036854775808", false)]
    [InlineData("1e19", false)]
    public void A_long_holds_so_much_and_no_more(string text, bool fits) => Assert.Equal(fits, WholeNumber.TryParse(text, out _));
}
