using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;

namespace Lips.Host.Cluster;

/// <summary>
/// All nodes of a cluster have one certificate, and believe no other: it needs no authority, and whoever has its key is a node.
/// </summary>
internal static class NodeTls
{
    public static void Configure(TlsOptions options, X509Certificate2 certificate)
    {
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (shown, _, _) => shown.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span);
        options.OnAuthenticateAsClient = (_, authentication) => authentication.TargetHost = "lips";
    }
}
