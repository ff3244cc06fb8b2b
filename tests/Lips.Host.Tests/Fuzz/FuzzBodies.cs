using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Lips.Host.Tests.Fuzz;

/// <summary>Bodies: right to begin with, then not.</summary>
internal static class FuzzBodies
{
    /// <summary>An interaction with every field of its type. All that tells of a person has the mark in it.</summary>
    public static JsonDraft Interaction(Draw draw, string advertiser)
    {
        var (type, part) = Part(draw);
        var day = new DateTime(2021, 9, 6, 16, 16, 8, DateTimeKind.Utc).AddMinutes(draw.Below(400_000))
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var number = draw.Below(3_000);
        var record = JsonDraft.Of(new
        {
            global_master_advertiser_id = advertiser,
            event_type = draw.Chance(50) ? type : char.ToUpperInvariant(type[0]) + type[1..] + "Event",
            occurred_at = day,
            contact = new
            {
                first_name = Hostile.Mark + "Ann",
                last_name = Hostile.Mark + number,
                email = $"{Hostile.Mark}{number}@x.example",
                phone_numbers = new[] { new { phone_type = "work", phone_number = $"+1989364{number:D4}" } },
            },
        });
        record.Add(type, part);
        foreach (var (name, value) in More(draw, number))
            record.Add(name, JsonDraft.Of(value));
        return record;
    }

    /// <summary>An update.</summary>
    public static JsonDraft Update(Draw draw)
    {
        var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (draw.Chance(60))
            fields["read"] = draw.Chance(50);
        if (draw.Chance(40))
            fields["important"] = draw.Chance(50);
        if (draw.Chance(30))
            fields["notes"] = draw.Chance(70) ? Hostile.Mark + draw.Below(10) : null;
        return JsonDraft.Of(new { contact_interaction = fields });
    }

    /// <summary>An action on some interactions.</summary>
    public static JsonDraft Action(Draw draw, Func<string> id)
    {
        var ids = Enumerable.Range(0, draw.Of(1, 2, 5)).Select(_ => long.TryParse(id(), out var one) ? (object)one : "x").ToArray();
        object action = draw.Chance(70)
            ? new { type = "update", set = new { read = draw.Chance(50) }, ids }
            : draw.Chance(50)
                ? new { type = draw.Of("archive", "unarchive"), ids }
                : new { type = "archive", filter = new { global_master_advertiser_id = "USA_1", read = false }, until = "x" };
        return JsonDraft.Of(new { action });
    }

    /// <summary>A token that cannot be made, whatever else becomes of it.</summary>
    public static byte[] ImpossibleToken(Draw draw)
    {
        var token = Token(draw);
        var fields = token.Member("token");
        for (var i = draw.Below(4); i > 0; i--)
            fields.Mutate(draw);
        fields.Add("expires_at", JsonDraft.Of("1999-01-01T00:00:00Z"));
        return token.ToBytes();
    }

    public static JsonDraft Token(Draw draw) => JsonDraft.Of(new
    {
        token = new
        {
            name = Hostile.Mark,
            advertisers = draw.Of<object>("all", new[] { "USA_1" }),
            abilities = new[] { draw.Of("read", "admin") },
            trusted = true,
            pii = true,
            expires_at = (string?)null,
            api_key = true,
        },
    });

    /// <summary>Lines for bulk.</summary>
    public static byte[] Lines(Draw draw, Func<string> advertiser)
    {
        var body = new MemoryStream();
        if (draw.Chance(5))
            body.Write([0xef, 0xbb, 0xbf]);
        for (var i = draw.Between(1, 5); i > 0; i--)
        {
            var line = Interaction(draw, advertiser());
            if (draw.Chance(30))
            {
                var wrapper = JsonDraft.Of(new { });
                wrapper.Add("contact_interaction", line);
                line = wrapper;
            }

            for (var m = draw.Chance(50) ? draw.Between(1, 3) : 0; m > 0; m--)
                line.Mutate(draw);
            var bytes = line.ToBytes();
            body.Write(draw.Chance(8) ? Broken(draw, bytes) : bytes);
            body.Write(Encoding.Latin1
                .GetBytes(draw.Chance(85) ? "\n" : draw.Of("\r\n", "\n\n", "\r", " \t\n", "\n\r\n", "\xe2\x80\xa8", "\0\n", "")));
        }

        if (draw.Below(250) == 0)
            body.Write(
                [(byte)'"', .. Encoding.ASCII.GetBytes(new string('x', (1 << 20) + draw.Of(-2, -1, 0, 70_000))), (byte)'"', (byte)'\n']);
        return body.ToArray();
    }

