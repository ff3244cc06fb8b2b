using Lips.Counters.Contracts;
using Lips.Counters.Grains;
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
    // One for the looks. Their own: a pool that lists and writers have drained must not hold up the counters.
    private const int Connections = 5;

    // Where nothing else is said of how long a request may take.
    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(30);

    /// <summary>Adds the module's services.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="connectionString">The database; the module opens connections of its own besides the application's pool.</param>
    public static IServiceCollection AddCounters(this IServiceCollection services, string connectionString) => services
        .AddSingleton(ModuleSchema.Of<CountersContext>(CountersContext.Schema, o => new CountersContext(o)))
        .AddSingleton(s => new CountersDatabase(LipsDatabase.Open(
            new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = Connections }.ConnectionString,
                s.GetRequiredService<ILoggerFactory>(), "counters")))
        .AddSingleton(s => new HolderTables(s.GetRequiredService<CountersDatabase>().Pool, $"{Guid.NewGuid():N} {LipsDatabase.Node}"))
        .AddSingleton<CountersSilo>()
        .AddSingleton(s => new SiloHolds(
            s.GetRequiredService<HolderTables>(), s.GetRequiredService<CountersSilo>(), s.GetRequiredService<TimeProvider>(),
            BudgetOf(s.GetRequiredService<IConfiguration>()), s.GetRequiredService<ILogger<SiloHolds>>(),
            s.GetRequiredService<LeaseRules>()))
        .AddSingleton<LeaseRules>()
        .AddSingleton<HolderCalls>()
        .AddSingleton<TotalsWatch>()
        .AddSingleton(s => new AdvertiserWrites(s.GetRequiredService<Connections>(), s.GetRequiredService<HolderCalls>()))
        .AddSingleton<CellVerification>()
        .AddSingleton(s => new LiveCounters(
            s.GetRequiredService<SiloHolds>(), s.GetRequiredService<CountersSilo>(), s.GetRequiredService<TotalsWatch>(),
            PatienceOf(s.GetRequiredService<IConfiguration>())));

    /// <summary>Gives the silo what its grains share with the application around it.</summary>
    /// <param name="silo">The silo's services.</param>
    /// <param name="application">The application's.</param>
    public static IServiceCollection AddGrains(this IServiceCollection silo, IServiceProvider application) =>
        silo.AddSingleton(application.GetRequiredService<SiloHolds>());

    /// <summary>Counters are served from now on: the silo has joined.</summary>
    /// <param name="application">The application's services.</param>
    /// <param name="silo">The silo's.</param>
    /// <returns>Gives back all that is held, before the silo leaves, so that no writer elsewhere waits for it; whether the database took it
    /// back.</returns>
    public static Func<Task<bool>> Connect(IServiceProvider application, IServiceProvider silo)
    {
        var (grains, holds) = (application.GetRequiredService<CountersSilo>(), application.GetRequiredService<SiloHolds>());
        grains.Join(silo.GetRequiredService<IGrainFactory>());
        holds.Observe();
        return () =>
        {
            grains.Part();
            return holds.LeaveAllAsync();
        };
    }

    /// <summary>What the holds of this process name its silo. No other one ever has the same name, nor does the next start.</summary>
    /// <param name="application">The application's services.</param>
    public static string SiloName(IServiceProvider application) => application.GetRequiredService<HolderTables>().Silo;

    /// <summary>Takes away what silos hold that are dead; ends after the lease that they may still have.</summary>
    /// <param name="application">The application's services.</param>
    /// <param name="silos">Their names.</param>
    /// <param name="cancellation">Cancels; writers do what is left.</param>
    /// <exception cref="NpgsqlException">The database did not answer; it has to be done again.</exception>
    public static Task EndHoldsAsync(IServiceProvider application, string[] silos, CancellationToken cancellation) =>
        application.GetRequiredService<HolderCalls>().RevokeAsync(silos, cancellation);

    /// <summary>Reads the module's settings, as its services will.</summary>
    /// <exception cref="SettingException">One of them cannot be used.</exception>
    public static void CheckSettings(IConfiguration settings)
    {
        BudgetOf(settings);
        PatienceOf(settings);
    }

    private static TimeSpan PatienceOf(IConfiguration settings) =>
        settings.RequestTime() is var time && time < UsualPatience ? time : UsualPatience;

    private static long BudgetOf(IConfiguration settings)
    {
        const string name = "Lips:Counters:MemoryMb";
        if (settings[name] is not { Length: > 0 } text)
            return 256L << 20;
        return int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var megabytes) && megabytes > 0
            ? (long)megabytes << 20
            : throw new SettingException($"The setting {name} must be a whole number of megabytes, 1 or more.");
    }

    private sealed record CountersDatabase(NpgsqlDataSource Pool) : IDisposable
    {
        public void Dispose() => Pool.Dispose();
    }
}
