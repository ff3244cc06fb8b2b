using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lips.Bench.Floor;

// What the product is measured against: each mode does the least that an honest program could, with the same server and runtime, and
// without authentication. The pages come from tables of the bench in the database that ConnectionStrings__Floor names.
//   constant SIZE   answers every request with the same JSON of SIZE bytes
//   page-obvious    a page of interactions, written in the obvious way
//   page-best       a page of interactions, in the best shape that we know
//   empty           what the template "ASP.NET Core Empty" makes, with an Orleans silo that is a cluster of its own
const string usage = "Usage: Lips.Bench.Floor constant SIZE | page-obvious | page-best | empty, with ASPNETCORE_URLS";
switch (args)
{
    case ["constant", var size]:
        await RunAsync(new ConstantAnswer(int.Parse(size, CultureInfo.InvariantCulture)).HandleAsync);
        break;
    case ["page-obvious"]:
        await RunAsync(new ObviousPage(Database()).HandleAsync);
        break;
    case ["page-best"]:
        // A third faster than with those that .NET begins with: where more look for work, whoever reads is awake when the next piece comes.
        ThreadPool.SetMinThreads(36, 36);
        await RunAsync(new BestPage(Database()).HandleAsync);
        break;
    case ["empty"]:
        var builder = WebApplication.CreateBuilder();
        builder.UseOrleans(silo => silo.UseLocalhostClustering(FreePort(), FreePort()));
        var app = builder.Build();
        app.MapGet("/", () => "Hello World!");
        await app.RunAsync();
        break;
    default:
        throw new ArgumentException(usage);
}

static async Task RunAsync(RequestDelegate answer)
{
    var builder = WebApplication.CreateSlimBuilder();
    // Failures alone, which the bench shows.
    builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
    await using var app = builder.Build();
    app.Run(answer);
    await app.RunAsync();
}

static int FreePort()
{
    using var probe = new TcpListener(IPAddress.Loopback, 0);
    probe.Start();
    return ((IPEndPoint)probe.LocalEndpoint).Port;
}

static string Database() => Environment.GetEnvironmentVariable("ConnectionStrings__Floor") ?? throw new ArgumentException(usage);
