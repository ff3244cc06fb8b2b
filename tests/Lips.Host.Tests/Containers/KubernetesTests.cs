using System.Globalization;
using Lips.Host.Cluster;
using Lips.Host.Http;
using Microsoft.Extensions.Configuration;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Lips.Host.Tests.Containers;

public sealed class KubernetesTests
{
    private const string File = "build/k8s/lips.yaml";

    // Kestrel's 30 s for what is in flight, and the silo's 5.
    private const int SecondsToStop = 35;

    [Fact]
    public void The_file_fits_the_program() => Assert.Empty(Problems(Repository.Read(File)));

    /// <summary>Each rule on a mistake that it is there for.</summary>
    [Theory]
    [InlineData("lips:0.1.0", "lips:latest", "version")]
    [InlineData("args: [\"migrate\"]", "args: [\"serve\"]", "Nobody migrates")]
    [InlineData("Lips__HealthPort", "Lips__HealthPorts", "does not read Lips__HealthPorts")]
    [InlineData("value: \"8081\"", "value: \"8082\"", "Lips:HealthPort")]
    [InlineData("value: \"11111\"", "value: \"11112\"", "Lips:Cluster:Port")]
    [InlineData("containerPort: 8080", "containerPort: 80", "ASPNETCORE_URLS")]
    [InlineData("value: \"10\"", "value: \"ten\"", "is not read")]
    [InlineData("value: \"10\"", "value: \"30\"", "is killed after 60 s")]
    [InlineData("path: /health/ready", "path: /ready", "/ready is not a route")]
    [InlineData("/health/ready, port: health", "/health/live, port: health", "not ready")]
    [InlineData("key: owner", "key: admin-token", "as the owner")]
    [InlineData("targetPort: http", "targetPort: silo", "The service")]
    [InlineData("minReplicas: 3", "minReplicas: 1", "nodes")]
    [InlineData("maxUnavailable: 1", "maxUnavailable: 3", "nodes")]
    [InlineData("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "write")]
    [InlineData("runAsUser: 1654", "runAsUser: 0", "as root")]
    [InlineData("        - {port: health}\n    - from:", "        - {port: health}\n        - {port: silo}\n    - from:", "silo")]
    public void A_mistake_in_it_is_found(string right, string wrong, string problem)
    {
        var file = Repository.Read(File);
        Assert.Contains(right, file, StringComparison.Ordinal);
        Assert.Contains(
            Problems(file.Replace(right, wrong, StringComparison.Ordinal)), found => found.Contains(problem, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Problems(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var kinds = stream.Documents.ToDictionary(d => Text(d.RootNode, "kind")!, d => d.RootNode, StringComparer.Ordinal);
        var (node, migrate) = (Pod(kinds["Deployment"]), Pod(kinds["Job"]));
        var (container, migrating) = (Items(node, "containers").Single(), Items(migrate, "containers").Single());
        var environment = Environment(container);
        var ports = Items(container, "ports").ToDictionary(p => Text(p, "name")!, p => Text(p, "containerPort")!, StringComparer.Ordinal);
        return
        [
            .. Images([container, migrating]), .. Settings(environment.Concat(Environment(migrating))), .. Roles(environment, migrating),
            .. Ports(environment, ports), .. Probes(container), .. Stop(node, environment), .. Numbers(kinds), .. Service(kinds["Service"]),
            .. Account([node, migrate]), .. Silo(kinds["NetworkPolicy"]),
        ];
    }

    private static IEnumerable<string> Images(YamlNode[] containers) =>
        containers.Select(c => Text(c, "image")!).Where(image => image != "lips:" + Deployment.ProductVersion())
            .Select(image => $"{image} is not of version {Deployment.ProductVersion()}.");

    private static IEnumerable<string> Settings(IEnumerable<KeyValuePair<string, string?>> given)
    {
        var read = Deployment.SettingsOfTheSources().ToHashSet(StringComparer.Ordinal);
        foreach (var (name, _) in given.Where(g => !read.Contains(g.Key)))
            yield return $"The program does not read {name}.";
    }

    private static IEnumerable<string> Roles(Dictionary<string, string?> environment, YamlNode migrating)
    {
        if (!Items(migrating, "args").Select(a => a.ToString()).SequenceEqual(["migrate"]))
            yield return "Nobody migrates.";
        if (SecretOf(migrating, "ConnectionStrings__LipsOwner") != "owner" || environment.ContainsKey("ConnectionStrings__LipsOwner"))
            yield return "The job, and nothing else, connects as the owner.";
    }

    private static IEnumerable<string> Ports(Dictionary<string, string?> environment, Dictionary<string, string> ports)
    {
        IConfiguration settings = new ConfigurationBuilder().AddInMemoryCollection(
            environment.Where(e => e.Value is not null).Select(
                e => KeyValuePair.Create(e.Key.Replace("__", ":", StringComparison.Ordinal), e.Value))).Build();
        if (Try(() => HttpSettings.Read(settings).HealthPort) != ports["health"])
            yield return "The port of health is not that of Lips:HealthPort.";
        if (Try(() => ClusterSettings.Read(settings).Port) != ports["silo"])
            yield return "The port of the silo is not that of Lips:Cluster:Port.";
        var image = Dockerfile.Parse(Repository.Read("Dockerfile")).Final.Environment["ASPNETCORE_URLS"];
        if (!image.EndsWith(":" + ports["http"], StringComparison.Ordinal))
            yield return $"The port of http is not that of ASPNETCORE_URLS ({image}).";
        if (Try(() => (int)HttpSettings.Read(settings).Drain.TotalSeconds) is not { } seconds || !int.TryParse(seconds, out _))
            yield return "Lips:Limits:DrainSeconds is not read.";
    }

    private static IEnumerable<string> Probes(YamlNode container)
    {
        string[] probes = ["startupProbe", "livenessProbe", "readinessProbe"];
        foreach (var path in probes.Select(probe => Text(Below(Below(container, probe), "httpGet"), "path")!))
        {
            if (path is not ("/health/live" or "/health/ready"))
                yield return $"{path} is not a route.";
        }

        if (Text(Below(Below(container, "readinessProbe"), "httpGet"), "path") == "/health/live")
            yield return "A node that is not ready is sent requests.";
    }

    private static IEnumerable<string> Stop(YamlNode pod, Dictionary<string, string?> environment)
    {
        var grace = int.Parse(Text(pod, "terminationGracePeriodSeconds")!, CultureInfo.InvariantCulture);
        if (int.TryParse(environment["Lips__Limits__DrainSeconds"], CultureInfo.InvariantCulture, out var drain)
            && grace <= drain + SecondsToStop)
            yield return $"A node is killed after {grace} s, and may take {drain + SecondsToStop} s to stop.";
    }

    private static IEnumerable<string> Numbers(Dictionary<string, YamlNode> kinds)
    {
        var (replicas, least) = (Text(Below(kinds["Deployment"], "spec"), "replicas"), Text(
            Below(kinds["HorizontalPodAutoscaler"], "spec"), "minReplicas"));
        if (replicas != least || Text(Below(kinds["PodDisruptionBudget"], "spec"), "maxUnavailable") != "1")
            yield return $"Of {replicas} nodes, {least} at least, not all but one stay.";
    }

    private static IEnumerable<string> Service(YamlNode service)
    {
        if (Items(Below(service, "spec"), "ports").Any(p => Text(p, "targetPort") != "http"))
            yield return "The service is not of the port http.";
    }

    private static IEnumerable<string> Account(YamlNode[] pods)
    {
        foreach (var pod in pods)
        {
            if (Text(Below(pod, "securityContext"), "runAsUser") == "0")
                yield return "A container runs as root.";
            if (Items(pod, "containers").Any(c => Text(Below(c, "securityContext"), "readOnlyRootFilesystem") != "true"))
                yield return "A container may write into its image.";
        }
    }

    private static IEnumerable<string> Silo(YamlNode policy)
    {
        if (Items(Below(policy, "spec"), "ingress").Any(
            rule => Items(rule, "ports").Any(p => Text(p, "port") == "silo") && Below(rule, "from") is null))
            yield return "Everybody reaches the silo.";
    }

    private static string? Try(Func<int> read)
    {
        try
        {
            return read().ToString(CultureInfo.InvariantCulture);
        }
        catch (Kernel.SettingException)
        {
            return null;
        }
    }

    private static YamlNode Pod(YamlNode owner) => Below(Below(Below(owner, "spec"), "template"), "spec")!;

    private static Dictionary<string, string?> Environment(YamlNode container) =>
        Items(container, "env").ToDictionary(e => Text(e, "name")!, e => Text(e, "value"), StringComparer.Ordinal);

    private static string? SecretOf(YamlNode container, string name) =>
        Items(container, "env").Where(e => Text(e, "name") == name)
            .Select(e => Text(Below(Below(e, "valueFrom"), "secretKeyRef"), "key")).SingleOrDefault();

    private static YamlNode? Below(YamlNode? map, string key) =>
        map is YamlMappingNode entries && entries.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private static string? Text(YamlNode? map, string key) => (Below(map, key) as YamlScalarNode)?.Value;

    private static IEnumerable<YamlNode> Items(YamlNode? map, string key) => Below(map, key) as YamlSequenceNode ?? new YamlSequenceNode();
}
