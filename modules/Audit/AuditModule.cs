using Lips.Audit.Contracts;
using Lips.Audit.ListAudit;
using Lips.Kernel.Database;
using Lips.Kernel.Reference;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Lips.Audit;

/// <summary>The Audit module: who changed what and when.</summary>
public static class AuditModule
{
    /// <summary>Adds the module's services.</summary>
    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton(ModuleSchema.Of<AuditContext>(AuditContext.Schema, o => new AuditContext(o)))
        .AddSingleton(s => ModuleSchema.Options<AuditContext>(AuditContext.Schema, s.GetRequiredService<NpgsqlDataSource>()))
        .AddSingleton<ClientAddresses>()
        .AddSingleton<AuditTrail>()
        .AddSingleton(s => new AuditHistory(
            s.GetRequiredService<Connections>(), s.GetRequiredService<DbContextOptions<AuditContext>>()));

    /// <summary>The schemas of the module's answers, for the reference.</summary>
    public static IReadOnlyList<NamedSchema> Schemas { get; } = [ListAuditReference.Entry, ListAuditReference.Page];

    /// <summary>The module's endpoints.</summary>
    public static IReadOnlyList<Type> Endpoints { get; } = [typeof(ListAuditEndpoint)];
}
