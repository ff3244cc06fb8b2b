using System.Net;
using System.Net.Sockets;
using Lips.Counters;
using Lips.Host.Telemetry;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Runtime.MembershipService;
using Orleans.Serialization;
using Orleans.Storage;

namespace Lips.Host.Cluster;

/// <summary>
/// The node's silo: a host of its own within the application, because it starts only when the database is there and migrated, while the
/// application listens at once. It joins the silos of the same database, and leaves when the application has drained, before its
/// pools close: grains that leave need the database.
/// </summary>
public sealed class NodeSilo : IHostedService, IAsyncDisposable
{
    private const string Service = "lips";

    // Membership and checkpoints: short statements, and few. Each is a session that the server must make anew after it was away.
    private const int MostConnections = 3;

    // It takes a fraction of a second, unless the database is away.
    private static readonly TimeSpan LongestLeave = TimeSpan.FromSeconds(5);

    // Another database has other members, also a copy of this one.
    private const string IdOfDatabase =
        "SELECT concat_ws('-', 'lips', s.system_identifier, d.oid) FROM pg_control_system() s, pg_database d "
        + "WHERE d.datname = current_database()";

    // A node elsewhere that has taken this one's address would end it, and be ended by it in turn. Only where addresses are not the
    // network's: a container that was killed comes back with the same one and another name.
    private const string NodeElsewhere =
        "SELECT hostname FROM orleans.silos WHERE cluster = $1 AND address = $2 AND port = $3 AND hostname <> $4 AND status = 3 "
        + "AND iamalivetime > now() - interval '15 seconds' LIMIT 1";

    private readonly IServiceProvider application;
    private readonly ClusterSettings settings;
    private readonly NpgsqlDataSource database;
    private readonly Membership membership;
    private IHost? host;
    private ConnectionShare? share;
    private DeadSilos? dead;

    // Orleans lets several processes of a user listen on one port. A datagram socket of the same number is one process's, until that ends
    // in whatever way.
    private Socket? claim;
    private Func<Task<bool>> disconnectAsync = () => Task.FromResult(true);
    private volatile bool leaves;

