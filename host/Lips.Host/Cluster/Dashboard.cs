using Lips.Kernel;
using Orleans.Dashboard;

namespace Lips.Host.Cluster;

/// <summary>
/// Orleans' own dashboard, for operators. The silo gathers what it shows; the application around it serves the pages, as one that is a
/// client of the silo.
/// </summary>
internal static class Dashboard
{
    private const string Path = "/orleans";

    // The page's own scripts, styles, fonts and questions; its charts set styles.
    private const string OwnLoads = "default-src 'self'; img-src 'self' data:; font-src 'self' data:; "
        + "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

    /// <summary>Adds what serves it.</summary>
    public static void AddTo(WebApplicationBuilder application)
    {
        application.Services.AddSingleton(services => services.GetRequiredService<NodeSilo>().Grains);
        // Logs are not shown: they are read where the application writes them.
        new Client(application.Services, application.Configuration).AddDashboard(options => options.HideTrace = true);
    }

    /// <summary>Serves it to those who may do anything.</summary>
    public static void Map(WebApplication application) => application.MapOrleansDashboard(Path).RequireAuthorization(Allow.Admin)
        .AddEndpointFilter((context, next) =>
        {
            context.HttpContext.Response.Headers.ContentSecurityPolicy = OwnLoads;
            return next(context);
        });

    private sealed record Client(IServiceCollection Services, IConfiguration Configuration) : IClientBuilder;
}