    /// <summary>The body as gzip, now and then broken or far larger than it looks.</summary>
    public static byte[] Gzip(Draw draw, byte[] body)
    {
        if (draw.Below(120) == 0)
            body = [.. body, .. Encoding.ASCII.GetBytes(new string(draw.Of(' ', 'x', '['), 8 << 20))];
        else if (draw.Below(120) == 0)
            body = [.. body, .. Encoding.ASCII.GetBytes(new string('\n', 1 << 20))];
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(body);
        var bytes = packed.ToArray();
        switch (draw.Below(8))
        {
            case 0:
                return bytes[..draw.Below(bytes.Length)];
            case 1:
                bytes[draw.Below(bytes.Length)] ^= (byte)(1 << draw.Below(8));
                return bytes;
            case 2:
                return [.. bytes, .. draw.Chance(50) ? bytes : draw.Bytes(10)];
            default:
                return bytes;
        }
    }

    /// <summary>A body that is broken as bytes.</summary>
    public static byte[] Broken(Draw draw, byte[] body)
    {
        switch (draw.Below(11))
        {
            case 0:
                return body[..draw.Below(body.Length + 1)];
            case 1:
                return [.. body, .. draw.Bytes(draw.Between(1, 8))];
            case 2:
                return [.. body, .. body];
            case 3:
                return [0xef, 0xbb, 0xbf, .. body];
            case 4:
                return Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body));
            case 5:
                return draw.Of<byte[]>(
                    [], " "u8.ToArray(), "\0"u8.ToArray(), "null"u8.ToArray(), "\"\""u8.ToArray(), "[]"u8.ToArray(), "{}"u8.ToArray(),
                    "1"u8.ToArray());
            case 6:
                return Hostile.Json(draw);
            case 7 when draw.Chance(40):
                return [.. body, .. Encoding.ASCII.GetBytes(new string(' ', Math.Max(0, (1 << 20) - body.Length) + draw.Of(0, 1, 5_000)))];
            default:
                var changed = (byte[])body.Clone();
                for (var i = draw.Between(1, 3); i > 0 && changed.Length > 0; i--)
                    changed[draw.Below(changed.Length)] = draw.Chance(50)
                        ? (byte)draw.Below(256)
                        : draw.Of<byte>((byte)'"', (byte)'{', (byte)'}', (byte)'[', (byte)',', (byte)':', (byte)'\\', 0, 0xff, 0xed);
                return changed;
        }
    }

    private static (string Type, JsonDraft Part) Part(Draw draw) => draw.Below(6) switch
    {
        0 => ("call", JsonDraft.Of(new
        {
            recording_url = "http://x.example/" + Hostile.Mark,
            duration = draw.Below(500),
            target_number = "+19893640001",
            caller_number = "9893640002",
            dialed_number = "x",
        })),
        1 => ("form", JsonDraft.Of(new
        {
            referring_url = "http://x.example/" + Hostile.Mark,
            full_message = Hostile.Mark,
            message = "m",
            extra_fields = new { a = 1, b = new[] { Hostile.Mark } },
        })),
        2 => ("chat", JsonDraft.Of(new
        {
            lead_type = draw.Of("Sales", "Service", "Other", null),
            provider = "Apex",
            transcript = new[]
            {
                new { id = 1, timestamp = "2021-09-06T16:16:08Z", from = Hostile.Mark, message = Hostile.Mark },
                new { id = 2, timestamp = "2021-09-06T16:16:09Z", from = "b", message = "c" },
            },
        })),
        3 => ("booking", JsonDraft.Of(new { booking_id = draw.Of("b-1", "b-2"), extra_fields = new { service = "x" } })),
        4 => ("lsa", JsonDraft.Of(new { charged = 1, customer_name = Hostile.Mark, lead_type = "MESSAGE", lead_price = 30 })),
        _ => ("fpd", JsonDraft.Of(new { extra_fields = new { amount = 1.5, @event = "purchase" } })),
    };

    private static IEnumerable<(string Name, object Value)> More(Draw draw, int number)
    {
        (string, object)[] all =
        [
            ("global_master_campaign_id", draw.Of("USA_11", "USA_12")), ("campaign_name", "Boats | Boats"),
            ("sub_type", draw.Of("FormPost", "SMSRequest", "Facebook", "x")), ("referrer_type", "PAID"),
            ("referrer_source", "www.x.example"), ("notes", Hostile.Mark + " called"), ("channel",
                draw.Of("search", "display", "social", "chat", "other", "none")), ("page_url", "http://x.example/" + Hostile.Mark),
            ("important", draw.Chance(30)), ("read", draw.Chance(50)), ("tags", new[] { "vip", draw.Of("hot", "x") }),
            ("wpc_id", 4_400_000 + number), ("visitor_id", "v"), ("conversation_id", "a-1"),
            ("created_at", "2021-09-07T00:00:00.000Z"), ("archived_at", "2021-10-07T00:00:00.000Z"), ("contact_external_source", "zapier"),
            ("external_source", "capture"),
        ];
        foreach (var entry in all)
        {
            if (draw.Chance(entry.Item1 == "archived_at" ? 10 : 35))
                yield return entry;
        }

        if (!draw.Chance(40))
            yield break;
        yield return ("external_app_id", "fuzz");
        yield return ("external_id", $"a-{draw.Below(2_000)}");
    }
}
