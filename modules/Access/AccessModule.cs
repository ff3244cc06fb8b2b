using Lips.Access.Authentication;
using Lips.Access.Limits;
using Lips.Access.Tokens;
using Lips.Audit.Contracts;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lips.Access;

/// <summary>The Access module: tokens, and what a caller may do.</summary>
public static class AccessModule
{
    /// <summary>Adds the module's services.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton(ModuleSchema.Of<AccessContext>(AccessContext.Schema, o => new AccessContext(o)))
            .AddSingleton<IDbContextFactory<AccessContext>, ContextFactory>()
            .AddSingleton<TokenRows>()
            .AddSingleton<TokenLimits>()
            .AddSingleton<FailedAuthentications>()
            .AddSingleton<TokenCache>()
            .AddHostedService<TokenRefresher>()
            .AddSingleton(s => new AdminToken(
                s.GetRequiredService<IConfiguration>(),
                s.GetRequiredService<ILogger<AdminToken>>(),
                s.GetRequiredService<TimeProvider>(),
                s.GetRequiredService<NpgsqlDataSource>(),
                s.GetRequiredService<AuditTrail>()));
    }

    /// <summary>Asks every request for its credential. Stands behind routing and before the endpoints.</summary>
    public static IApplicationBuilder UseAccess(this IApplicationBuilder app) => app.UseMiddleware<AuthenticationMiddleware>();

    /// <summary>Maps the module's endpoints.</summary>
    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        routes.MapEndpoint<CreateTokenEndpoint>();
        routes.MapEndpoint<ListTokensEndpoint>();
        routes.MapEndpoint<RevokeTokenEndpoint>();
        routes.MapEndpoint<AddSecretEndpoint>();
        routes.MapEndpoint<EndSecretEndpoint>();
    }

    private sealed class ContextFactory(NpgsqlDataSource database) : IDbContextFactory<AccessContext>
    {
        private readonly DbContextOptions<AccessContext> options = ModuleSchema.Options<AccessContext>(AccessContext.Schema, database);

        public AccessContext CreateDbContext() => new(options);
    }
}
