using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Lips.Host.Tests.Containers;

/// <summary>The services of a docker-compose.yml, merge keys resolved.</summary>
internal sealed class Compose
{
    private readonly Dictionary<string, object> root;

    private Compose(Dictionary<string, object> root) => this.root = root;

    public IReadOnlyDictionary<string, Dictionary<object, object>> Services =>
        ((Dictionary<object, object>)root["services"])
            .ToDictionary(s => (string)s.Key, s => (Dictionary<object, object>)s.Value, StringComparer.Ordinal);

    public IReadOnlyList<string> Volumes => [.. ((Dictionary<object, object>)root["volumes"]).Keys.Cast<string>()];

    /// <summary>The subnet of the network that all services are in; null when Docker chooses one.</summary>
    public string? Subnet => Below(Below(Below(root.GetValueOrDefault("networks"), "default"), "ipam"), "config") is List<object>
        and [var config] ? Below(config, "subnet") as string : null;

    private static object? Below(object? map, string key) =>
        map is Dictionary<object, object> entries && entries.TryGetValue(key, out var value) ? value : null;

    public static Compose Parse(string text) =>
        new(new DeserializerBuilder().Build()
            .Deserialize<Dictionary<string, object>>(new MergingParser(new Parser(new StringReader(text)))));
}

internal static class ComposeService
{
    public static IReadOnlyList<string> Strings(this Dictionary<object, object> service, string key) =>
        service.TryGetValue(key, out var list) ? [.. ((List<object>)list).Cast<string>()] : [];

    public static IReadOnlyDictionary<string, string> Environment(this Dictionary<object, object> service) =>
        service.TryGetValue("environment", out var map)
            ? ((Dictionary<object, object>)map).ToDictionary(e => (string)e.Key, e => (string)e.Value, StringComparer.Ordinal)
            : new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What must be so before the service starts: service and condition.</summary>
    public static IReadOnlyDictionary<string, string> Waits(this Dictionary<object, object> service) =>
        service.TryGetValue("depends_on", out var map)
            ? ((Dictionary<object, object>)map)
                .ToDictionary(e => (string)e.Key, e => (string)((Dictionary<object, object>)e.Value)["condition"], StringComparer.Ordinal)
            : new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The words of the health check; empty when there is none.</summary>
    public static IReadOnlyList<string> HealthCheck(this Dictionary<object, object> service) =>
        service.TryGetValue("healthcheck", out var check) ? ((Dictionary<object, object>)check).Strings("test") : [];
}
