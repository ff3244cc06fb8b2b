using Lips.Kernel;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Lips.Host.Telemetry;

/// <summary>
/// Metrics and traces to a collector, as the standard's own settings say (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and those beside it). Without
/// that one nothing listens, and nothing is loaded.
/// </summary>
internal static class Otlp
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // Of what each says: build/operations.md.
    private static readonly string[] Meters =
    [
        LipsMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql", "Microsoft.Orleans",
        "System.Runtime",
    ];

    // Of Orleans' three sources the one of calls to grains.
    private static readonly string[] Sources = [LipsMeter.Name, "Npgsql", "Microsoft.Orleans.Application"];

    /// <summary>Whether there is a collector.</summary>
    public static bool IsOn(IConfiguration settings) => settings[Endpoint] is { Length: > 0 };

    /// <summary>Reads its setting.</summary>
    /// <exception cref="SettingException">The address of the collector is none.</exception>
    public static void CheckSettings(IConfiguration settings)
    {
        if (IsOn(settings) && !(Uri.TryCreate(settings[Endpoint], UriKind.Absolute, out var collector)
            && collector.Scheme is "http" or "https"))
            throw new SettingException($"The setting {Endpoint} must be an address such as http://127.0.0.1:4317.");
    }

    /// <summary>Adds it, where there is a collector.</summary>
    /// <exception cref="SettingException">The address of the collector is none.</exception>
    public static void AddTo(WebApplicationBuilder builder)
    {
        if (!IsOn(builder.Configuration))
            return;
        CheckSettings(builder.Configuration);
        Add(builder.Services, NodeName.Read(builder.Configuration));
        // Behind the one of OpenTelemetry, which puts its own first.
        builder.Services.AddHostedService<Zeros>();
    }

    private static void Add(IServiceCollection services, string node) => services.AddOpenTelemetry()
        // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word.
        .ConfigureResource(resource => resource
            .AddService("lips", serviceVersion: typeof(Otlp).Assembly.GetName().Version?.ToString(3), serviceInstanceId: node)
            .AddEnvironmentVariableDetector())
        .WithMetrics(metrics => metrics.AddMeter(Meters).AddOtlpExporter())
        .WithTracing(tracing => tracing
            .AddSource(Sources)
            // Asked every few seconds, by every balancer.
            .AddAspNetCoreInstrumentation(http => http.Filter = context => !context.Request.Path.StartsWithSegments("/health"))
            .AddOtlpExporter());

    private sealed class Zeros : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            LipsMeter.BeginAtZero();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