    /// <summary>Makes it; it joins later.</summary>
    /// <param name="application">The application around it.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="connectionString">The database.</param>
    internal NodeSilo(IServiceProvider application, ClusterSettings settings, string connectionString)
    {
        this.application = application;
        this.settings = settings;
        var own = new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = OrleansContext.Schema, MaxPoolSize = MostConnections };
        database = LipsDatabase.Open(
            own.ConnectionString, application.GetRequiredService<ILoggerFactory>(), "silo");
        membership = new Membership(application.GetRequiredService<IHostApplicationLifetime>());
    }

    /// <summary>Why the silo cannot go on, as one line; null while it can. The application stops then.</summary>
    public string? Failure => membership.Failure;

    /// <summary>The grains of the cluster that it has joined.</summary>
    internal IGrainFactory Grains =>
        (host ?? throw new InvalidOperationException("The silo has not joined.")).Services.GetRequiredService<IGrainFactory>();

    /// <summary>Joins the cluster.</summary>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="NpgsqlException">The database is away.</exception>
    /// <exception cref="SettingException">It cannot listen where it is told to.</exception>
    public async Task JoinAsync(CancellationToken cancellation)
    {
        var id = settings.Id ?? await IdOfDatabaseAsync(cancellation);
        var port = settings.Port > 0 ? settings.Port : ClusterSettings.FirstPort;
        while (!TryClaim(settings.ListenPort ?? port))
            port++;
        IHost? started = null;
        try
        {
            await RefuseSharedAddressAsync(id, port, cancellation);
            started = Build(id, port);
            await started.StartAsync(cancellation);
        }
        catch (Exception e)
        {
            await EndAsync(started);
            if (e.GetBaseException() is OrleansClusterConnectivityCheckFailedException)
                throw new SettingException(
                    $"The other nodes of this database and {new IPEndPoint(settings.Address, port)}, which is this one, do not reach each "
                    + "other: see Lips:Cluster:Address and Lips:Cluster:Certificate.");
            throw;
        }

        host = started;
        share = new ConnectionShare(database, id, application.GetRequiredService<Connections>());
        dead = new DeadSilos(host.Services.GetRequiredService<IClusterMembershipService>(), application);
        disconnectAsync = CountersModule.Connect(application, host.Services);
    }

    /// <summary>Nothing: it joins when the database is ready.</summary>
    Task IHostedService.StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Leaves the cluster.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref host, null) is not { } joined)
            return;
        leaves = true;
        await share!.DisposeAsync();
        await dead!.DisposeAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(LongestLeave);
        try
        {
            // The others have given a dead silo's grains away, and do not listen to it. Without the database none can be told.
            if (!await disconnectAsync() || Failure is not null)
                await patience.CancelAsync();
            await joined.StopAsync(patience.Token);
        }
        catch (Exception e) when (LipsDatabase.IsAway(e) || e is OperationCanceledException)
        {
            // The others find out.
        }

        await EndAsync(joined);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        await database.DisposeAsync();
    }

    private async ValueTask EndAsync(IHost? silo)
    {
        if (silo is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        claim?.Dispose();
        claim = null;
    }

    private bool TryClaim(int port)
    {
        var address = new IPEndPoint(settings.Address, port);
        var claimed = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        using var other = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            claimed.Bind(address);
            other.Bind(address);
            claim = claimed;
            return true;
        }
        catch (SocketException e)
        {
            claimed.Dispose();
            if (settings.Port == 0 && port < ClusterSettings.LastPort && e.SocketErrorCode == SocketError.AddressAlreadyInUse)
                return false;
            throw new SettingException(
                $"The silo cannot listen on {address}: {e.Message}. Choose another with Lips:Cluster:Address and Lips:Cluster:Port.");
        }
    }

    private async Task<string> IdOfDatabaseAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(IdOfDatabase);
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task RefuseSharedAddressAsync(string id, int port, CancellationToken cancellation)
    {
        if (!IPAddress.IsLoopback(settings.Address))
            return;
        await using var command = database.CreateCommand(NodeElsewhere);
        object[] values = [id, settings.Address.ToString(), port, Dns.GetHostName()];
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        if (await command.ExecuteScalarAsync(cancellation) is string elsewhere)
            throw new SettingException(
                $"The node on {elsewhere} is {new IPEndPoint(settings.Address, port)} to the others, too: set Lips:Cluster:Address to "
                + "where they reach this one, on every machine.");
    }

    private IHost Build(string id, int port)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ILoggerFactory>(
            new SiloLogs(application.GetRequiredService<ILoggerFactory>(), () => leaves || Failure is not null));
        // It ends with the application and not by signals of its own.
        builder.Services.AddSingleton<IHostLifetime>(membership);
        builder.Services.AddSingleton<IFatalErrorHandler>(membership);
        builder.Services.AddGrains(application);
        builder.UseOrleans(silo => Configure(silo, id, new IPEndPoint(settings.Address, port)));
        return builder.Build();
    }

    private void Configure(ISiloBuilder silo, string id, IPEndPoint address)
    {
        silo.Services.AddSerializer(serializer => serializer.AddAssembly(typeof(CountersModule).Assembly));
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (id, Service));
        silo.Configure<SiloOptions>(options => options.SiloName = CountersModule.SiloName(application));
        silo.Configure<EndpointOptions>(options =>
        {
            (options.AdvertisedIPAddress, options.SiloPort, options.GatewayPort) = (address.Address, address.Port, 0);
            options.SiloListeningEndpoint = new IPEndPoint(address.Address, settings.ListenPort ?? address.Port);
        });
        silo.Configure<ClusterMembershipOptions>(Membership.Configure);
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(5));
        silo.UseAdoNetClustering(options => (options.Invariant, options.DataSource) = ("Npgsql", database));
        silo.AddAdoNetGrainStorageAsDefault(storage => storage.Configure<Serializer>((options, serializer) =>
        {
            (options.Invariant, options.DataSource, options.DeleteStateOnClear) = ("Npgsql", database, true);
            options.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer);
        }));
        if (settings.HasDashboard)
            silo.AddDashboard();
        if (Otlp.IsOn(application.GetRequiredService<IConfiguration>()))
            silo.AddActivityPropagation();
        if (settings.Certificate is { } certificate)
            silo.UseTls(certificate, options => NodeTls.Configure(options, certificate));
    }
}
