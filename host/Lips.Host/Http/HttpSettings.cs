using System.Net;
using Lips.Kernel;

namespace Lips.Host.Http;

/// <summary>The settings of what stands before the endpoints.</summary>
/// <param name="Connections">How many may be open at once; one more is closed without an answer.</param>
/// <param name="ConnectionsPerAddress">How many of them one address may have (IPv6: one /64) that is none of a proxy's.</param>
/// <param name="Waiting">How many requests may wait for the database: for a connection, and for each kind of work that is done for several
/// together. One more is answered with 503.</param>
/// <param name="HealthPort">The port on which there is health and nothing else; 0 for none.</param>
/// <param name="RequestTime">How long an ordinary request may take.</param>
/// <param name="BulkPause">How long the sender of a bulk body may send nothing.</param>
/// <param name="AnswerPause">How long a client may take nothing of an answer that waits for it.</param>
/// <param name="Proxies">Networks of proxies whose X-Forwarded headers are believed.</param>
/// <param name="Origins">Whose pages may call from a browser.</param>
/// <param name="Drain">How long a node that is told to stop goes on serving, so that it is sent no more.</param>
/// <param name="HstsDays">For how many days browsers shall insist on https; 0 for not saying so.</param>
/// <param name="RecordingOrigins">From where the inbox may play recordings of calls.</param>
internal sealed record HttpSettings(
    int Connections, int ConnectionsPerAddress, int Waiting, int HealthPort, TimeSpan RequestTime, TimeSpan BulkPause, TimeSpan AnswerPause,
    TimeSpan Drain, IReadOnlyList<IPNetwork> Proxies, IReadOnlyList<string> Origins, int HstsDays,
    IReadOnlyList<string> RecordingOrigins)
{
    /// <summary>Reads them.</summary>
    /// <exception cref="SettingException">One of them cannot be used.</exception>
    public static HttpSettings Read(IConfiguration settings) => new(
        settings.Whole("Lips:Limits:Connections", usual: 10_000, least: 1, most: 1_000_000),
        settings.Whole("Lips:Limits:ConnectionsPerAddress", usual: 1_000, least: 1, most: 1_000_000),
        settings.Whole("Lips:Limits:Waiting", usual: Settings.UsualWaiting, least: 1, most: 1_000_000),
        settings.Whole("Lips:HealthPort", usual: 0, least: 0, most: 65_535),
        settings.RequestTime(),
        TimeSpan.FromSeconds(settings.Whole("Lips:Limits:BulkPauseSeconds", usual: 120, least: 1, most: 86_400)),
        TimeSpan.FromSeconds(settings.Whole("Lips:Limits:AnswerPauseSeconds", usual: 15, least: 1, most: 86_400)),
        TimeSpan.FromSeconds(settings.Whole("Lips:Limits:DrainSeconds", usual: 1, least: 0, most: 3_600)),
        [.. settings.List("Lips:Proxies").Select(Proxy)],
        ReadOrigins(settings, "Lips:Cors:Origins"),
        settings.Whole("Lips:HstsDays", usual: 0, least: 0, most: 3_650),
        ReadOrigins(settings, "Lips:Inbox:RecordingOrigins"));

    private static IPNetwork Proxy(string text)
    {
        // "10" is an address for .NET, and a slip for everybody else.
        if (text.AsSpan().ContainsAny('.', ':'))
        {
            if (IPAddress.TryParse(text, out var address))
                return new IPNetwork(address, address.GetAddressBytes().Length * 8);
            if (IPNetwork.TryParse(text, out var network))
                return network;
        }

        throw new SettingException(
            $"The setting Lips:Proxies must list addresses and networks such as 10.1.2.3 or 10.0.0.0/8; {text} is neither.");
    }

    private static IReadOnlyList<string> ReadOrigins(IConfiguration settings, string name) =>
        [.. settings.List(name).Select(text => Origin(name, text))];

    private static string Origin(string name, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
        && text.Equals(uri.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase)
            ? text
            : throw new SettingException(
                $"The setting {name} must list origins such as https://app.example.com, without a path; {text} is none.");
}
