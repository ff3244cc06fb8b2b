using Lips.Kernel.Database;

namespace Lips.Host.Commands;

/// <summary><c>lips migrate</c>: brings the database to this version without serving.</summary>
internal static class MigrateCommand
{
    public static async Task<int> RunAsync(CancellationToken cancellation)
    {
        var builder = LipsApplication.CreateBuilder([]);
        using var loggers = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
        await using var database = await HomeDatabase.OpenBesideAsync(builder.Configuration, loggers.CreateLogger("Lips.Postgres"), cancellation);
        await using var app = LipsApplication.Build(builder, database.ConnectionString);
        await app.Services.GetRequiredService<Migrator>().MigrateAsync(cancellation);
        Console.WriteLine("The database is up to date.");
        return 0;
    }
}
