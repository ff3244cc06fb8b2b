using System.Globalization;
using Lips.Kernel;

namespace Lips.Host.Http;

/// <summary>A port on which there is health and nothing else: it answers when clients take all connections of the others.</summary>
internal static class HealthPort
{
    /// <summary>Has the server listen on it, at all addresses, beside what else it listens on.</summary>
    public static void AddTo(IConfiguration settings, int port)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"http://*:{port}");
        // Where Kestrel has endpoints in its own settings, it listens on no others.
        if (settings.GetSection("Kestrel:Endpoints").GetChildren().Any())
            settings["Kestrel:Endpoints:Health:Url"] = address;
        else
            settings["Urls"] += ";" + address;
    }

    /// <summary>Has it serve nothing else.</summary>
    public static void UseHealthPort(this WebApplication app, int port) => app.Use((http, next) =>
        http.Connection.LocalPort == port && !http.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase)
            ? http.Status(StatusCodes.Status404NotFound)
            : next(http));
}
