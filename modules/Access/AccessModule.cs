using Lips.Access.Authentication;
using Lips.Access.Contracts;
using Lips.Access.Limits;
using Lips.Access.Tokens;
using Lips.Audit.Contracts;
using Lips.Kernel;
using Lips.Kernel.Database;
using Lips.Kernel.Reference;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
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
        services.AddAuthentication(TokenAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.SchemeName, null);
        services.AddAuthorization(AbilityPolicies.AddTo);
        return services
            .AddSingleton<AbilityPolicies>()
            .AddSingleton<IAuthorizationHandler>(s => s.GetRequiredService<AbilityPolicies>())
            .AddSingleton<IAuthorizationMiddlewareResultHandler>(s => s.GetRequiredService<AbilityPolicies>())
            .AddSingleton(ModuleSchema.Of<AccessContext>(AccessContext.Schema, o => new AccessContext(o)))
            .AddSingleton<IDbContextFactory<AccessContext>, ContextFactory>()
            .AddSingleton<TokenRows>()
            .AddSingleton(s => new TokenNames(s.GetRequiredService<IDbContextFactory<AccessContext>>()))
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

    /// <summary>Reads the module's settings, as its services will.</summary>
    /// <exception cref="SettingException">One of them cannot be used.</exception>
    public static void CheckSettings(IConfiguration settings)
    {
        AdminToken.Read(settings);
        TokenLimits.Read(settings);
        FailedAuthentications.Read(settings);
    }

    /// <summary>The schemas of the module's answers, for the reference.</summary>
    public static IReadOnlyList<NamedSchema> Schemas => TokenReference.Schemas;

    /// <summary>The module's endpoints.</summary>
    public static IReadOnlyList<Type> Endpoints { get; } =
        [typeof(CreateTokenEndpoint), typeof(ListTokensEndpoint), typeof(ShowOwnTokenEndpoint), typeof(RevokeTokenEndpoint),
            typeof(AddSecretEndpoint), typeof(EndSecretEndpoint)];

    /// <summary>Asks every request for its credential. Stands behind routing and before the endpoints.</summary>
    public static IApplicationBuilder UseAccess(this IApplicationBuilder app) => app
        .UseAuthentication()
        .Use((http, next) => http.Features.Get<TokenLimit>()?.Refuses(http.Response) is { } seconds ? http.TooManyRequests(seconds)
            : next(http))
        .UseAuthorization();

    private sealed class ContextFactory(NpgsqlDataSource database) : IDbContextFactory<AccessContext>
    {
        private readonly DbContextOptions<AccessContext> options = ModuleSchema.Options<AccessContext>(AccessContext.Schema, database);

        public AccessContext CreateDbContext() => new(options);
    }
}
