using System.Globalization;
using System.Text;

namespace Lips.Host.Tests.Fuzz;

/// <summary>Draws requests: of every route one that is right, and then changed in none, one or some places.</summary>
internal sealed class RequestGenerator(int seed, Callers callers, string host)
{
    /// <summary>The request of this number.</summary>
    public FuzzRequest Next(int number)
    {
        var draw = new Draw(seed, number);
        var mutations = draw.Below(10) switch
        {
            < 2 => 0,
            < 7 => 1,
            < 9 => 2,
            _ => 4,
        };
        if (draw.Below(40) == 0)
            return Impossible(draw, number);
        var plan = Plan(draw);
        for (; mutations > 0; mutations--)
            plan.Mutate(draw);
        return plan.ToRequest(draw, number, host);
    }

    // Nothing but the body may be wrong here, or an administrator would do what it says.
    private FuzzRequest Impossible(Draw draw, int number)
    {
        var body = FuzzBodies.ImpossibleToken(draw);
        return new RequestPlan("POST", "/tokens", null, callers.Admin, body).ToRequest(draw, number, host);
    }

    private RequestPlan Plan(Draw draw)
    {
        string secret;
        switch (draw.Below(20))
        {
            case < 4:
                secret = callers.Secret(draw, "read");
                return draw.Chance(50)
                    ? new RequestPlan(
                        "GET", "/contact_interactions", Query(draw, secret, ["page", "per_page", "sort_by", "sort_dir"], pageSize: true),
                        secret, null)
                    : new RequestPlan(
                        "GET", "/contact_interactions",
                        Query(draw, secret, ["limit", "after", "before", "at", "fields", "sort_by", "sort_dir"], limit: true),
                        secret, null);
            case < 7:
                secret = callers.Secret(draw, "read");
                return new RequestPlan("GET", "/contact_interactions/totals", Query(draw, secret, []), secret, null);
            case 7 when draw.Chance(40):
                secret = callers.Secret(draw, "read");
                return new RequestPlan("GET", "/contact_interactions/totals/stream", Query(draw, secret, []), secret, null);
            case 7 or 8:
                secret = callers.Secret(draw, "read");
                return new RequestPlan(
                    "GET", "/contact_interactions/changes", Query(draw, secret, ["since", "limit"], limit: true), secret, null);
            case 9 or 10:
                return new RequestPlan("GET", "/contact_interactions/" + callers.Id(draw), null, callers.Secret(draw, "read"), null);
            case 11 or 12:
                var update = FuzzBodies.Update(draw);
                return new RequestPlan(
                    draw.Of("PUT", "PATCH"), "/contact_interactions/" + callers.Id(draw), null, callers.Secret(draw, "write"),
                    null)
                { Json = update };
            case 13:
                return new RequestPlan(
                    "DELETE", draw.Of("/contact_interactions/", "/contacts_interactions/") + callers.Id(draw), null,
                    callers.Secret(draw, "write"), null);
            case 14:
                return new RequestPlan(
                    "PUT", draw.Of("/contact_interactions/", "/contacts_interactions/") + callers.Id(draw) + "/unarchive", null,
                    callers.Secret(draw, "write"), null);
            case < 18:
                secret = callers.Secret(draw, "ingest");
                var wrapper = JsonDraft.Of(new { });
                wrapper.Add("contact_interaction", FuzzBodies.Interaction(draw, callers.Advertiser(draw, secret)));
                return new RequestPlan("POST", "/contact_interactions", null, secret, null) { Json = wrapper };
            case 18:
                secret = callers.Secret(draw, "ingest");
                var lines = FuzzBodies.Lines(draw, () => callers.Advertiser(draw, secret));
                return draw.Chance(40)
                    ? new RequestPlan("POST", "/contact_interactions/bulk", null, secret, FuzzBodies.Gzip(draw, lines))
                    {
                        MediaType = "application/x-ndjson",
                        ContentEncoding = "gzip",
                    }
                    : new RequestPlan("POST", "/contact_interactions/bulk", null, secret, lines) { MediaType = "application/x-ndjson" };
            default:
                return Other(draw);
        }
    }

