using Lips.Counters.Contracts;
using Lips.Counters.Cube;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lips.Counters;

/// <summary>The Counters module: versions of advertisers, the order in which writers lock, and the live counters.</summary>
public static class CountersModule
{
    // Two for the validator, one for the watch. Their own: a pool that lists and writers have drained must not hold up the counters.
    private const int ValidatorConnections = 3;

    /// <summary>Adds the module's services.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="connectionString">The database; the module opens connections of its own besides the application's pool.</param>
    public static IServiceCollection AddCounters(this IServiceCollection services, string connectionString) => services
        .AddSingleton(ModuleSchema.Of<CountersContext>(CountersContext.Schema, o => new CountersContext(o)))
        .AddSingleton<AdvertiserWrites>()
        .AddSingleton<CellVerification>()
        .AddSingleton(s => new ValidatorDatabase(LipsDatabase.Open(
            new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = ValidatorConnections }.ConnectionString,
                s.GetRequiredService<ILoggerFactory>())))
        .AddSingleton(s => new CubeStore(BudgetOf(s.GetRequiredService<IConfiguration>())))
        .AddSingleton(s => new VersionWatch(s.GetRequiredService<ValidatorDatabase>().Pool, s.GetRequiredService<ILogger<VersionWatch>>()))
        .AddSingleton(s => new Validator(s.GetRequiredService<ValidatorDatabase>()
            .Pool, s.GetRequiredService<CubeStore>(), PatienceOf(s.GetRequiredService<IConfiguration>())))
        .AddSingleton(s => new LiveCounters(s.GetRequiredService<Validator>(), s.GetRequiredService<VersionWatch>()));

    // Totals are bounded by this alone.
    private static TimeSpan PatienceOf(IConfiguration settings) =>
        settings.RequestTime() is var time && time < Validator.UsualPatience ? time : Validator.UsualPatience;

    private static long BudgetOf(IConfiguration settings)
    {
        const string name = "Lips:Counters:MemoryMb";
        if (settings[name] is not { Length: > 0 } text)
            return 256L << 20;
        return int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var megabytes) && megabytes > 0
            ? (long)megabytes << 20
            : throw new SettingException($"The setting {name} must be a whole number of megabytes, 1 or more.");
    }

    private sealed record ValidatorDatabase(NpgsqlDataSource Pool) : IDisposable
    {
        public void Dispose() => Pool.Dispose();
    }
}
