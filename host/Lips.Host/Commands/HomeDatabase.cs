using Lips.Kernel;
using Lips.Postgres;
using Npgsql;

namespace Lips.Host.Commands;

/// <summary>The database that the settings name: one that is there already, or the private one of the home folder.</summary>
internal sealed class HomeDatabase : IAsyncDisposable
{
    // The private server knows who may come by its socket's folder; the role only bounds what a node can do.
    private const string ApplicationRole = "lips_app";

    private readonly PrivatePostgres? server;

    private HomeDatabase(string home, string connectionString, string? ownerConnectionString, PrivatePostgres? server)
    {
        Home = home;
        ConnectionString = connectionString;
        OwnerConnectionString = ownerConnectionString;
        this.server = server;
    }

    /// <summary>The home folder, absolute.</summary>
    public string Home { get; }

    /// <summary>How the service connects.</summary>
    public string ConnectionString { get; }

    /// <summary>How to connect for migrations; null when the service's own role does them, or nobody here.</summary>
    public string? OwnerConnectionString { get; }

    /// <summary>Opens the database for a host, which holds the home alone.</summary>
    public static Task<HomeDatabase> OpenAsync(IConfiguration settings, ILogger log, CancellationToken cancellation) =>
        OpenAsync(settings, options => PrivatePostgres.StartAsync(options, log, cancellation));

    /// <summary>Opens the database for a command, which also works beside a host that runs.</summary>
    public static Task<HomeDatabase> OpenBesideAsync(IConfiguration settings, ILogger log, CancellationToken cancellation) =>
        OpenAsync(settings, options => PrivatePostgres.AttachOrStartAsync(options, log, cancellation));

    /// <summary>Reads its settings.</summary>
    /// <exception cref="SettingException">One of them cannot be used.</exception>
    public static void CheckSettings(IConfiguration settings)
    {
        foreach (var name in (string[])["Lips", "LipsOwner"])
        {
            if (settings.GetConnectionString(name) is { Length: > 0 } given)
                RequireUsable(given, "ConnectionStrings:" + name);
        }
    }

    public ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<HomeDatabase> OpenAsync(IConfiguration settings, Func<PrivatePostgresOptions, Task<PrivatePostgres>> start)
    {
        var home = Path.GetFullPath(settings["Lips:Home"] is { Length: > 0 } given ? given : ".lips");
        if (settings.GetConnectionString("Lips") is { Length: > 0 } external)
        {
            CheckSettings(settings);
            var owner = settings.GetConnectionString("LipsOwner") is { Length: > 0 } another ? another : null;
            return new HomeDatabase(home, external, owner, null);
        }

        var server = await start(new PrivatePostgresOptions { Home = home, BinFolder = settings["Lips:PostgresBin"] });
        var application = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = ApplicationRole };
        return new HomeDatabase(home, application.ConnectionString, server.ConnectionString, server);
    }

    // What is wrong with it is not repeated: it may be the part with the password.
    private static void RequireUsable(string connectionString, string setting)
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

        throw new SettingException($"The setting {setting} must be like Host=db.example;Database=lips;Username=lips;Password=...");
    }
}
