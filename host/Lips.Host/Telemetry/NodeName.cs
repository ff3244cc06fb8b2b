using System.Globalization;

namespace Lips.Host.Telemetry;

/// <summary>What a node is called in logs and in telemetry: its machine and process, unless the setting <c>Lips:Node</c> says it.</summary>
internal static class NodeName
{
    public static string Read(IConfiguration settings) => settings["Lips:Node"] is { Length: > 0 } given ? given
        : string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}");
}
