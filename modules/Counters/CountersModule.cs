using Lips.Counters.Contracts;
using Lips.Kernel.Database;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Lips.Counters;

/// <summary>The Counters module: versions of advertisers and the order in which writers lock.</summary>
public static class CountersModule
{
    /// <summary>Adds the module's services.</summary>
    public static IServiceCollection AddCounters(this IServiceCollection services) => services
        .AddSingleton(s => ModuleSchema.Of<CountersContext>(CountersContext.Schema, s.GetRequiredService<NpgsqlDataSource>(), o => new CountersContext(o)))
        .AddSingleton<AdvertiserWrites>();
}
