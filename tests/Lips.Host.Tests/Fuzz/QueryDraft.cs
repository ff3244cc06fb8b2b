using System.Globalization;
using System.Text;

namespace Lips.Host.Tests.Fuzz;

/// <summary>A query string: parameters as they stand in it, right to begin with.</summary>
internal sealed class QueryDraft
{
    private static readonly string[] Names =
    [
        "global_master_advertiser_id", "global_master_campaign_id", "start_date", "end_date", "per_page", "page", "sort_by", "sort_dir",
        "event_type", "channel", "call_duration", "max_call_duration", "archived", "booking_id", "external_id", "external_app_id",
        "contact_id", "conversation_id", "tags", "event_params[phone_numbers]", "q", "read", "important", "time_zone", "since", "limit",
    ];

    // Beyond 256 KiB the server refuses by itself, without a body.
    private const int MostCharacters = 200_000;

    private readonly List<(string Name, string Value)> parameters = [];

    /// <summary>A filter with values that are right.</summary>
    public static QueryDraft Of(Draw draw, string advertiser, params ReadOnlySpan<string> more)
    {
        var query = new QueryDraft();
        query.parameters.Add(("global_master_advertiser_id", advertiser));
        for (var i = draw.Below(4); i > 0; i--)
        {
            var name = more.Length > 0 && draw.Chance(40) ? draw.Of(more) : Names[draw.Between(1, Names.Length - 3)];
            query.parameters.Add((name + (draw.Chance(30) ? draw.Of("[]", "%5B%5D") : ""), Right(draw, name)));
        }

        return query;
    }

    public void Add(string name, string value) => parameters.Add((name, value));

    public void Mutate(Draw draw)
    {
        var at = draw.Below(parameters.Count);
        var (name, value) = parameters[at];
        switch (draw.Below(13))
        {
            case 0:
                parameters.RemoveAt(at);
                if (parameters.Count == 0)
                    parameters.Add((draw.Pick(Names), ""));
                break;
            case 1:
                parameters.Add((name, value));
                break;
            case 2:
                parameters.Add((name, Escaped(draw, Hostile.Text(draw))));
                break;
            case 3:
                parameters[at] = (name + draw.Of("[]", "%5B%5D", "[", "[0]", "[][]", "[a]", " ", "%00", "%20"), value);
                break;
            case 4:
                parameters[at] = (draw.Chance(50) ? Escaped(draw, Hostile.Text(draw)) : draw.Pick(Names), value);
                break;
            case 5:
                parameters[at] = (name, value + draw.Of(
                    "%", "%2", "%zz", "%25", "%2525", "%C0%80", "%C0%AF", "%ED%A0%80", "%F4%90%80%80", "%FF", "%E2%82", "%00", "+",
                    "%0D%0AX-Injected:1", "%u0041", "%+1", "%-1"));
                break;
            case 6:
                parameters[at] = (name,
                    string.Join(draw.Of(",", "%2C", ";", "|", ",,"), Enumerable.Repeat(value, draw.Of(2, 3, 99, 100, 101))));
                break;
            case 7:
                for (var i = draw.Of(1, 5, 100, 101, 400); i > 0; i--)
                    parameters.Add((name, value + (draw.Chance(50) ? i.ToString(CultureInfo.InvariantCulture) : "")));
                break;
            case 8:
                parameters.Add((draw.Pick(Names), Right(draw, draw.Pick(Names))));
                break;
            case 9 when draw.Chance(20):
                parameters[at] = (name, new string(draw.Of('a', '1', '%', '+'), draw.Of(2_000, 31_000, 33_000, 60_000)));
                break;
            default:
                parameters[at] = (name, Escaped(draw, Hostile.Text(draw)));
                break;
        }
    }

    public override string ToString()
    {
        var query = "?" + string.Join('&', parameters.Select(p => $"{p.Name}={p.Value}"));
        return query.Length > MostCharacters ? query[..MostCharacters] : query;
    }

