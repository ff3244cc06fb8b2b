using System.Collections.Concurrent;
using Lips.Host;
using Lips.Testing.Reference;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lips.Testing;

/// <summary>A node of the service in this process: the whole application behind Kestrel on a port of its own.</summary>
public sealed class LipsNode : IAsyncDisposable
{
    /// <summary>The admin token of every node.</summary>
    public const string AdminToken = "the-admin-token-of-tests";

    private readonly WebApplication app;
    private IReadOnlyList<LipsNode> others = [];

    private LipsNode(WebApplication app, string connectionString, ConcurrentQueue<string> logLines)
    {
        this.app = app;
        ConnectionString = connectionString;
        LogLines = logLines;
        Addresses = [.. app.Urls.Select(address => new Uri(address))];
        Client = NewClient("token " + AdminToken);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => Addresses[0];

    /// <summary>All places where it listens.</summary>
    public IReadOnlyList<Uri> Addresses { get; }

    /// <summary>
    /// The database that it serves, as its owner. The node itself connects as the application's role,
    /// so every test shows that its rights suffice.
    /// </summary>
    public string ConnectionString { get; }

    /// <summary>A client with the admin token.</summary>
    public HttpClient Client { get; }

    /// <summary>Everything that the node has logged, rendered, with exceptions.</summary>
    public ConcurrentQueue<string> LogLines { get; }

    /// <summary>The node's services.</summary>
    public IServiceProvider Services => app.Services;

    /// <summary>Starts a node on a database of its own.</summary>
    public static async Task<LipsNode> StartAsync(Action<WebApplicationBuilder>? configure = null) =>
        await StartAsync(await TestPostgres.NewDatabaseAsync(), configure);

    /// <summary>Starts a node on a database, which others may share.</summary>
    public static async Task<LipsNode> StartAsync(string connectionString, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = LipsApplication.CreateBuilder([]);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Lips:AdminToken"] = AdminToken,
            ["Urls"] = "http://127.0.0.1:0",
            // Tests ask more often than clients do, and all from one address. Those of the limits set their own.
            ["Lips:RateLimit:Burst"] = "1000000",
            ["Lips:AuthenticationFailures:Burst"] = "1000000",
            ["Lips:Limits:ConnectionsPerAddress"] = "1000000",
        });
        var logLines = new ConcurrentQueue<string>();
        // Not the two lines of each request: a node that writes those answers no request but in the ordinary way.
        builder.Logging.ClearProviders().AddProvider(new LinesProvider(logLines)).AddFilter<LinesProvider>(null, LogLevel.Information)
            .AddFilter<LinesProvider>("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            .AddFilter<LinesProvider>("Orleans", LogLevel.Error).AddFilter<LinesProvider>("Polly", LogLevel.Error);
        configure?.Invoke(builder);
        var app = LipsApplication.Build(builder, TestPostgres.AsApplication(connectionString), connectionString);
        await app.Services.GetRequiredService<Startup>().PrepareAsync(Path.GetTempPath(), _ => { }, CancellationToken.None);
        await app.StartAsync();
        return new LipsNode(app, connectionString, logLines);
    }

    /// <summary>Starts a node with these settings on a database of its own, or on one that others may share.</summary>
    public static async Task<LipsNode> StartWithAsync(string? connectionString, params (string Name, string Value)[] settings) =>
        await StartAsync(
            connectionString ?? await TestPostgres.NewDatabaseAsync(),
            builder => builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))));

    /// <summary>From now on each request of its clients goes to any of these nodes, or to this one.</summary>
    /// <param name="nodes">Nodes on the same database; they end with this one.</param>
    public void ShareWith(IReadOnlyList<LipsNode> nodes) => others = nodes;

    /// <summary>A client with an Authorization header, or without one.</summary>
    public HttpClient NewClient(string? authorization)
    {
        var client = new HttpClient(new AnyNode(this))
        {
            BaseAddress = Address,
            Timeout = TimeSpan.FromMinutes(5),
        };
        if (authorization is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        return client;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var other in others)
            await other.DisposeAsync();
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private sealed class AnyNode(LipsNode node) : DelegatingHandler(
        new DocumentedAnswers.Handler(new SocketsHttpHandler { AllowAutoRedirect = false }))
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Random.Shared.Next(node.others.Count + 1) is var any && any < node.others.Count)
                request.RequestUri = new Uri(node.others[any].Address, request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class LinesProvider(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
