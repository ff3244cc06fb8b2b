using Lips.Access;
using Lips.Counters;
using Lips.Host.Http;
using Lips.Interactions;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.Extensions.Configuration.Memory;

namespace Lips.Host;

/// <summary>Puts the modules together into one web application.</summary>
public static class LipsApplication
{
    /// <summary>The builder with the program's settings; what a caller adds to its configuration comes last.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = settings,
            ApplicationName = typeof(LipsApplication).Assembly.GetName().Name,
            // appsettings.json lies beside the program, wherever it is started from.
            ContentRootPath = AppContext.BaseDirectory,
        });
        // Before all other sources and not in appsettings.json: that comes after the environment's ASPNETCORE_ variables and would hide them.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new("Urls", "http://127.0.0.1:8080")] });
        return builder;
    }

    /// <summary>Builds the application on a database.</summary>
    public static WebApplication Build(WebApplicationBuilder builder, string connectionString)
    {
        var http = HttpSettings.Read(builder.Configuration);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            RequestLimits.Apply(kestrel.Limits, http);
        });
        builder.Services.AddGuards(http);
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
        app.UseGuards(http);
        app.UseRouting();
        app.UseRouteGuards(http);
        app.UseMiddleware<ReadinessMiddleware>();
        app.UseAccess();
        app.UseMiddleware<AcceptMiddleware>();
        app.MapEndpoint<LiveEndpoint>();
        app.MapEndpoint<ReadyEndpoint>();
        app.MapAccess();
        app.MapInteractions();
        return app;
    }
}
