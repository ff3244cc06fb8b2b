using Xunit;

namespace Lips.Host.Tests.Containers;

public sealed class DeploymentTests
{
    private static readonly string[] Files = ["Dockerfile", ".dockerignore", "docker-compose.yml", "build/nginx.conf"];

    [Fact]
    public async Task The_files_for_containers_fit_the_program() => Assert.Empty(await ProblemsAsync(Files.Select(Repository.Read)));

    [Fact]
    public void Nodes_are_started_with_the_same_runtime_everywhere()
    {
        const string setting = "0x1000000";
        Assert.Contains("DOTNET_GCgen0size:-" + setting, Repository.Read("build/lib.sh"), StringComparison.Ordinal);
        Assert.Contains("DOTNET_GCgen0size=" + setting, Repository.Read("Dockerfile"), StringComparison.Ordinal);
        Assert.Contains($"(\"DOTNET_GCgen0size\", \"{setting}\")", Repository.Read("tests/Lips.Bench/World.cs"), StringComparison.Ordinal);
    }

    /// <summary>Each rule on a mistake that it is there for.</summary>
    [Theory]
    [InlineData("Dockerfile", "sdk:10.0.401-noble", "sdk:latest", "not pinned")]
    [InlineData("Dockerfile", "sdk:10.0.401-noble", "sdk:10.0", "not pinned")]
    [InlineData("Dockerfile", "sdk:10.0.401-noble", "sdk:9.0.301-noble", "global.json")]
    [InlineData("Dockerfile", "aspnet:10.0.12", "aspnet:9.0.6", "does not run on")]
    [InlineData(
        "Dockerfile", "COPY host/Lips.Demo/Lips.Demo.csproj host/Lips.Demo/packages.lock.json host/Lips.Demo/\n", "",
        "not copied before the restore")]
    [InlineData("Dockerfile", "COPY host/Lips.Host/ReadyToRun.targets host/Lips.Host/\n", "", "not copied before the restore")]
    [InlineData("Dockerfile", "host/Lips.Demo/Lips.Demo.csproj", "host/Lips.Data/Lips.Data.csproj", "no such thing")]
    [InlineData("Dockerfile", " --locked-mode", "", "lock files")]
    [InlineData("Dockerfile", "Lips__Home=", "Lips__Hame=", "does not read Lips__Hame")]
    [InlineData("Dockerfile", "EXPOSE 8080", "EXPOSE 80", "exposes")]
    [InlineData("Dockerfile", "127.0.0.1:8080/health", "127.0.0.1:80/health", "health check asks")]
    [InlineData("Dockerfile", "/health/live", "/healthz", "not a route")]
    [InlineData("Dockerfile", "\"health\"", "\"heath\"", "not lips health")]
    [InlineData("Dockerfile", "USER $APP_UID\n", "", "as root")]
    [InlineData("Dockerfile", "USER $APP_UID", "USER 0", "as root")]
    [InlineData("Dockerfile", "CMD [\"serve\"]", "CMD [\"server\"]", "does not run")]
    [InlineData(".dockerignore", "!modules\n", "", "hides")]
    [InlineData("docker-compose.yml", "postgres:17.7-bookworm", "postgres", "not pinned")]
    [InlineData("docker-compose.yml", "lips:0.1.0", "lips:0.0.9", "version")]
    [InlineData(
        "docker-compose.yml", "Lips__AdminToken: ${Lips__AdminToken:?", "Lips__Token: ${Lips__AdminToken:?", "does not read Lips__Token")]
    [InlineData(
        "docker-compose.yml", "Lips__AdminToken: ${Lips__AdminToken:?", "Lips__AdminToken: ${Lips__AdminToken:-secret",
        "does not come from the environment")]
    [InlineData("docker-compose.yml", "Host=postgres", "Host=database", "not connected")]
    [InlineData("docker-compose.yml", "/health/ready", "/ready", "not a route")]
    [InlineData("docker-compose.yml", "Username=lips_app", "Username=lips", "as the owner")]
    [InlineData("docker-compose.yml", "command: [\"migrate\"]", "command: [\"serve\"]", "Nobody migrates")]
    [InlineData(
        "docker-compose.yml", "ConnectionStrings__LipsOwner: Host=postgres;Database=lips;Username=lips;",
        "ConnectionStrings__LipsOwner: Host=postgres;Database=lips;Username=other;", "Nobody migrates")]
    [InlineData(
        "docker-compose.yml", "Lips__AdminToken: ${", "ConnectionStrings__LipsOwner: x\n    Lips__AdminToken: ${", "and only the role")]
    [InlineData("docker-compose.yml", "service_completed_successfully", "service_started", "does not wait")]
    [InlineData("docker-compose.yml", "stop_grace_period: 45s", "stop_grace_period: 10s", "is killed after")]
    [InlineData("docker-compose.yml", "condition: service_healthy", "condition: service_started", "does not wait")]
    [InlineData("docker-compose.yml", ":8080}:8080", ":8080}:80", "published")]
    [InlineData("docker-compose.yml", "postgres:/var/lib/postgresql/data", "./data:/var/lib/postgresql/data", "named volume")]
    [InlineData("docker-compose.yml", "Lips__Proxies: 172.28.86.0/24", "Lips__Proxies: 0.0.0.0/0", "on who the client is")]
    [InlineData("docker-compose.yml", "- subnet: 172.28.86.0/24", "- subnet: 172.28.87.0/24", "on who the client is")]
    [InlineData(
        "build/nginx.conf", "X-Forwarded-For $remote_addr", "X-Forwarded-For $proxy_add_x_forwarded_for", "X-Forwarded-For of the client")]
    [InlineData("build/nginx.conf", "        proxy_set_header X-Forwarded-Proto $scheme;\n", "", "X-Forwarded-Proto of the client")]
    [InlineData("build/nginx.conf", "server lips-2:8080", "server lips-2:80", "passes on to")]
    [InlineData("build/nginx.conf", "hash $advertiser consistent;", "", "has its counters")]
    [InlineData(
        "build/nginx.conf", "default $arg_global_master_advertiser_id", "default $request_id", "has its counters")]
    [InlineData("build/nginx.conf", "listen 8080", "listen 80", "nginx listens on 80")]
    [InlineData("build/nginx.conf", "buffers 4 32k", "buffers 4 8k", "shorter request lines")]
    [InlineData("build/nginx.conf", "client_max_body_size 2m", "client_max_body_size 1m", "smaller bodies")]
    [InlineData("build/nginx.conf", "proxy_request_buffering off", "proxy_request_buffering on", "does not stream bulk")]
    [InlineData("build/nginx.conf", "= /contact_interactions/bulk", "= /contact_interactions/mass", "not a route")]
    [InlineData("build/nginx.conf", "proxy_buffering off", "proxy_buffering on", "holds server-sent events back")]
    [InlineData("build/nginx.conf", "error timeout;", "error timeout non_idempotent;", "must not be sent twice")]
    [InlineData("build/nginx.conf", "server_tokens off", "server_tokens on", "version")]
    [InlineData("build/nginx.conf", "$request_method $uri", "$request", "query")]
    [InlineData("build/nginx.conf", "$request_method $uri", "$request_method $request_uri", "query")]
    [InlineData("build/nginx.conf", "error_page 413 /nginx/413;", "", "answers 413")]
    [InlineData("build/nginx.conf", "location = /nginx/414 ", "location @uri_too_long ", "answers 414")]
    [InlineData("build/nginx.conf", "proxy_buffer_size 160k;", "", "headers of an answer")]
    [InlineData("build/nginx.conf", "{\"name\":\"uri_too_long\",", "{", "section 3")]
    public async Task A_mistake_in_them_is_found(string file, string right, string wrong, string problem)
    {
        Assert.Contains(right, Repository.Read(file));

        var problems = await ProblemsAsync(
            Files.Select(f => f == file ? Repository.Read(f).Replace(right, wrong, StringComparison.Ordinal) : Repository.Read(f)));

        Assert.Contains(problems, p => p.Contains(problem, StringComparison.Ordinal));
    }

    private static Task<IReadOnlyList<string>> ProblemsAsync(IEnumerable<string> files) =>
        files.ToArray() is [var dockerfile, var ignored, var compose, var nginx]
            ? new Deployment(dockerfile, ignored, compose, nginx).ProblemsAsync()
            : throw new InvalidOperationException();
}