    /// <summary>A text as it may stand in a query string: escaped as it must be, or here and there not.</summary>
    public static string Escaped(Draw draw, string text)
    {
        var all = draw.Chance(10);
        var raw = draw.Chance(4);
        var escaped = new StringBuilder();
        foreach (var b in Bytes(text))
        {
            if ((char.IsAsciiLetterOrDigit((char)b) && !all) || (raw && b is not ((byte)'\n' or (byte)'\r' or (byte)' ')))
                escaped.Append((char)b);
            else
                _ = b == ' ' && draw.Chance(30) ? escaped.Append('+') : escaped.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return escaped.ToString();
    }

    // As UTF-8 would be if it had lone surrogates: what a careless program sends.
    private static IEnumerable<byte> Bytes(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (!char.IsSurrogate(c) || (i + 1 < text.Length && char.IsSurrogatePair(c, text[i + 1])))
            {
                var bytes = Encoding.UTF8.GetBytes(char.IsSurrogate(c) ? text.Substring(i++, 2) : c.ToString());
                foreach (var b in bytes)
                    yield return b;
                continue;
            }

            yield return (byte)(0xe0 | (c >> 12));
            yield return (byte)(0x80 | ((c >> 6) & 0x3f));
            yield return (byte)(0x80 | (c & 0x3f));
        }
    }

    private static string Right(Draw draw, string name) => name switch
    {
        "global_master_advertiser_id" => draw.Pick(Callers.Advertisers),
        "global_master_campaign_id" => draw.Of("USA_11", "USA_12", "USA_11,USA_12", "AUS_13"),
        "start_date" =>
            draw.Of("2021-09-01", "2021-09-06T00:00:00Z", "2021-09-06T16:16:08.123+02:00", "2020-01-01", "0001-01-01", "1900-01-01"),
        "end_date" => draw.Of(
            "2021-09-30", "2021-09-06T23:59:59Z", "2022-09-06 16:16:08 02:00", "2999-12-31", "9999-12-31", "9999-12-31T23:59:59.999Z"),
        "per_page" or "limit" => draw.Of("1", "2", "5", "25", "500"),
        "page" => draw.Of("1", "2", "10", "1000", "2147483647"),
        "sort_by" => draw.Of("important", "occurred_at", "IMPORTANT"),
        "sort_dir" => draw.Of("asc", "desc", "DESC"),
        "event_type" => draw.Of("calls", "form", "chat", "chat_sales", "booking", "lsa", "fpd", "sms", "FACEBOOK", "dyipost", "diypost"),
        "channel" => draw.Of("search", "display", "social", "chat", "other", "none"),
        "call_duration" or "max_call_duration" => draw.Of("0", "60", "2147483647"),
        "read" or "important" or "bom" => draw.Of("true", "false", "0"),
        "time_zone" => draw.Of("UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"),
        "interval" => draw.Of("hour", "day", "week", "month"),
        "by" => draw.Of("none", "event_type", "channel"),
        "fields" => "summary",
        "at" => draw.Of("2021-09-06", "2021-09-06T16:16:08Z", "9999-12-31"),
        "archived" => draw.Of("true", "false", "TRUE", "1"),
        "contact_id" => draw.Of("1", "2", "9223372036854775807"),
        "tags" => draw.Of("vip", "hot", "x"),
        "q" => draw.Of("ada", "ada+l", "(989)+364", "0001", "%27%26%7C%21%3A%2A%5C%25", "ab%20%3C-%3E%20cd", "%EF%B7%BA%EF%B7%BA"),
        "event_params[phone_numbers]" => draw.Of("+19893640001", "%2B19893640001", "9893640001", "(989)+364-0001+x241", "+1243325"),
        // The first two are cursors of another history of the database.
        "since" => draw.Of(
            "Y2hhbmdlcyBVU0FfMSB4IDEgMSAx", "Y2hhbmdlcyBBVVNfMiB4IDEgMSAx", "now",
            "eCAxIDEgMQ", "MSAxIDEgMQ", "bm9uZQ", "AAAA", "%2B", new string('A', 300)),
        _ => draw.Of("a-1", "b-1", "x", "1"),
    };
}
