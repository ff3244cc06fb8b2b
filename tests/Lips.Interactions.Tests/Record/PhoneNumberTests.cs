using Lips.Interactions.Record;
using Lips.Kernel;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Record;

public sealed class PhoneNumberTests
{
    [Theory]
    [InlineData(Platform.Usa, "(989) 364-3647", "+19893643647")]
    [InlineData(Platform.Usa, "989.364.3647", "+19893643647")]
    [InlineData(Platform.Usa, "1 989 364 3647", "+19893643647")]
    [InlineData(Platform.Usa, "+1 (989) 364-3647", "+19893643647")]
    [InlineData(Platform.Usa, " 1 (989) 364-3647", "+19893643647")]
    [InlineData(Platform.Usa, "011 44 20 7946 0000", "+442079460000")]
    [InlineData(Platform.Can, "613-555-0123", "+16135550123")]
    [InlineData(Platform.Test, "613-555-0123", "+16135550123")]
    [InlineData(Platform.Aus, "02 9123 4567", "+61291234567")]
    [InlineData(Platform.Aus, "0412 345 678", "+61412345678")]
    [InlineData(Platform.Aus, "61 412 345 678", "+61412345678")]
    [InlineData(Platform.Aus, "412 345 678", "+61412345678")]
    [InlineData(Platform.Aus, "+61 (0)412 345 678", "+61412345678")]
    [InlineData(Platform.Aus, "1800 123 456", "+611800123456")]
    [InlineData(Platform.Aus, "13 12 34", "+61131234")]
    [InlineData(Platform.Aus, "0011 1 989 364 3647", "+19893643647")]
    [InlineData(Platform.Gbr, "020 7946 0000", "+442079460000")]
    [InlineData(Platform.Gbr, "07700 900123", "+447700900123")]
    [InlineData(Platform.Gbr, "44 20 7946 0000", "+442079460000")]
    [InlineData(Platform.Gbr, "01204 12345", "+44120412345")]
    [InlineData(Platform.Gbr, "00 61 412 345 678", "+61412345678")]
    [InlineData(Platform.Gbr, "+44 (0)20 7946 0000", "+442079460000")]
    [InlineData(Platform.Usa, "+44 20 7946 0000", "+442079460000")]
    [InlineData(Platform.Gbr, "+1 989 364 3647", "+19893643647")]
    [InlineData(Platform.Gbr, " 1 989 364 3647", "+19893643647")]
    [InlineData(Platform.Gbr, "0800 1111", "+448001111")]
    [InlineData(Platform.Usa, "(+44) 20 7946 0000", "+442079460000")]
    [InlineData(Platform.Usa, "+800 1234 5678", "+80012345678")]
    [InlineData(Platform.Usa, " 361 555 0150", "+13615550150")]
    [InlineData(Platform.Usa, "Fax: 2125550150", "+12125550150")]
    [InlineData(Platform.Usa, "212-555-0150 (office)", "+12125550150")]
    public void A_number_that_fits_its_country_is_E164(Platform platform, string text, string expected) =>
        Assert.Equal(new PhoneNumber(expected, ""), PhoneNumber.Parse(text, platform));

    [Theory]
    [InlineData(Platform.Usa, "+1243325", "1243325")]
    [InlineData(Platform.Usa, " 1243325", "1243325")]
    [InlineData(Platform.Usa, "1243325", "1243325")]
    [InlineData(Platform.Usa, "(189) 364-3647", "1893643647")]
    [InlineData(Platform.Usa, "911", "911")]
    [InlineData(Platform.Aus, "989 364 3647", "9893643647")]
    [InlineData(Platform.Gbr, "999", "999")]
    [InlineData(Platform.Usa, "+1234567890123456", "1234567890123456")]
    [InlineData(Platform.Usa, "+0 989 364 3647", "09893643647")]
    [InlineData(Platform.Usa, "1-800-FLOWERS", "1800")]
    [InlineData(Platform.Usa, "+9893643647", "9893643647")]
    [InlineData(Platform.Aus, "1243325", "1243325")]
    [InlineData(Platform.Gbr, "2562533", "2562533")]
    public void A_number_that_fits_no_rule_is_its_digits(Platform platform, string text, string expected) =>
        Assert.Equal(new PhoneNumber(expected, ""), PhoneNumber.Parse(text, platform));

