using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Lips.Host.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Lips.Host.Tests.Containers;

/// <summary>The files for containers beside the program that they run; says what in them does not fit.</summary>
internal sealed partial class Deployment(string dockerfile, string ignored, string compose, string nginx)
{
    /// <summary>Node services of the compose file.</summary>
    private static readonly string[] Nodes = ["lips-1", "lips-2", "lips-3"];

    /// <summary>The service that migrates, and ends.</summary>
    private const string Migrate = "migrate";

    // ASP.NET Core's own, which no line of ours reads.
    private static readonly string[] SettingsOfTheFramework =
        ["ASPNETCORE_URLS", "DOTNET_GCgen0size", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"];

    private readonly Dockerfile docker = Dockerfile.Parse(dockerfile);
    private readonly Compose services = Compose.Parse(compose);
    private readonly NginxDirective proxy = NginxDirective.Parse(nginx).All("http").Single();

    private NginxDirective Server => proxy.All("server").Single();

    /// <summary>What does not fit, a line each.</summary>
    public async Task<IReadOnlyList<string>> ProblemsAsync()
    {
        await using var app = LipsApplication.Build(LipsApplication.CreateBuilder([]), "Host=nowhere.invalid");
        return
        [
            .. Images(), .. Copies(), .. Settings(), .. Roles(), .. Ports(), .. Health(app), .. Account(), .. Stops(app), .. Secrets(),
            .. Order(),
            .. Limits(app), .. Proxying(app), .. Privacy(), .. ErrorAnswers(),
        ];
    }

    private IEnumerable<string> Images()
    {
        var images = docker.Stages.Select(s => s.Image)
            .Concat(services.Services.Where(s => !Nodes.Contains(s.Key)).Select(s => (string)s.Value["image"])).ToList();
        foreach (var image in images.Where(image => !PinnedImage().IsMatch(image)))
            yield return $"The image {image} is not pinned to a release.";
        var wanted = Version.Parse(
            JsonDocument.Parse(Repository.Read("global.json")).RootElement.GetProperty("sdk").GetProperty("version").GetString()!);
        var sdk = VersionOf(docker.Stages[0].Image);
        if (sdk < wanted || (sdk.Major, sdk.Minor) != (wanted.Major, wanted.Minor))
            yield return $"global.json asks for the SDK {wanted}, the image has {sdk}.";
        if (VersionOf(docker.Final.Image).Major != sdk.Major)
            yield return $"What the SDK {sdk} builds does not run on {docker.Final.Image}.";
        foreach (var node in Nodes.Append(Migrate).Where(node => (string)services.Services[node]["image"] != "lips:" + ProductVersion()))
            yield return $"{node} is not of version {ProductVersion()}.";
    }

    private IEnumerable<string> Copies()
    {
        var build = docker.Stages[0];
        foreach (var source in build.Sources)
        {
            var path = Path.Combine(Repository.Root, source);
            if (!(source.EndsWith('/') ? Directory.Exists(path) : File.Exists(path)))
                yield return $"COPY {source}: there is no such thing.";
            if (!ignored.Split('\n').Contains("!" + source.Split('/')[0]))
                yield return $"COPY {source}: .dockerignore hides it.";
        }

        var beforeRestore = build.Instructions.TakeWhile(i => !i.Text.StartsWith("dotnet restore", StringComparison.Ordinal))
            .Where(i => i.Name == "COPY").ToList();
        var copied = beforeRestore.SelectMany(i => i.Text.Split(' ')[..^1]).ToHashSet(StringComparer.Ordinal);
        foreach (var project in ProjectsOf("host/Lips.Host/Lips.Host.csproj"))
        {
            var folder = Path.GetDirectoryName(project)!;
            if (!beforeRestore.Any(i => i.Text == $"{project} {folder}/packages.lock.json {folder}/"))
                yield return $"{project} and its lock file are not copied before the restore.";
            copied.ExceptWith([project, $"{folder}/packages.lock.json"]);
            foreach (var file in ImportsOf(project).Where(file => !copied.Remove(file)))
                yield return $"{file} is not copied before the restore.";
        }

        copied.ExceptWith(["global.json", "Directory.Build.props", "Directory.Packages.props"]);
        if (copied.Count > 0)
            yield return $"The restore does not need {string.Join(", ", copied)}.";
        if (!build.All("RUN").Any(run => run.Contains("--locked-mode", StringComparison.Ordinal)))
            yield return "The restore does not insist on the lock files.";
        if (!docker.Final.Words("ENTRYPOINT").Concat(docker.Final.Words("CMD")).SequenceEqual(["dotnet", "Lips.Host.dll", "serve"]))
            yield return "The container does not run: dotnet Lips.Host.dll serve.";
    }

    private IEnumerable<string> Settings()
    {
        var read = SettingsOfTheFramework.Concat(SettingsOfTheSources()).ToHashSet(StringComparer.Ordinal);
        foreach (var name in docker.Final.Environment.Keys.Concat(Nodes.SelectMany(n => services.Services[n].Environment().Keys))
            .Where(name => !read.Contains(name)))
            yield return $"The program does not read {name}.";
        foreach (var node in Nodes)
        {
            string[] missing = [.. new[] { "ConnectionStrings__Lips", "Lips__AdminToken" }
                .Except(services.Services[node].Environment().Keys, StringComparer.Ordinal)];
            if (missing.Length > 0)
                yield return $"{node} is not given {string.Join(", ", missing)}.";
            else if (!services.Services[node].Environment()["ConnectionStrings__Lips"].Contains("Host=postgres;", StringComparison.Ordinal))
                yield return $"{node} is not connected to the service postgres.";
        }
    }

    private IEnumerable<string> Roles()
    {
        var migrate = services.Services[Migrate];
        var (owner, application) = (migrate.Environment().GetValueOrDefault("ConnectionStrings__LipsOwner", ""),
            migrate.Environment().GetValueOrDefault("ConnectionStrings__Lips", ""));
        if (!migrate.Strings("command").SequenceEqual(["migrate"])
            || !owner.Contains($"Username={services.Services["postgres"].Environment()["POSTGRES_USER"]};", StringComparison.Ordinal))
            yield return "Nobody migrates as the owner of the database.";
        foreach (var node in Nodes)
        {
            var environment = services.Services[node].Environment();
            if (environment.ContainsKey("ConnectionStrings__LipsOwner")
                || environment.GetValueOrDefault("ConnectionStrings__Lips") != application)
                yield return $"{node} does not connect as the role, and only the role, that gets its rights from the migration.";
            if (UserName().Match(application).Value == UserName().Match(owner).Value)
                yield return $"{node} connects as the owner of the database.";
        }
    }

    private IEnumerable<string> Ports()
    {
        var port = new Uri(docker.Final.Environment["ASPNETCORE_URLS"]).Port;
        if (docker.Final.All("EXPOSE").Single() != port.ToString(CultureInfo.InvariantCulture))
            yield return $"The container listens on {port} and exposes another port.";
        foreach (var check in Nodes.Select(n => services.Services[n].HealthCheck()).Append(docker.Final.Words("HEALTHCHECK")))
        {
            if (new Uri(check[^1]).Port != port)
                yield return $"The container listens on {port}; its health check asks {check[^1]}.";
        }

        var upstreams = proxy.All("upstream").Single().All("server").Select(s => s.Words[1]).ToList();
        if (!upstreams.SequenceEqual(Nodes.Select(n => string.Create(CultureInfo.InvariantCulture, $"{n}:{port}"))))
            yield return $"nginx passes on to {string.Join(", ", upstreams)}.";
        if (proxy.All("upstream").Single().Of("hash") != "$advertiser consistent"
            || proxy.All("map").SingleOrDefault(m => m.Value == "$arg_global_master_advertiser_id $advertiser")?.Of("default")
                != "$arg_global_master_advertiser_id")
            yield return "An advertiser's requests go to any node, and not to the one that has its counters.";
        var listen = Server.Of("listen");
        if (!services.Services["nginx"].Strings("ports").All(p => p.EndsWith($":{listen}", StringComparison.Ordinal)))
            yield return $"nginx listens on {listen}, and that is not what is published.";
        if (new Uri(services.Services["nginx"].HealthCheck()[^1]).Port.ToString(CultureInfo.InvariantCulture) != listen)
            yield return $"nginx listens on {listen}; its health check asks another port.";
        foreach (var name in services.Services.Where(s => s.Key != "nginx" && s.Value.ContainsKey("ports")).Select(s => s.Key))
            yield return $"{name} is published beside nginx.";
    }

    private IEnumerable<string> Health(WebApplication app)
    {
        foreach (var (name, service) in services.Services.Where(s => s.Key != Migrate && s.Value.HealthCheck().Count == 0))
            yield return $"{name} has no health check ({service.Count} keys).";
        foreach (var check in services.Services.Values.Select(s => s.HealthCheck()).Append(docker.Final.Words("HEALTHCHECK")))
        {
            if (check.Count == 0 || !Uri.TryCreate(check[^1], UriKind.Absolute, out var address) || address.IsFile)
                continue;
            if (!Routes(app, "GET").Contains(address.AbsolutePath))
                yield return $"The health check {address.AbsolutePath} is not a route.";
            if (check.Contains("dotnet") && !check.SkipWhile(w => w == "CMD").Take(3).SequenceEqual(["dotnet", "Lips.Host.dll", "health"]))
                yield return $"The health check is not lips health: {string.Join(' ', check)}.";
        }

        if (new Uri(docker.Final.Words("HEALTHCHECK")[^1]).AbsolutePath != "/health/live")
            yield return "The image's health check is not /health/live.";
    }

    private IEnumerable<string> Account()
    {
        if (docker.Final.All("USER").LastOrDefault() is not { } user || !NumericUser().IsMatch(user))
            yield return "The container runs as root, or as a user that cannot be seen not to be.";
    }

    private IEnumerable<string> Stops(WebApplication app)
    {
        var drain = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
        foreach (var node in Nodes.Append("nginx"))
        {
            var grace = services.Services[node].TryGetValue("stop_grace_period", out var given) ? (string)given : "10s";
            if (TimeSpan.FromSeconds(int.Parse(grace.TrimEnd('s'), CultureInfo.InvariantCulture)) <= drain)
                yield return $"{node} is killed after {grace}, and a host drains for {drain.TotalSeconds} s.";
        }
    }

    private IEnumerable<string> Secrets()
    {
        foreach (var (name, value) in services.Services.Values.SelectMany(s => s.Environment()).Where(e => SecretName().IsMatch(e.Key)))
        {
            if (!RequiredVariable().IsMatch(value))
                yield return $"{name} does not come from the environment, or not with words on what to set.";
        }
    }

    private IEnumerable<string> Order()
    {
        foreach (var (name, service) in services.Services)
        {
            string[] needs = name == "nginx" ? Nodes : Nodes.Contains(name) ? ["postgres", Migrate] : name == Migrate ? ["postgres"] : [];
            if (!service.Waits().Keys.Order().SequenceEqual(needs.Order())
                || service.Waits().Any(w => w.Value != (w.Key == Migrate ? "service_completed_successfully" : "service_healthy")))
                yield return $"{name} does not wait until {string.Join(", ", needs)} is healthy, or has ended well.";
        }

        if (!services.Volumes.Any(v => services.Services["postgres"].Strings("volumes").Contains($"{v}:/var/lib/postgresql/data")))
            yield return "The database is not in a named volume.";
        if (!services.Services["nginx"].Strings("volumes").Contains("./build/nginx.conf:/etc/nginx/nginx.conf:ro"))
            yield return "nginx does not get build/nginx.conf.";
    }

    private IEnumerable<string> Limits(WebApplication app)
    {
        var limits = app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        if (Bytes(Server.Of("large_client_header_buffers")!.Split(' ')[1]) < RequestLimits.MaxTarget)
            yield return "nginx takes shorter request lines than the nodes.";
        if (Bytes(Server.Of("client_max_body_size")!) < limits.MaxRequestBodySize)
            yield return "nginx takes smaller bodies than the nodes.";
        // A list's Link header has the query up to four times.
        if (Bytes(Server.Of("proxy_buffer_size") ?? "4k") < 4L * RequestLimits.MaxTarget)
            yield return "nginx takes smaller headers of an answer than the nodes give.";
    }

    private IEnumerable<string> Proxying(WebApplication app)
    {
        var locations = Server.All("location").ToList();
        var exact = locations.Where(l => l.Words[1] == "=" && !l.All("internal").Any())
            .ToDictionary(l => l.Words[2], StringComparer.Ordinal);
        var routes = Routes(app, "GET").Concat(Routes(app, "POST")).ToHashSet(StringComparer.Ordinal);
        foreach (var path in exact.Keys.Where(path => !routes.Contains(path)))
            yield return $"nginx has rules for {path}, which is not a route.";
        if (!exact.TryGetValue("/contact_interactions/bulk", out var bulk) || bulk.Of("proxy_request_buffering") != "off"
            || bulk.Of("client_max_body_size") != "0")
            yield return "nginx does not stream bulk bodies of any size.";
        if (!exact.TryGetValue("/contact_interactions/totals/stream", out var stream) || stream.Of("proxy_buffering") != "off")
            yield return "nginx holds server-sent events back.";
        if (Server.Of("proxy_http_version") != "1.1"
            || !Server.All("proxy_set_header").Any(d => d.Words[1] == "Connection" && d.Words[2].Length == 0))
            yield return "nginx does not keep its connections to the nodes.";
        // Both are inherited only by locations that set none of their own.
        if (locations.Any(l => l.All("proxy_set_header").Any() || l.All("proxy_next_upstream").Any()))
            yield return "A location of nginx undoes what its server sets.";
        if (Server.Of("proxy_next_upstream") is not { } retried
            || retried.Split(' ') is var cases && (cases.Contains("non_idempotent") || !cases.Contains("error")))
            yield return "nginx does not try the other node, or sends again what must not be sent twice.";
        foreach (var (header, wanted) in new[] { ("X-Forwarded-For", "$remote_addr"), ("X-Forwarded-Proto", "$scheme") })
        {
            // Added to what the client sent, or not set at all, it would be the client that says where it is.
            if (!Server.All("proxy_set_header").Any(d => d.Words[1] == header && d.Words[2] == wanted))
                yield return $"nginx passes {header} of the client on.";
        }

        foreach (var node in Nodes.Where(n => services.Subnet is null
            || services.Services[n].Environment().GetValueOrDefault("Lips__Proxies") != services.Subnet))
            yield return $"{node} does not believe nginx, or others too, on who the client is.";
        if (proxy.Of("server_tokens") != "off")
            yield return "nginx tells its version.";
    }

    // The query may hold phone numbers.
    private IEnumerable<string> Privacy()
    {
        var formats = proxy.All("log_format").ToDictionary(f => f.Words[1], f => f.Value, StringComparer.Ordinal);
        if (!formats.TryGetValue(proxy.Of("access_log")?.Split(' ').LastOrDefault() ?? "", out var format)
            || WholeRequest().IsMatch(format))
            yield return "The access log has the query in it.";
    }

    private IEnumerable<string> ErrorAnswers()
    {
        var pages = Server.All("error_page").SelectMany(e => e.Words.Skip(1), (e, status) => (Status: status, Page: e.Words[^1])).ToList();
        string[] own = ["400", "404", "408", "413", "414", "494", "500", "502", "503", "504"];
        foreach (var status in own)
        {
            var page = pages.Where(p => p.Status == status).Select(p => p.Page).SingleOrDefault();
            if (!Server.All("location").Any(l => l.Words is [_, "=", var path] && path == page && l.All("internal").Any()))
                yield return $"nginx answers {status} with a page of its own.";
        }

        foreach (var answer in Server.Everything().Where(d => d.Name == "return"))
        {
            if (!IsError(answer.Words[^1]))
                yield return $"Not an error of contract section 3: {answer.Words[^1]}";
        }

        if (proxy.Of("default_type") != "application/json")
            yield return "nginx's own answers are not application/json.";
    }

    private static bool IsError(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.TryGetProperty("name", out _) && json.RootElement.TryGetProperty("message", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static HashSet<string> Routes(WebApplication app, string method) =>
        ((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains(method) == true)
            .Select(e => e.RoutePattern.RawText!).ToHashSet(StringComparer.Ordinal);

    private static HashSet<string> ProjectsOf(string project)
    {
        var found = new HashSet<string>(StringComparer.Ordinal) { project };
        foreach (var reference in XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference")
            .Select(r => r.Attribute("Include")!.Value))
            found.UnionWith(ProjectsOf(Path.GetRelativePath(
                Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(project)!, reference)))));
        return found;
    }

    private static IEnumerable<string> ImportsOf(string project) =>
        XDocument.Parse(Repository.Read(project)).Descendants("Import")
            .Select(i => Path.Combine(Path.GetDirectoryName(project)!, i.Attribute("Project")!.Value));

    /// <summary>All settings that the sources name.</summary>
    internal static IEnumerable<string> SettingsOfTheSources()
    {
        foreach (var file in new[] { "host", "modules" }
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Repository.Root, f), "*.cs", SearchOption.AllDirectories)))
        {
            var text = File.ReadAllText(file);
            foreach (Match match in SettingInSources().Matches(text))
                yield return match.Groups[1].Value.Replace(":", "__", StringComparison.Ordinal);
            foreach (Match match in ConnectionStringInSources().Matches(text))
                yield return "ConnectionStrings__" + match.Groups[1].Value;
        }
    }

    /// <summary>The version of the program.</summary>
    internal static string ProductVersion() =>
        XDocument.Parse(Repository.Read("Directory.Build.props")).Descendants("Version").Single().Value;

    private static Version VersionOf(string image) =>
        PinnedImage().Match(image) is { Success: true } match ? Version.Parse(match.Groups["version"].Value) : new Version(0, 0);

    private static long Bytes(string size) => char.ToLowerInvariant(size[^1]) switch
    {
        'k' => long.Parse(size[..^1], CultureInfo.InvariantCulture) << 10,
        'm' => long.Parse(size[..^1], CultureInfo.InvariantCulture) << 20,
        _ => long.Parse(size, CultureInfo.InvariantCulture),
    };

    // PostgreSQL's releases have two numbers, the others' three.
    [GeneratedRegex(@"^(?:postgres:(?<version>\d+\.\d+)|[a-z./]+:(?<version>\d+\.\d+\.\d+))(-[a-z0-9.]+)?$")]
    private static partial Regex PinnedImage();

    [GeneratedRegex(@"^(\$APP_UID|[1-9]\d*)$")]
    private static partial Regex NumericUser();

    [GeneratedRegex("TOKEN|PASSWORD|ConnectionStrings", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"\$\{\w+:\?set [^}]{20,}\}")]
    private static partial Regex RequiredVariable();

    [GeneratedRegex(@"\$\{?(request|request_uri|args|query_string|is_args|arg_\w+)\b\}?(?!_)")]
    private static partial Regex WholeRequest();

    [GeneratedRegex("Username=[^;]*")]
    private static partial Regex UserName();

    [GeneratedRegex("\"(Lips:[A-Za-z:]+)\"")]
    private static partial Regex SettingInSources();

    [GeneratedRegex("GetConnectionString\\(\"(\\w+)\"\\)")]
    private static partial Regex ConnectionStringInSources();
}