    private RequestPlan Other(Draw draw) => draw.Below(13) switch
    {
        6 or 7 => Read(draw, "/contact_interactions/series", "start_date", "end_date", "interval", "by", "time_zone"),
        8 => Read(draw, "/contact_interactions.csv", "sort_by", "sort_dir", "time_zone", "bom"),
        9 => Read(draw, draw.Of("/advertisers", "/tokens/self"), "limit", "after"),
        10 => new RequestPlan(
            "GET", $"/contact_interactions/{callers.Id(draw)}/history", null, callers.Secret(draw, "read"), null),
        11 or 12 => new RequestPlan("POST", "/contact_interactions/actions", null, callers.Secret(draw, "write"), null)
        {
            Json = FuzzBodies.Action(draw, () => callers.Id(draw)),
        },
        // Tokens are an administrator's business: 403 to all of these.
        0 => new RequestPlan("POST", "/tokens", null, callers.Secret(draw, "write"), null) { Json = FuzzBodies.Token(draw) },
        1 => new RequestPlan("GET", "/tokens", null, callers.Secret(draw, "write"), null),
        2 => new RequestPlan(
            "DELETE", "/tokens/" + draw.Of("1", "2", "3", "x", "99999999999999999999"), null, callers.Secret(draw, "write"), null),
        3 => new RequestPlan("GET", draw.Of("/health/live", "/health/ready"), null, "", null),
        4 => new RequestPlan("GET", draw.Of(
            "/", "/index.html", "/audit", "/contact_interactions/1/2", "/CONTACT_INTERACTIONS", "//contact_interactions",
            "/contact_interactions/", "/contact_interactions%2f1", "/.git/config"), null, callers.Secret(draw, "read"), null),
        _ => new RequestPlan(
            draw.Of("POST", "PUT", "DELETE"), "/contact_interactions/" + draw.Of("totals", "changes", "bulk", "totals/stream"), null,
            callers.Secret(draw, "write"), null)
        { Json = FuzzBodies.Update(draw) },
    };

    private RequestPlan Read(Draw draw, string path, params ReadOnlySpan<string> more)
    {
        var secret = callers.Secret(draw, "read");
        return new RequestPlan("GET", path, Query(draw, secret, more), secret, null);
    }

    private QueryDraft Query(Draw draw, string secret, ReadOnlySpan<string> more, bool pageSize = false, bool limit = false)
    {
        var query = QueryDraft.Of(draw, callers.Advertiser(draw, secret), more);
        // Large pages are drawn too, but rarely: they would take most of the time.
        if (draw.Chance(90) && (pageSize || limit))
            query.Add(pageSize ? "per_page" : "limit", draw.Of("1", "2", "5"));
        return query;
    }
}

/// <summary>A request while it is being made.</summary>
internal sealed class RequestPlan(string method, string path, QueryDraft? query, string secret, byte[]? body)
{
    private readonly List<(string Name, string Value)> extra = [];
    private string authorization = secret.Length == 0 ? "" : "Bearer " + secret;
    private string method = method;
    private string path = path;
    private byte[]? body = body;
    private string? framing;
    private string version = "HTTP/1.1";

    public JsonDraft? Json { get; init; }

    public string MediaType { get; set; } = "application/json";

    public string? ContentEncoding { get; set; }