    [Theory]
    [InlineData("+19893643647 x241", "+19893643647", "241")]
    [InlineData("+19893643647x241", "+19893643647", "241")]
    [InlineData("989-364-3647 ext. 241", "+19893643647", "241")]
    [InlineData("989-364-3647 Ext 241", "+19893643647", "241")]
    [InlineData("989-364-3647, extension 241", "+19893643647", "241")]
    [InlineData("989-364-3647 #241", "+19893643647", "241")]
    [InlineData("989-364-3647 X 007", "+19893643647", "007")]
    [InlineData("1243325 x1", "1243325", "1")]
    [InlineData("tel:+1-989-364-3647;ext=241", "+19893643647", "241")]
    [InlineData("tel:+1-989-364-3647;isub=12;ext=241", "+19893643647", "241")]
    [InlineData("tel:364-3647;ext=241;phone-context=+1-989", "+19893643647", "241")]
    [InlineData("TEL:+1(989)364.3647;EXT=241", "+19893643647", "241")]
    [InlineData("+19893643647;ext=241", "+19893643647", "241")]
    [InlineData("9893643647,,241", "+19893643647", "241")]
    [InlineData("9893643647,,,241#", "+19893643647", "241")]
    [InlineData("9893643647;241", "+19893643647", "241")]
    [InlineData("989-364-3647 ext. 241 (office)", "+19893643647", "241")]
    [InlineData("\uFF19\uFF18\uFF19-364-3647 \uFF58\uFF12\uFF14\uFF11", "+19893643647", "241")]
    [InlineData("tel:1243325;ext=1", "1243325", "1")]
    public void An_extension_is_kept_beside_the_number(string text, string number, string extension)
    {
        var parsed = PhoneNumber.Parse(text, Platform.Usa);

        Assert.Equal(new PhoneNumber(number, extension), parsed);
        Assert.Equal($"{number} x{extension}", parsed.ToString());
        Assert.Equal(parsed, PhoneNumber.Parse(parsed.ToString()!, Platform.Usa));
    }

    [Theory]
    [Each("\u0669\u0668\u0669\u0663\u0666\u0664\u0663\u0666\u0664\u0667",
        "\u06F9\u06F8\u06F9 \u06F3\u06F6\u06F4 \u06F3\u06F6\u06F4\u06F7",
        "+\u0967 \u096F\u096E\u096F-\u0969\u096C\u096A-\u0969\u096C\u096A\u096D",
        "\uFF0B\uFF11\uFF08\uFF19\uFF18\uFF19\uFF09\uFF13\uFF16\uFF14\uFF0D\uFF13\uFF16\uFF14\uFF17",
        "\uD835\uDFD7\uD835\uDFD6\uD835\uDFD7 364 3647", "\u202A+1 989\u2011364\u20113647\u202C")]
    public void Digits_of_every_script_are_digits(string text) =>
        Assert.Equal(new PhoneNumber("+19893643647", ""), PhoneNumber.Parse(text, Platform.Usa));

    [Theory]
    [Each("0000000000", "+1 000 000 0000", "(999) 999-9999", "+15555555555", "11111111111", "+61 000 000 000", "+266696687", "266696687",
        "+7378742833", "+17378742833", "+86282452253", "+2562533", "+8656696", "555-015", "1", "1-800-FLOWERS", "1-212-555-CALL",
        "0800 1001 HELP")]
    public void A_number_that_identifies_nobody_is_kept(string text)
    {
        foreach (var platform in Enum.GetValues<Platform>())
        {
            Assert.NotNull(PhoneNumber.Parse(text, platform, out var identifies));
            Assert.False(identifies, $"{text} identifies somebody in {platform}.");
        }
    }

    [Theory]
    [Each("+19893643647", "+1243325", "555-0150", "Phone: 212-555-0150 (office)", "212-555-0150 ext 1111111", "+448001111")]
    public void Others_identify_somebody(string text)
    {
        Assert.NotNull(PhoneNumber.Parse(text, Platform.Usa, out var identifies));
        Assert.True(identifies);
    }

    [Theory]
    [Each("", " ", "+", "unknown", "x241", "\u2460\u00BD")]
    public void Without_a_digit_there_is_no_number(string text) => Assert.Null(PhoneNumber.Parse(text, Platform.Usa));

    [Theory]
    [InlineData(Platform.Usa)]
    [InlineData(Platform.Can)]
    [InlineData(Platform.Aus)]
    [InlineData(Platform.Gbr)]
    [InlineData(Platform.Test)]
    public void An_E164_number_is_read_as_itself_everywhere(Platform platform)
    {
        var random = new Random(1);
        const string alphabet = "0123456789012345678901234567890123456789+ ()-.x#";
        for (var n = 0; n < 20_000; n++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 18)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            // Not so, where a foreign number was broken: its digits alone may be a good number at home.
            if (PhoneNumber.Parse(text, platform) is { } number && number.Number[0] == '+')
                Assert.Equal((text, number), (text, PhoneNumber.Parse(number.ToString(), platform)!.Value));
        }
    }
}
