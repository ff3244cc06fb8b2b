using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Lips.Bench;

/// <summary>An advertiser of the bench.</summary>
/// <param name="Id">Its id, <c>USA_…</c>.</param>
/// <param name="Count">How many interactions it has.</param>
/// <param name="Days">Over how many days, up to the last of 2025.</param>
internal sealed record BenchAdvertiser(string Id, int Count, int Days);

/// <summary>The interactions that everything is measured on: invented, the same at each run, brought in through the bulk endpoint.</summary>
internal static class Data
{
    // An advertiser has so many campaigns, and a contact about so many interactions.
    private const int Campaigns = 5;
    private const int PerContact = 4;

    private static readonly string[] Types = ["call", "form", "chat", "booking", "lsa", "fpd"];
    private static readonly string[] SubTypes = ["FormPost", "FormEmail", "Facebook", "Promotion"];
    private static readonly string[] Channels = ["\"search\"", "\"display\"", "\"social\"", "\"chat\"", "\"other\"", "null"];

    /// <summary>Brings the interactions in.</summary>
    public static async Task LoadAsync(HttpClient client, string token, IEnumerable<BenchAdvertiser> advertisers, CancellationToken cancellation)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 8 << 20, resumeWriterThreshold: 4 << 20));
        var writing = Task.Run(() => WriteAsync(pipe.Writer, advertisers, cancellation), cancellation);
        using var content = new StreamContent(pipe.Reader.AsStream(), 1 << 16);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/contact_interactions/bulk", UriKind.Relative)) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", "token " + token);
        using var answer = await client.SendAsync(request, cancellation);
        var body = await answer.Content.ReadAsStringAsync(cancellation);
        var expected = await writing;
        if (answer.StatusCode != HttpStatusCode.OK || JsonDocument.Parse(body).RootElement.GetProperty("created").GetInt64() != expected)
            throw new BenchException($"Loading was answered with {(int)answer.StatusCode}: {body}");
    }

    private static async Task<long> WriteAsync(PipeWriter writer, IEnumerable<BenchAdvertiser> advertisers, CancellationToken cancellation)
    {
        var line = new StringBuilder(1024);
        var written = 0L;
        foreach (var advertiser in advertisers)
        {
            var random = new Random(advertiser.Count);
            for (var i = 0; i < advertiser.Count; i++)
            {
                Compose(line.Clear(), advertiser, i, random);
                foreach (var chunk in line.GetChunks())
                    Encoding.UTF8.GetBytes(chunk.Span, writer);
                if (++written % 500 == 0)
                    await writer.FlushAsync(cancellation);
            }
        }

        await writer.CompleteAsync();
        return written;
    }

    private static void Compose(StringBuilder line, BenchAdvertiser advertiser, int number, Random random)
    {
        var type = Types[random.Next(Types.Length)];
        var contact = random.Next(Math.Max(1, advertiser.Count / PerContact));
        // Spread evenly and in the order of time, as events come.
        var occurredAt = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(-advertiser.Days)
            .AddMilliseconds((number + random.NextDouble()) * advertiser.Days * TimeSpan.MillisecondsPerDay / advertiser.Count);
        line.Append(CultureInfo.InvariantCulture, $"{{\"global_master_advertiser_id\":\"{advertiser.Id}\",\"event_type\":\"{type}\",\"occurred_at\":\"{occurredAt:yyyy-MM-ddTHH:mm:ss.fffZ}\",");
        if (type == "form")
            line.Append(CultureInfo.InvariantCulture, $"\"sub_type\":\"{SubTypes[random.Next(SubTypes.Length)]}\",");
        line.Append(CultureInfo.InvariantCulture, $"\"global_master_campaign_id\":\"USA_{random.Next(1, Campaigns + 1)}\",\"campaign_name\":\"Campaign\",\"channel\":{Channels[random.Next(Channels.Length)]},");
        line.Append(CultureInfo.InvariantCulture, $"\"wpc_id\":\"w{random.Next(3)}\",\"visitor_id\":\"v{contact}\",\"referrer_type\":\"PAID\",\"referrer_source\":\"Search engine\",");
        line.Append(CultureInfo.InvariantCulture, $"\"page_url\":\"https://www.shop.example/page/{random.Next(100)}\",\"external_app_id\":\"bench\",\"external_id\":\"{number}\",");
        line.Append(random.Next(2) == 0 ? "\"read\":true," : "\"read\":false,").Append(random.Next(20) == 0 ? "\"important\":true," : "\"important\":false,");
        line.Append(CultureInfo.InvariantCulture, $"\"tags\":[\"lead\"],\"contact\":{{\"first_name\":\"First{contact}\",\"last_name\":\"Last\",\"email\":\"c{contact}@mail.example\",");
        line.Append(CultureInfo.InvariantCulture, $"\"phone_numbers\":[{{\"phone_type\":\"work\",\"phone_number\":\"+1{2_000_000_000 + contact}\"}}]}},");
        line.Append(PartOf(type, random)).Append("}\n");
    }

    private static string PartOf(string type, Random random) => type switch
    {
        "call" => string.Create(CultureInfo.InvariantCulture, $"\"call\":{{\"duration\":{random.Next(600)},\"target_number\":\"+12125550100\",\"caller_number\":\"+12125550101\"}}"),
        "form" => "\"form\":{\"message\":\"Please call me back about the offer.\",\"referring_url\":\"https://search.example/\"}",
        "chat" => "\"chat\":{\"full_message\":\"Hello, are you open on Sunday?\",\"lead_type\":\"Sales\"}",
        "booking" => "\"booking\":{\"booking_id\":\"b1\"}",
        "lsa" => "\"lsa\":{\"charged\":1}",
        _ => "\"fpd\":{\"extra_fields\":{\"colour\":\"red\"}}",
    };
}
