using FastEndpoints;
using Lips.Access;
using Lips.Audit;
using Lips.Counters;
using Lips.Host.Cluster;
using Lips.Host.Http;
using Lips.Host.OpenApi;
using Lips.Host.Telemetry;
using Lips.Interactions;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace Lips.Host;

/// <summary>Puts the modules together into one web application.</summary>
public static class LipsApplication
{
    /// <summary>The builder with the program's settings; what a caller adds to its configuration comes last.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] settings)
    {
        // Without what nothing here uses: IIS, QUIC, static files, start-up assemblies.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = settings,
            ApplicationName = typeof(LipsApplication).Assembly.GetName().Name,
            // appsettings.json lies beside the program, wherever it is started from.
            ContentRootPath = AppContext.BaseDirectory,
        });
        // Before all other sources and not in appsettings.json: that comes after the environment's ASPNETCORE_ variables and would hide
        // them.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new("Urls", "http://127.0.0.1:8080")] });
        builder.WebHost.UseKestrelHttpsConfiguration();
        LogLines.AddTo(builder.Logging, builder.Configuration);
        return builder;
    }

    /// <summary>Builds the application on a database.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">How the service connects.</param>
    /// <param name="ownerConnectionString">How to connect for migrations, where that is as another role; null when it is not, or when
    /// others migrate.</param>
    public static WebApplication Build(WebApplicationBuilder builder, string connectionString, string? ownerConnectionString = null)
    {
        var http = HttpSettings.Read(builder.Configuration);
        var cluster = ClusterSettings.Read(builder.Configuration);
        if (http.HealthPort > 0)
            HealthPort.AddTo(builder.Configuration, http.HealthPort);
        var listeners = new Listeners();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            RequestLimits.Apply(kestrel, http, listeners);
        });
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = listeners.Open);
        builder.Services.AddSingleton(listeners);
        Otlp.AddTo(builder);
        builder.Services.AddGuards(http);
        builder.Services.AddSingleton<RejectedRequests>();
        builder.Services.AddSingleton<Bursts>();
        builder.Services.AddSingleton<Refusals>();
        Compression.AddTo(builder.Services);
        // The container disposes of what it makes, so the pool is closed with the application.
        builder.Services.AddSingleton(services => LipsDatabase.Open(connectionString, services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddSingleton(services => new Connections(services.GetRequiredService<NpgsqlDataSource>(), http.Waiting));
        builder.Services.TryAddSingleton(TimeProvider.System);
        AddMigrator(builder.Services, connectionString, ownerConnectionString);
        builder.Services.AddSingleton<SchemaCheck>();
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddSingleton<Startup>();
        builder.Services.AddAudit();
        builder.Services.AddAccess();
        builder.Services.AddCounters(connectionString);
        builder.Services.AddInteractions();
        builder.Services.AddSingleton(ModuleSchema.Of<OrleansContext>(OrleansContext.Schema, o => new OrleansContext(o)));
        builder.Services.AddSingleton(services => new NodeSilo(services, cluster, connectionString));
        // Kestrel is added last and stops first.
        builder.Services.AddHostedService(services => services.GetRequiredService<NodeSilo>());
        if (cluster.HasDashboard)
            Dashboard.AddTo(builder);
        builder.Services.AddSingleton<OpenApiDocument>();
        builder.Services.AddSingleton<Docs>();
        builder.Services.AddRouting();
        builder.Services.AddFastEndpoints([.. Endpoints]);

        var app = builder.Build();
        app.Services.GetRequiredService<RejectedRequests>();
        app.UseGuards(http);
        app.Use(InboxFiles.Read(Path.Combine(AppContext.BaseDirectory, "app"), http.RecordingOrigins).AnswerAsync);
        app.UseResponseCompression();
        app.UseRouting();
        // FastEndpoints tells its own tests all routes there, and everybody else too.
        app.Use((http, next) =>
        {
            if ((http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText == "_test_url_cache_")
                http.SetEndpoint(null);
            return next(http);
        });
        app.UseRouteGuards(http);
        app.UseAccess();
        app.UseMiddleware<AcceptMiddleware>();
        app.MapFastEndpoints(settings => settings.Endpoints.Configurator = EndpointRules.ApplyToAll);
        if (cluster.HasDashboard)
            Dashboard.Map(app);
        return app;
    }

    /// <summary>All endpoints that are served. Nothing is looked for in assemblies.</summary>
    public static IEnumerable<Type> Endpoints =>
    [
        typeof(LiveEndpoint), typeof(ReadyEndpoint), typeof(OpenApiEndpoint), typeof(DocsEndpoint),
        .. AccessModule.Endpoints, .. AuditModule.Endpoints, .. InteractionsModule.Endpoints,
    ];

    private static void AddMigrator(IServiceCollection services, string connectionString, string? ownerConnectionString)
    {
        if (ownerConnectionString is null)
        {
            services.AddSingleton(s => new Migrator(
                s.GetRequiredService<NpgsqlDataSource>(), s.GetServices<ModuleSchema>(), s.GetRequiredService<ILogger<Migrator>>()));
            return;
        }

        // Without a pool, so that no session of the owner's stays open. The container disposes of what it makes under a key, too.
        var unpooled = new NpgsqlConnectionStringBuilder(ownerConnectionString) { Pooling = false }.ConnectionString;
        services.AddKeyedSingleton(nameof(Migrator), (s, _) => LipsDatabase.Open(unpooled, s.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(s => new Migrator(
            s.GetRequiredKeyedService<NpgsqlDataSource>(nameof(Migrator)),
            s.GetServices<ModuleSchema>(),
            s.GetRequiredService<ILogger<Migrator>>(),
            ApplicationRole.Of(connectionString, ownerConnectionString)));
    }
}
