using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Lips.Bench;

/// <summary>An advertiser of the bench.</summary>
/// <param name="Id">Its id, <c>USA_…</c>.</param>
/// <param name="Count">How many interactions it has.</param>
/// <param name="Days">Over how many days, up to the last of 2025.</param>
/// <param name="Heavy">How many of the interactions come on the last days.</param>
/// <param name="HeavyDays">How many days those are.</param>
internal sealed record BenchAdvertiser(string Id, int Count, int Days, int Heavy = 0, int HeavyDays = 0)
{
    private static readonly DateTime End = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>The id as the database has it.</summary>
    public long Value => 1_000_000_000_000 + long.Parse(Id.AsSpan(4), CultureInfo.InvariantCulture);

    /// <summary>When an interaction comes.</summary>
    /// <param name="number">Its place in the order of time, from 0 to <see cref="Count"/>.</param>
    public DateTime TimeOf(double number)
    {
        var usual = Count - Heavy;
        return number < usual
            ? End.AddDays(-Days + (number * (Days - HeavyDays) / usual))
            : End.AddDays(-HeavyDays + ((number - usual) * HeavyDays / Heavy));
    }
}

/// <summary>The interactions that everything is measured on: invented, the same at each run.</summary>
internal static class Data
{
    // An advertiser has so many campaigns, and a contact about so many interactions.
    private const int Campaigns = 5;
    private const int PerContact = 4;

    private static readonly string[] Types = ["call", "form", "chat", "booking", "lsa", "fpd"];
    private static readonly string[] SubTypes = ["FormPost", "FormEmail", "Facebook", "Promotion"];
    private static readonly string[] Channels = ["\"search\"", "\"display\"", "\"social\"", "\"chat\"", "\"other\"", "null"];

    /// <summary>Writes the advertisers' interactions as NDJSON.</summary>
    /// <param name="writer">Takes the lines; left open.</param>
    /// <param name="advertisers">Whose.</param>
    /// <param name="from">The first of each, counted from 0 in the order of time.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>How many there are, and how many bytes they have.</returns>
    public static async Task<(long Lines, long Bytes)> WriteAsync(
        PipeWriter writer, IEnumerable<BenchAdvertiser> advertisers, int from, CancellationToken cancellation)
    {
        var line = new StringBuilder(1024);
        var (lines, bytes) = (0L, 0L);
        foreach (var advertiser in advertisers)
        {
            var random = new Random(advertiser.Count + from);
            for (var i = from; i < advertiser.Count; i++)
            {
                Compose(line.Clear(), advertiser, i, random);
                foreach (var chunk in line.GetChunks())
                    bytes += Encoding.UTF8.GetBytes(chunk.Span, writer);
                if (++lines % 500 == 0 && (await writer.FlushAsync(cancellation)).IsCompleted)
                    return (lines, bytes);
            }
        }

        await writer.FlushAsync(cancellation);
        return (lines, bytes);
    }

    private static void Compose(StringBuilder line, BenchAdvertiser advertiser, int number, Random random)
    {
        var type = Types[random.Next(Types.Length)];
        var contact = random.Next(Math.Max(1, advertiser.Count / PerContact));
        // Spread evenly and in the order of time, as events come.
        var occurredAt = advertiser.TimeOf(number + random.NextDouble());
        line.Append(
            CultureInfo.InvariantCulture,
            $"{{\"global_master_advertiser_id\":\"{advertiser.Id}\",\"event_type\":\"{type}\","
            + $"\"occurred_at\":\"{occurredAt:yyyy-MM-ddTHH:mm:ss.fffZ}\",");
        if (type == "form")
            line.Append(CultureInfo.InvariantCulture, $"\"sub_type\":\"{SubTypes[random.Next(SubTypes.Length)]}\",");
        line.Append(
            CultureInfo.InvariantCulture,
            $"\"global_master_campaign_id\":\"USA_{random.Next(1, Campaigns + 1)}\",\"campaign_name\":\"Campaign\","
            + $"\"channel\":{Channels[random.Next(Channels.Length)]},");
        line.Append(
            CultureInfo.InvariantCulture,
            $"\"wpc_id\":\"w{random.Next(3)}\",\"visitor_id\":\"v{contact}\",\"referrer_type\":\"PAID\","
            + $"\"referrer_source\":\"Search engine\",");
        line.Append(
            CultureInfo.InvariantCulture,
            $"\"page_url\":\"https://www.shop.example/page/{random.Next(100)}\","
            + $"\"external_app_id\":\"bench\",\"external_id\":\"{number}\",");
        line.Append(random.Next(2) == 0 ? "\"read\":true," : "\"read\":false,")
            .Append(random.Next(20) == 0 ? "\"important\":true," : "\"important\":false,");
        line.Append(
            CultureInfo.InvariantCulture,
            $"\"tags\":[\"lead\"],\"contact\":{{\"first_name\":\"First{contact}\",\"last_name\":\"Last\","
            + $"\"email\":\"c{contact}@mail.example\",");
        line.Append(CultureInfo.InvariantCulture,
            $"\"phone_numbers\":[{{\"phone_type\":\"work\",\"phone_number\":\"+1{2_000_000_000 + contact}\"}}]}},");
        line.Append(PartOf(type, random)).Append("}\n");
    }

    private static string PartOf(string type, Random random) => type switch
    {
        "call" => string.Create(CultureInfo.InvariantCulture,
            $"\"call\":{{\"duration\":{random.Next(600)},\"target_number\":\"+12125550100\",\"caller_number\":\"+12125550101\"}}"),
        "form" => "\"form\":{\"message\":\"Please call me back about the offer.\",\"referring_url\":\"https://search.example/\"}",
        "chat" => "\"chat\":{\"full_message\":\"Hello, are you open on Sunday?\",\"lead_type\":\"Sales\"}",
        "booking" => "\"booking\":{\"booking_id\":\"b1\"}",
        "lsa" => "\"lsa\":{\"charged\":1}",
        _ => "\"fpd\":{\"extra_fields\":{\"colour\":\"red\"}}",
    };
}
