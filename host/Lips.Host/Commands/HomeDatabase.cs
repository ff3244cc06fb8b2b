using Lips.Kernel;
using Lips.Postgres;
using Npgsql;

namespace Lips.Host.Commands;

/// <summary>The database that the settings name: one that is there already, or the private one of the home folder.</summary>
internal sealed class HomeDatabase : IAsyncDisposable
{
    private readonly PrivatePostgres? server;

    private HomeDatabase(string home, string connectionString, PrivatePostgres? server)
    {
        Home = home;
        ConnectionString = connectionString;
        this.server = server;
    }

    /// <summary>The home folder, absolute.</summary>
    public string Home { get; }

    public string ConnectionString { get; }

    /// <summary>Opens the database for a host, which holds the home alone.</summary>
    public static Task<HomeDatabase> OpenAsync(IConfiguration settings, ILogger log, CancellationToken cancellation) =>
        OpenAsync(settings, options => PrivatePostgres.StartAsync(options, log, cancellation));

    /// <summary>Opens the database for a command, which also works beside a host that runs.</summary>
    public static Task<HomeDatabase> OpenBesideAsync(IConfiguration settings, ILogger log, CancellationToken cancellation) =>
        OpenAsync(settings, options => PrivatePostgres.AttachOrStartAsync(options, log, cancellation));

    public ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<HomeDatabase> OpenAsync(IConfiguration settings, Func<PrivatePostgresOptions, Task<PrivatePostgres>> start)
    {
        var home = Path.GetFullPath(settings["Lips:Home"] is { Length: > 0 } given ? given : ".lips");
        if (settings.GetConnectionString("Lips") is { Length: > 0 } external)
        {
            RequireUsable(external);
            return new HomeDatabase(home, external, null);
        }

        var server = await start(new PrivatePostgresOptions { Home = home, BinFolder = settings["Lips:PostgresBin"] });
        return new HomeDatabase(home, server.ConnectionString, server);
    }

    // What is wrong with it is not repeated: it may be the part with the password.
    private static void RequireUsable(string connectionString)
    {
        try
        {
            if (new NpgsqlConnectionStringBuilder(connectionString).Host is { Length: > 0 })
                return;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // Said below.
        }

        throw new SettingException("The setting ConnectionStrings:Lips must be like Host=db.example;Database=lips;Username=lips;Password=...");
    }
}
