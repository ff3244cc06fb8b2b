using System.Text.RegularExpressions;
using Lips.Access;
using Lips.Audit.Contracts;
using Lips.Counters;
using Lips.Host.Cluster;
using Lips.Host.Http;
using Lips.Host.Telemetry;
using Lips.Kernel;

namespace Lips.Host.Commands;

/// <summary>All settings of the program, read the way that it reads them when it serves.</summary>
internal static partial class SettingsCheck
{
    /// <summary>Reads them all. Nothing is made for it.</summary>
    /// <exception cref="SettingException">One of them cannot be used.</exception>
    public static void Require(IConfiguration settings)
    {
        HomeDatabase.CheckSettings(settings);
        HttpSettings.Read(settings);
        ClusterSettings.Read(settings).Certificate?.Dispose();
        Otlp.CheckSettings(settings);
        AccessModule.CheckSettings(settings);
        CountersModule.CheckSettings(settings);
        ClientAddresses.Read(settings);
        Addresses(settings);
    }

    /// <summary>A line for each that cannot be used.</summary>
    public static IReadOnlyList<string> Bad()
    {
        var (lines, unset) = (new List<string>(), new List<string>());
        while (true)
        {
            try
            {
                // What the program is told on its command line comes last, and an empty setting is one that is not set.
                Require(LipsApplication.CreateBuilder([.. unset.Select(name => $"--{name}=")]).Configuration);
                return lines;
            }
            catch (SettingException e)
            {
                if (Name().Match(e.Message) is { Success: true } named && !unset.Contains(named.Groups[1].Value))
                {
                    lines.Add(e.Message);
                    unset.Add(named.Groups[1].Value);
                    continue;
                }

                if (!lines.Contains(e.Message, StringComparer.Ordinal))
                    lines.Add(e.Message);
                return lines;
            }
        }
    }

    /// <summary>Where the program listens, unless <c>Kestrel:Endpoints</c> says otherwise.</summary>
    /// <exception cref="SettingException">One of them is no address.</exception>
    public static IReadOnlyList<BindingAddress> Addresses(IConfiguration settings)
    {
        const StringSplitOptions trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        return [.. (settings["Urls"] ?? "").Split(';', trimmed).Select(AddressOf)];
    }

    private static BindingAddress AddressOf(string text)
    {
        try
        {
            return BindingAddress.Parse(text);
        }
        catch (FormatException)
        {
            throw new SettingException($"The setting Urls must list addresses such as http://127.0.0.1:8080; {text} is none.");
        }
    }

    [GeneratedRegex(@"^The setting (\S+) ", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