    public void Mutate(Draw draw)
    {
        // Mostly in what the application reads; a few in what HTTP is made of.
        var what = draw.Below(100);
        if (what < 70 && query is not null)
            query.Mutate(draw);
        else if (what < 65 && Json is not null)
            Json.Mutate(draw);
        else if (what < 72 && (Json is not null || body is not null))
            body = FuzzBodies.Broken(draw, body ?? Json!.ToBytes());
        else if (what < 85)
            Header(draw);
        else if (what < 89)
            authorization = Authorization(draw);
        else if (what < 92)
            method = draw.Of(
                "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "PROPFIND", "X", "A!#$%&'*+-.^_`|~",
                new string('M', 40));
        else if (what < 95)
            path = Path(draw);
        else if (what < 96)
            version = draw.Of("HTTP/1.0", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/1.1 ", "");
        else
            framing = draw.Of(
                "chunked", "chunked", "no length", "broken chunk", "bad chunk size", "cut chunk", "long length", "short length",
                "two lengths", "length and chunked", "negative length", "odd length", "body on GET");
    }

    public FuzzRequest ToRequest(Draw draw, int number, string host)
    {
        var bytes = body ?? Json?.ToBytes() ?? [];
        var headers = new List<(string Name, string Value)>();
        if (!extra.Exists(h => h.Name == "Host"))
            headers.Add(("Host", host));
        if (authorization.Length > 0)
            headers.Add(("Authorization", authorization));
        var ownFrame = extra.Exists(h => h.Name is "Content-Length" or "Transfer-Encoding");
        var broken = ownFrame || extra.Exists(h => h.Name is "Connection" or "Upgrade" or "Expect") || version != "HTTP/1.1"
            || (framing is not null and not "chunked");
        if (body is not null || Json is not null || framing is not null)
        {
            if (!extra.Exists(h => h.Name == "Content-Type"))
                headers.Add(("Content-Type", MediaType));
            if (ContentEncoding is not null)
                headers.Add(("Content-Encoding", ContentEncoding));
            if (!ownFrame)
                bytes = Frame(draw, headers, bytes);
        }

        headers.AddRange(extra);
        // Where the server would wait for more, and in the end answer 408, there is to be an end.
        // The server takes +5 for 5.
        var ending = framing is "long length" or "cut chunk" or "broken chunk" or "bad chunk size" or "odd length"
            ? Ending.HalfClose
            : broken ? Ending.Close : Ending.KeepAlive;
        if (ownFrame)
            ending = Ending.HalfClose;
        return new FuzzRequest(number, method, path + query?.ToString(), headers, bytes)
        {
            Ending = ending,
            IsFrameBroken = broken,
            Version = version,
        };
    }

    private byte[] Frame(Draw draw, List<(string Name, string Value)> headers, byte[] bytes)
    {
        string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
        switch (framing)
        {
            case "chunked":
                headers.Add(("Transfer-Encoding", "chunked"));
                return Chunks(draw, bytes, "0\r\n\r\n");
            case "no length":
                break;
            case "broken chunk":
                headers.Add(("Transfer-Encoding", "chunked"));
                return Chunks(
                    draw, bytes, draw.Of("5\r\nab", "0\r\nX: y\r\n\r\n", "0\r\n" + Hostile.Mark + "\r\n\r\n", "00000000\r\n\r\n"));
            case "bad chunk size":
                headers.Add(("Transfer-Encoding", "chunked"));
                return Hostile.Latin1(draw.Of(
                    "zz\r\na\r\n0\r\n\r\n", "-1\r\na\r\n", "fffffffff\r\na\r\n", "7fffffff\r\na\r\n", "1;x=\"\r\n\"\r\na\r\n0\r\n\r\n",
                    "1 \r\na\r\n0\r\n\r\n", "\r\n\r\n"));
            case "cut chunk":
                headers.Add(("Transfer-Encoding", "chunked"));
                return Chunks(draw, bytes, "ff\r\nabc");
            case "long length":
                headers.Add(("Content-Length", Text(bytes.Length + draw.Of(1, 10, 70_000))));
                break;
            case "short length":
                headers.Add(("Content-Length", Text(bytes.Length / 2)));
                break;
            case "two lengths":
                headers.Add(("Content-Length", Text(bytes.Length)));
                headers.Add(("Content-Length", Text(bytes.Length + draw.Below(2))));
                break;
            case "length and chunked":
                headers.Add(("Content-Length", Text(draw.Of(0, 5, bytes.Length))));
                headers.Add(("Transfer-Encoding", "chunked"));
                return Chunks(draw, bytes, "0\r\n\r\n");
            case "negative length":
                headers.Add(("Content-Length", "-1"));
                break;
            case "odd length":
                headers.Add(("Content-Length", draw.Of("x", "+5", "5,5", "0x5", "\xd9\xa5", "99999999999999999999", "5 5", "")));
                break;
            default:
                headers.Add(("Content-Length", Text(bytes.Length)));
                break;
        }

        return bytes;
    }

    private static byte[] Chunks(Draw draw, byte[] bytes, string end)
    {
        var chunks = new MemoryStream();
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(bytes.Length - at, draw.Of(1, 7, 100, 5_000));
            // Many tiny chunks of a large body test nothing but patience.
            if (bytes.Length > 10_000)
                length = Math.Min(bytes.Length - at, 50_000);
            chunks.Write(Encoding.ASCII.GetBytes(length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
            chunks.Write(bytes, at, length);
            chunks.Write("\r\n"u8);
            at += length;
        }

        chunks.Write(Hostile.Latin1(end));
        return chunks.ToArray();
    }

    private void Header(Draw draw)
    {
        switch (draw.Below(16))
        {
            case 0:
                extra.Add(("Accept", draw.Of(
                    "text/html", "*/*", "application/json;q=0", "text/event-stream", "a", ";", "application/json; charset=\"", "*/json",
                    "application/*;q=2", "text/*, application/json;q=0.001", ",,,", new string('a', 5_000))));
                break;
            case 1:
                extra.Add(("Content-Type", draw.Of(
                    "text/plain", "application/json; charset=utf-16", "application/json;", "APPLICATION/JSON", "application/x-ndjson",
                    "multipart/form-data", "", ";", "application/json, text/plain", "application/jsonx", "\xff")));
                break;
            case 2:
                extra.Add(("Prefer", draw.Of(
                    "handling=strict", "handling=strict", "handling=\"strict\"", "handling=strict;a", "return=minimal, handling=strict",
                    "handling=lenient", "=,;", "handling")));
                break;
            case 3:
                extra.Add(("If-None-Match", draw.Of(
                    "*", "*", "*", "\"x\"", "W/\"00000000000000000000000000000000\"", "W/", "\"", ",", "x, y", "W/\"a\", *",
                    new string('"', 3_000), string.Join(',', Enumerable.Repeat("\"a\"", 500)))));
                break;
            case 4:
                extra.Add(("Idempotency-Key", draw.Of(
                    "k-1", "k-2", "k-3", "", " ", new string('k', 255), new string('k', 256), "\xc3\xa9", "a b", "'; DROP TABLE x; --",
                    "{0}", "k/1")));
                break;
            case 5:
                extra.Add(("x-api-key", draw.Of("", "x", "lipskey_x", "\xc3\xa9", new string('k', 9_000))));
                break;
            case 6:
                extra.Add((draw.Of(
                    "X-Forwarded-For", "X-Forwarded-Host", "X-HTTP-Method-Override", "Cookie", "User-Agent", "Referer", "Range",
                    "If-Modified-Since", "traceparent", "baggage", "tracestate"), Line(draw)));
                break;
            case 7:
                extra.Add(("X-A", "a\r\nX-Injected: " + Hostile.Mark));
                break;
            case 8:
                extra.Add(("X-A", draw.Of("a\0b", "\r", "\n", "\xff", "\xc3\xa9", "a\r\n b", "\x01", "\x7f")));
                break;
            case 9:
                extra.Add((draw.Of("X A", "", "X\0", "\xe9", "X-A:", "(x)", "X\t"), "a"));
                break;
            case 10:
                for (var i = draw.Of(20, 60, 120, 900); i > 0; i--)
                    extra.Add(("X-" + i.ToString(CultureInfo.InvariantCulture), "a"));
                break;
            case 11:
                // One of them: three are more than the server reads before it hangs up without a body (build/decisions/0010-guards.md).
                extra.RemoveAll(header => header.Item1 == "X-Long");
                extra.Add(("X-Long", new string('x', draw.Of(5_000, 33_000, 100_000))));
                break;
            case 12:
                extra.Add(("Host", draw.Of("", "x", "a b", "127.0.0.1:99999", "[::1", "\xff", "x\r\nHost: y")));
                break;
            case 13:
                extra.Add(("Content-Encoding", draw.Of("gzip", "br", "identity", "", "gzip, gzip", "x", "GZIP")));
                break;
            case 14:
                extra.Add(draw.Of(
                    ("Content-Length", "0"), ("Content-Length", "5"), ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "gzip"),
                    ("Transfer-Encoding", "gzip, chunked"), ("Transfer-Encoding", "identity")));
                break;
            default:
                extra.Add(draw.Of(
                    ("Connection", "close"), ("Connection", "Upgrade"), ("Upgrade", "h2c"), ("Expect", "100-continue"), ("Expect", "x"),
                    ("Connection", "authorization"), ("Connection", "keep-alive, x")));
                break;
        }
    }

    private string Authorization(Draw draw)
    {
        if (draw.Chance(20))
            extra.Add(("Authorization", authorization));
        return draw.Below(9) switch
        {
            0 => secret,
            1 => "token " + secret,
            2 => "TOKEN   " + secret,
            3 => "Bearer " + secret + " x",
            4 => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("a:" + secret)),
            5 => "",
            6 => "Bearer " + new string('x', draw.Of(511, 512, 513, 20_000)),
            7 => Line(draw),
            _ => "Bearer " + secret.ToUpperInvariant(),
        };
    }

    private string Path(Draw draw) => draw.Below(9) switch
    {
        0 => path + draw.Of("/", "/x", "%00", "%2e%2e", "/..", "//", ";a=b", "%", "%zz", "%C0%AF", "\xff", " ", "#a"),
        1 => path.ToUpperInvariant(),
        2 => path.Replace("c", "%63", StringComparison.Ordinal),
        3 => "http://x.example" + path,
        4 => draw.Of("*", "", "x", "x:80", "http://", "//x"),
        5 => "/" + QueryDraft.Escaped(draw, Hostile.Text(draw)),
        6 => path + "/" + QueryDraft.Escaped(draw, Hostile.Text(draw)),
        7 => string.Concat(Enumerable.Repeat(path, 50)),
        _ => path.Replace("contact_", "contacts_", StringComparison.Ordinal),
    };

    // A header that a server can read: what is no such line is drawn elsewhere.
    private static string Line(Draw draw) => string.Concat(Hostile.Text(draw).Select(c => c is >= ' ' and < '\x7f' ? c : '?'));
}
