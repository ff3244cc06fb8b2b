using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.HttpOverrides;

namespace Lips.Host.Http;

/// <summary>What stands before the endpoints, in ASP.NET Core's own parts: hosts, proxies, https, other sites' pages, and time.</summary>
internal static class Guards
{
    // A page may read of an answer what these say, besides its body.
    private static readonly string[] Exposed = ["ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"];

    private static readonly TimeSpan PreflightIsGood = TimeSpan.FromHours(1);

    public static void AddGuards(this IServiceCollection services, HttpSettings settings)
    {
        // First of the filters: AllowedHosts is looked at by another, which the framework adds, and what it refuses is to be answered as
        // JSON as well.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, ErrorsFirst>());
        services.Configure<HostFilteringOptions>(hosts => hosts.IncludeFailureMessage = false);
        services.Configure<ForwardedHeadersOptions>(forwarded => Trust(forwarded, settings));
        services.AddHsts(hsts => hsts.MaxAge = TimeSpan.FromDays(settings.HstsDays));
        services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = settings.RequestTime,
            // The words are ErrorMiddleware's: here nothing can be written, since the request still counts as aborted.
            TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
        });
        if (settings.Origins.Count == 0)
            return;
        // Without AllowCredentials: who calls says so in a header that the page sets, and there are no cookies.
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. settings.Origins]).AllowAnyHeader().WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
            .WithExposedHeaders(Exposed).SetPreflightMaxAge(PreflightIsGood)));
    }

    /// <summary>Before routing.</summary>
    public static void UseGuards(this WebApplication app, HttpSettings settings)
    {
        if (settings.HealthPort > 0)
            app.UseHealthPort(settings.HealthPort);
        if (settings.Proxies.Count > 0)
            app.UseForwardedHeaders();
        if (settings.HstsDays > 0)
            app.UseHsts();
    }

    /// <summary>Behind routing, before anybody is asked who calls: a browser's preflight has no credential.</summary>
    public static void UseRouteGuards(this WebApplication app, HttpSettings settings)
    {
        if (settings.Origins.Count > 0)
            app.UseCors();
        Refusals.UseFullLines(app);
        app.UseRequestTimeouts();
        app.UseMiddleware<LongBodyMiddleware>(settings);
    }

    private static void Trust(ForwardedHeadersOptions forwarded, HttpSettings settings)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        // However many proxies there are in a row, the first address from the right that is none of theirs is the client's.
        forwarded.ForwardLimit = null;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in settings.Proxies)
            forwarded.KnownIPNetworks.Add(network);
    }

    private sealed class ErrorsFirst : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.UseMiddleware<ErrorMiddleware>();
            next(app);
        };
    }
}
