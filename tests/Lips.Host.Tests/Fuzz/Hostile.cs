using System.Globalization;
using System.Text;

namespace Lips.Host.Tests.Fuzz;

/// <summary>Values that have broken programs before, as text and as JSON.</summary>
internal static class Hostile
{
    /// <summary>Stands in what is sent to get into a log, and in all that tells of a person: no log line may have it.</summary>
    public const string Mark = "Zq7";

    private static readonly string[] Texts =
    [
        "", " ", "\0", "a\0b", "\t", "'", "\"", "\\", "%", "&", "=", "#", ";", "`", "<", ">", "{}", "[]", "null", "true", "undefined",
        // SQL.
        "'; DROP TABLE contacts; --", "' OR '1'='1", "1 OR 1=1", "1; SELECT pg_sleep(30)", "'||pg_sleep(30)||'", "$1", "$$", "$tag$",
        "E'\\x00'", "\\'; --", "%' --", "_", "{1,2}", "{\"a\"}", "NULL", "::int",
        // Logs and terminals.
        $"x\r\n{Mark}Inject: y", $"\nfail: {Mark}Inject[0]", $"\u001b[31m{Mark}Inject\u001b[0m", $"\u001b]0;{Mark}Inject\u0007",
        $"{{Method}} {{0}} {{{Mark}Inject}}", "{{", "{", "%s%n%x", $"\u2028{Mark}Inject",
        $"\u0085{Mark}Inject", $"\b\b\b{Mark}Inject", "${jndi:ldap://127.0.0.1/a}", "<script>alert(1)</script>", "../../../../etc/passwd",
        "file:///etc/passwd",
        // Letters and digits of elsewhere, pairs, marks, order.
        "\u0663", "\u0661\u0662\u0663", "\u0662\u0660\u0662\u0661-\u0660\u0669-\u0660\u0666", "\uff13", "\U0001d7db", "\u2460",
        "\U0001f4a5", "e\u0301", "\u202etxet", "\ufeff", "\uffff", "\ufdfa", "\u0130", "\u00df", "\u01c5", "\ud800", "\udc00", "x\ud83d",
        "\ude00x", "\udc00\ud800", "a\u0300\u0301\u0302\u0303\u0304\u0305",
        // Numbers.
        "-0", "0", "-1", "1e3", "0x10", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "1e400", "NaN",
        "Infinity", "+1", " 1", "1 ", "1_000", "1,000", "00", "01", "1.0", "99999999999999999999999999",
        // Times.
        "0001-01-01", "9999-12-31", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999-23:59", "0000-00-00", "2021-02-30",
        "2021-13-01", "2016-12-31T23:59:60Z", "2021-09-06T24:00:00Z", "2021-09-06T16:16:08+99:99", "2021-09-06T16:16:08-23:59",
        "0001-01-01T00:00:00+23:59", "10000-01-01", "-2021-09-06", "2021-09-06T16:16:08.99999999999999999999Z", "1899-12-31", "1900-01-01",
        "2999-12-31T23:59:59.999Z", "3000-01-01", "2021-09-06 16:16:08 02:00", "2021-09-06T16:16:08.", "2021-W36-1", "2021-249", "now",
        "infinity", "-infinity", "epoch", "4713-01-01 BC",
        // Ids.
        "USA_0", "USA_999999999999", "USA_1000000000000", "usa_1", "USA_1,USA_1", "USA_1,AUS_2", "USA_1,", ",", "XXX_1", "USA_", "_1",
        "USA_-1", "USA_01", "USA_1 ", "USA_\u0661", "USA__1", "USA_9001", "TEST_9002", "USA_1,USA_9001",
        // Telephone numbers.
        "+1243325", " 19893643647", "x241", "+19893643647 x241", "1 (989) 364-3647 ext. 241", "++++", "(0)", "+44 (0)20 7946 0018",
        "x1x1x1x1x1x1x1x1x1x1x1x1x1", "00000000000000000000000000000000000000000000000000000000000000000",
        // E-mail.
        "@", "a@", "A@B.EXAMPLE", "\"a b\"@x.example", "a@x.example\r\nBcc: b@x.example",
    ];

    private static readonly int[] Lengths = [16, 63, 64, 65, 254, 255, 256, 257, 1_000, 8_192, 8_193, 10_000, 10_001];

