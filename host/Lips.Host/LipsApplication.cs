using Lips.Access;
using Lips.Counters;
using Lips.Host.Http;
using Lips.Interactions;
using Lips.Kernel;
using Lips.Kernel.Database;

namespace Lips.Host;

/// <summary>Puts the modules together into one web application.</summary>
public static class LipsApplication
{
    /// <summary>The builder with the program's settings; what a caller adds to its configuration comes last.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] settings) => WebApplication.CreateBuilder(new WebApplicationOptions
    {
        Args = settings,
        ApplicationName = typeof(LipsApplication).Assembly.GetName().Name,
        // appsettings.json lies beside the program, wherever it is started from.
        ContentRootPath = AppContext.BaseDirectory,
    });

    /// <summary>Builds the application on a database.</summary>
    public static WebApplication Build(WebApplicationBuilder builder, string connectionString)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            RequestLimits.Apply(kestrel.Limits);
        });
        // The container disposes of what it makes, so the pool is closed with the application.
        builder.Services.AddSingleton(services => LipsDatabase.Open(connectionString, services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<Migrator>();
        builder.Services.AddSingleton<Startup>();
        builder.Services.AddAccess();
        builder.Services.AddCounters(connectionString);
        builder.Services.AddInteractions();
        builder.Services.AddRouting();

        var app = builder.Build();
        app.UseMiddleware<ErrorMiddleware>();
        app.UseRouting();
        app.UseMiddleware<AcceptMiddleware>();
        app.UseMiddleware<ReadinessMiddleware>();
        app.UseAccess();
        app.MapEndpoint<LiveEndpoint>();
        app.MapEndpoint<ReadyEndpoint>();
        app.MapAccess();
        app.MapInteractions();
        return app;
    }
}
