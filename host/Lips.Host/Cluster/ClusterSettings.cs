using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lips.Kernel;

namespace Lips.Host.Cluster;

/// <summary>The settings of the node's silo.</summary>
/// <param name="Id">Which cluster it joins; null for that of the database.</param>
/// <param name="Address">Where the other nodes reach it, and where it listens.</param>
/// <param name="Port">Its port there; 0 for the first free one from <see cref="FirstPort"/> on.</param>
/// <param name="ListenPort">Where it listens, when the others reach it through another port; null for the same.</param>
/// <param name="Certificate">What all nodes of the cluster show each other; null for connections without TLS.</param>
/// <param name="HasDashboard">Whether Orleans' dashboard is served.</param>
internal sealed record ClusterSettings(
    string? Id, IPAddress Address, int Port, int? ListenPort, X509Certificate2? Certificate, bool HasDashboard)
{
    /// <summary>The first port that is tried.</summary>
    public const int FirstPort = 11_111;

    /// <summary>The last port that is tried.</summary>
    public const int LastPort = 11_999;

    private const string CertificateName = "Lips:Cluster:Certificate";
    private const string DashboardName = "Lips:Cluster:Dashboard";

    /// <summary>Reads them.</summary>
    /// <exception cref="SettingException">One of them cannot be used.</exception>
    public static ClusterSettings Read(IConfiguration settings) => new(
        settings["Lips:Cluster:Id"] is { Length: > 0 } id ? id : null,
        AddressOf(settings["Lips:Cluster:Address"]),
        settings.Whole("Lips:Cluster:Port", usual: 0, least: 0, most: 65_535),
        settings["Lips:Cluster:ListenPort"] is { Length: > 0 }
            ? settings.Whole("Lips:Cluster:ListenPort", usual: 0, least: 1, most: 65_535)
            : null,
        CertificateOf(settings[CertificateName], settings["Lips:Cluster:CertificatePassword"]),
        settings[DashboardName] is { Length: > 0 } dashboard && (bool.TryParse(dashboard, out var isOn)
            ? isOn
            : throw new SettingException($"The setting {DashboardName} must be true or false.")));

    private static IPAddress AddressOf(string? text)
    {
        if (text is not { Length: > 0 })
            return IPAddress.Loopback;
        try
        {
            // Names are what containers have.
            var address = IPAddress.TryParse(text, out var given) ? given
                : Dns.GetHostAddresses(text == "*" ? Dns.GetHostName() : text, AddressFamily.InterNetwork).OrderBy(IPAddress.IsLoopback)
                    .FirstOrDefault();
            if (address is not null && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
                return address;
        }
        catch (SocketException)
        {
            // Said below.
        }

        throw new SettingException(
            $"The setting Lips:Cluster:Address must be the address or the name at which other nodes reach this one; {text} is neither.");
    }

    private static X509Certificate2? CertificateOf(string? file, string? password)
    {
        if (file is not { Length: > 0 })
            return null;
        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(file, password);
            if (certificate.HasPrivateKey)
                return certificate;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            // Said below. What is wrong may be the password, which is not repeated.
        }

        throw new SettingException(
            $"The setting {CertificateName} must name a PKCS #12 file with a private key, and Lips:Cluster:CertificatePassword its "
            + $"password; {file} cannot be read so.");
    }
}
