using Lips.Host.Telemetry;
using Lips.Kernel.Database;

namespace Lips.Host.Commands;

/// <summary>A command that works on the database and ends, also beside a host that serves it.</summary>
internal static class DatabaseCommand
{
    /// <summary>Runs the command on a migrated database.</summary>
    /// <param name="work">The command; it gives the exit code.</param>
    /// <param name="cancellation">Cancels.</param>
    public static async Task<int> RunAsync(Func<WebApplication, Task<int>> work, CancellationToken cancellation)
    {
        var builder = LipsApplication.CreateBuilder([]);
        // Before anything is made.
        SettingsCheck.Require(builder.Configuration);
        using var loggers = LogLines.Factory(builder.Configuration);
        await using var database = await HomeDatabase.OpenBesideAsync(
            builder.Configuration, loggers.CreateLogger("Lips.Postgres"), cancellation);
        await using var app = LipsApplication.Build(builder, database.ConnectionString, database.OwnerConnectionString);
        await app.Services.GetRequiredService<Migrator>().MigrateAsync(cancellation);
        return await work(app);
    }
}
