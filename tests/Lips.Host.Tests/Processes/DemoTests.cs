using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Processes;

public sealed partial class DemoTests
{
    [Fact]
    public async Task Demo_data_is_loaded_once_and_the_printed_commands_work()
    {
        using var home = new TempHome();
        await using (var first = await LoadedAsync(home, created: 55_500, already: 0))
        {
            foreach (var command in await CommandsAsync(first))
            {
                var json = await AnswerAsync(command);
                Assert.True((int)json["totals"]!["events"]! > 1_000, json.ToJsonString());
            }

            await first.StopAsync();
        }

        await using var second = await LoadedAsync(home, created: 0, already: 55_500);
        await second.StopAsync();
    }

    private static async Task<LipsProcess> LoadedAsync(TempHome home, int created, int already)
    {
        var host = LipsProcess.Run(home, ["serve", "--demo", "--urls", "http://127.0.0.1:0"]);
        await host.PrintedAsync(
            new Regex($"^Demo data: {created} interactions added, {already} were there already\\.$", RegexOptions.Multiline));
        return host;
    }

    private static async Task<IReadOnlyList<string>> CommandsAsync(LipsProcess host)
    {
        IReadOnlyList<string> commands = [];
        await host.UntilAsync(
            "it prints two curl lines",
            () => Task.FromResult((commands = [.. CurlLine().Matches(host.Output).Select(m => m.Groups[1].Value)]).Count == 2));
        return commands;
    }

    private static async Task<JsonNode> AnswerAsync(string command)
    {
        // --fail: anything but a 2xx is an error.
        using var bash = Process.Start(new ProcessStartInfo(
            "bash", ["-c", command.Replace("curl ", "curl --fail --silent --show-error ", StringComparison.Ordinal)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = bash.StandardError.ReadToEndAsync();
        var answer = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.True(bash.ExitCode == 0, $"{command}\n{await errors}{answer}");
        return JsonNode.Parse(answer)!;
    }

    [GeneratedRegex("^  (curl .+)$", RegexOptions.Multiline)]
    private static partial Regex CurlLine();
}
