using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lips.Bench.Load;
using Lips.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Lips.Bench;

/// <summary>
/// The product as <c>build/run</c> starts it, on a home of its own with a private PostgreSQL (fsync on, as always), tokens on, logging as
/// in production; its data; and the floors beside it.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    public const string Token = "the-admin-token-of-the-bench";

    // As in build/lib.sh and the Dockerfile.
    private static readonly (string Name, string Value) Runtime = ("DOTNET_GCgen0size", "0x1000000");

    private readonly string folder;
    private readonly List<IAsyncDisposable> opened = [];

    private World(string folder, Size size)
    {
        this.folder = folder;
        Size = size;
        Wrk = new Wrk(folder);
        PgBench = new PgBench(this, Path.Combine(folder, "statement.sql"));
    }

    public Size Size { get; }

    public Wrk Wrk { get; }

    public PgBench PgBench { get; }

    public Server Product { get; private set; } = null!;

    /// <summary>The product's database, on connections of the bench.</summary>
    public NpgsqlDataSource Database { get; private set; } = null!;

    /// <summary>The PostgreSQL server's process.</summary>
    public int DatabasePid { get; private set; }

    public static async Task<World> StartAsync(string folder, Size size)
    {
        var world = new World(folder, size);
        try
        {
            await world.StartProductAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a floor, which the caller ends.</summary>
    public Task<Server> StartFloorAsync(params string[] arguments) =>
        Server.StartAsync(
            folder, "floor-" + string.Join('-', arguments), Program("Lips.Bench.Floor"), arguments,
                [("ConnectionStrings__Floor", Database.ConnectionString)]);

    /// <summary>Starts one more node of the product on the same database, as nodes are started in production; the caller ends it.</summary>
    /// <param name="name">Of its home and log.</param>
    /// <param name="settings">Its settings besides, as environment variables.</param>
    public Task<Server> StartNodeAsync(string name = "node", params (string Name, string Value)[] settings) => Server.StartAsync(
        folder, name, Host, ["serve"],
        [Runtime, ("Lips__Home", Path.Combine(folder, name)), ("Lips__AdminToken", Token),
            ("ConnectionStrings__Lips", ApplicationConnectionString), .. settings], "/health/ready");

    /// <summary>How nodes connect to the database.</summary>
    public string ApplicationConnectionString =>
        new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Username = "lips_app" }.ConnectionString;

    /// <summary>Makes a token that may read everything, at any rate.</summary>
    /// <returns>Its secret, and its key if it was to have one.</returns>
    public async Task<(string Secret, string? Key)> MakeTokenAsync(string name, bool pii, bool apiKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/tokens", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", "token " + Token);
        request.Content = JsonContent.Create(
            new { token = new { name, advertisers = "all", abilities = new[] { "read" }, trusted = true, pii, api_key = apiKey } });
        using var answer = await Product.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode != HttpStatusCode.Created)
            throw new BenchException($"A token was answered with {(int)answer.StatusCode}: {text}");
        using var made = JsonDocument.Parse(text);
        var token = made.RootElement.GetProperty("token");
        return (token.GetProperty("secret").GetString()!, token.GetProperty("api_key").GetString());
    }

    /// <summary>An answer of the product, whole.</summary>
    public async Task<(int Head, byte[] Body, string? Tag)> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", "token " + Token);
        using var answer = await Product.Client.SendAsync(request);
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new BenchException($"{path} was answered with {(int)answer.StatusCode}: {Encoding.UTF8.GetString(body)}");
        return (HeadOf(answer), body, answer.Headers.ETag?.ToString());
    }

    /// <summary>Sends JSON to the product.</summary>
    public async Task PostAsync(string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", "token " + Token);
        request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await Product.Client.SendAsync(request);
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new BenchException($"{path} was answered with {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>How many bytes the status line and headers of an answer took.</summary>
    public static int HeadOf(HttpResponseMessage answer) =>
        $"HTTP/1.1 {(int)answer.StatusCode} {answer.ReasonPhrase}\r\n".Length
        + answer.Headers.Concat(answer.Content.Headers).Sum(h => h.Key.Length + string.Join(", ", h.Value).Length + 4) + 2;

    public async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = Database.CreateCommand(sql);
        command.CommandTimeout = 0;
        foreach (var value in sql.Contains("$1", StringComparison.Ordinal) ? parameters : [])
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        command.CommandTimeout = 0;
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        opened.Reverse();
        foreach (var one in opened)
            await one.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task StartProductAsync()
    {
        var home = Path.Combine(folder, "home");
        Product = await Server.StartAsync(
            folder, "product", Host, ["serve"], [Runtime, ("Lips__Home", home), ("Lips__AdminToken", Token)],
                "/health/ready");
        opened.Add(Product);
        var server = await PrivatePostgres.AttachOrStartAsync(
            new PrivatePostgresOptions { Home = home }, NullLogger.Instance, CancellationToken.None);
        Database = NpgsqlDataSource.Create(server.ConnectionString);
        opened.Add(server);
        opened.Add(Database);
        DatabasePid = await ParentOfAsync(await ScalarAsync<int>("SELECT pg_backend_pid()"));
    }

    private static async Task<int> ParentOfAsync(int pid)
    {
        var line = (await File.ReadAllLinesAsync($"/proc/{pid}/status")).First(l => l.StartsWith("PPid:", StringComparison.Ordinal));
        return int.Parse(line[5..], CultureInfo.InvariantCulture);
    }

    private static string Host => Environment.GetEnvironmentVariable("LIPS_TEST_HOST") ?? Program("Lips.Host");

    // Beside this program's own output lie, in the same configuration, those of the projects that it measures.
    private static string Program(string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var (framework, configuration) = (own.Name, own.Parent!.Name);
        var root = own.Parent.Parent!.Parent!.Parent!.Parent!.FullName;
        foreach (var area in new[] { "host", "tests" })
        {
            var file = Path.Combine(root, area, project, "bin", configuration, framework, project + ".dll");
            if (File.Exists(file))
                return file;
        }

        throw new BenchException($"{project} is not built: run build/bench.");
    }
}