    private static readonly string[] Literals =
    [
        "null", "true", "false", "0", "-0", "-0.0", "1", "-1", "1.0", "1.5", "1e2", "1e400", "-1e400", "1e-400", "2147483647",
        "2147483648", "9223372036854775807", "9223372036854775808", "123456789012345678901234567890",
        "0.1000000000000000055511151231257827", "\"\"", "\" \"", "[]", "{}", "[null]", "[[]]", "[{}]", "[1,\"a\",null]", "{\"a\":1}",
        "{\"\":null}", "{\"a\":{\"a\":{\"a\":[]}}}", "{\"a\":1,\"a\":2}", "{\"\\u0000\":1}", "{\"\\ud800\":1}", "\"\\ud800\"",
        "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud83d\\ude00\"", "\"\\u00e9\"", "[\"\\ud800\"]", "[\"\\u0000\"]",
        "[\"\"]", "[[[[[[[[]]]]]]]]",
    ];

    // Not JSON at all; a char is a byte.
    private static readonly string[] Broken =
    [
        "NaN", "Infinity", "-Infinity", "'a'", "a", "01", "+1", ".5", "1.", "1e", "-", "0x10", "tru", "nul", "\"", "\"\\x\"", "\"\\u12\"",
        "\"\\ud8\"", "[1,]", "{\"a\":}", "{\"a\"}", "{a:1}", "{,}", "[,]", "/* */1", "1//\n", "1 2", "]", "}", "\"\xed\xa0\x80\"",
        "\"\xff\"", "\"\xc0\x80\"", "\"\xc3\"", "\"\xf4\x90\x80\x80\"", "\"\n\"", "\"\0\"", "\"\x1b\"", "\xef\xbb\xbf" + "1", "\xfe\xff",
        "\xe2\x80\xa8",
    ];

    /// <summary>A text; it may be no text at all to a strict reader: a lone surrogate, NUL.</summary>
    public static string Text(Draw draw) => draw.Below(12) switch
    {
        0 => new string(draw.Of('x', '0', ' ', '9', '\u00e9', '\u0663'), draw.Pick(Lengths)),
        1 => draw.Pick(Texts) + draw.Pick(Texts),
        2 => string.Concat(Enumerable.Range(0, draw.Between(1, 8)).Select(_ => (char)draw.Below(0x10000))),
        3 => draw.Below(int.MaxValue).ToString(CultureInfo.InvariantCulture),
        _ => draw.Pick(Texts),
    };

    /// <summary>A JSON value, or what is none.</summary>
    public static byte[] Json(Draw draw)
    {
        switch (draw.Below(14))
        {
            case 0:
                return Latin1(draw.Pick(Broken));
            case 1:
                return Deep(draw, draw.Of(2, 20, 27, 28, 29, 30, 31, 32, 33, 64, 1_000, 10_000));
            case 2:
                var element = draw.Of("1", "null", "\"a\"", "{}", "[]", "{\"phone_number\":\"1\"}", "\"9893640001\"", "true");
                return Latin1('[' + string.Join(',', Enumerable.Repeat(element, draw.Of(49, 50, 51, 99, 100, 101, 500))) + ']');
            case 3:
                return Encoding.UTF8.GetBytes(
                    '[' + string.Join(',', Enumerable.Range(0, draw.Between(1, 4)).Select(_ => Quoted(draw, Text(draw)))) + ']');
            case < 8:
                return Latin1(draw.Pick(Literals));
            default:
                return Encoding.UTF8.GetBytes(Quoted(draw, Text(draw)));
        }
    }

    /// <summary>A JSON string. What UTF-8 cannot say is escaped, other characters now and then.</summary>
    public static string Quoted(Draw draw, string text)
    {
        var all = draw.Chance(20);
        var quoted = new StringBuilder("\"");
        for (var i = 0; i < text.Length; i++)
        {
            if (!all && i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                quoted.Append(text[i]).Append(text[++i]);
            else if (all || text[i] < ' ' || text[i] is '"' or '\\' || char.IsSurrogate(text[i]))
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            else
                quoted.Append(text[i]);
        }

        return quoted.Append('"').ToString();
    }

    public static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    private static byte[] Deep(Draw draw, int levels) => draw.Chance(50)
        ? Latin1(new string('[', levels) + new string(']', levels))
        : Latin1(string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels));
}
