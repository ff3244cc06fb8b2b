using System.CommandLine;
using System.Text.Json.Nodes;

namespace Lips.Host.Commands;

/// <summary><c>lips config check</c>: whether a host would start with these settings.</summary>
internal static class ConfigCommand
{
    public static Command New()
    {
        var check = new Command("check", "Read all settings as serve does, and print a line for each that cannot be used. Makes nothing.")
        {
            CommandLine.Json,
        };
        check.SetAction(parsed =>
        {
            var bad = SettingsCheck.Bad();
            new Output(parsed.GetValue(CommandLine.Json)).Write(
                new JsonObject { ["errors"] = new JsonArray([.. bad.Select(line => JsonValue.Create(line))]) },
                bad.Count > 0 ? bad : ["All settings can be used."]);
            return bad.Count > 0 ? ExitCodes.WrongUse : ExitCodes.Done;
        });
        return new Command("config", "Check the settings.") { check };
    }
}
