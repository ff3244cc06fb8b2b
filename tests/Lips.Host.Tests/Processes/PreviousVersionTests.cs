using System.Diagnostics;
using System.Globalization;
using Lips.Host.Tests.Containers;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Processes;

/// <summary>
/// A rolling upgrade: nodes of the version before the newest migration, built from the history, serve on beside a node of this one, which
/// has migrated their database and joined their cluster.
/// </summary>
public sealed class PreviousVersionTests : IDisposable
{
    private const string Query = "global_master_advertiser_id=USA_1";

    private readonly string sources = Directory.CreateTempSubdirectory("lips-before-").FullName;

    public void Dispose() => Directory.Delete(sources, recursive: true);

    [Fact]
    public async Task It_serves_beside_this_one_what_either_of_them_wrote()
    {
        using var oldHome = new TempHome();
        using var home = new TempHome();
        (string, string)[] settings =
            [("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync()), ("Lips__AdminToken", LipsProcess.Token)];
        await using var before = LipsProcess.RunAnother(
            Build(), oldHome, ["serve", "--urls", "http://127.0.0.1:0"], settings);
        await before.ReadyAsync();
        using var old = NewClient(before);
        var ids = new List<long> { await IngestAsync(old, "before") };
        (await old.GetAnswerAsync($"/contact_interactions/totals?{Query}")).Is(200);

        await using var after = await LipsProcess.ServeReadyAsync(home, settings);
        using var young = NewClient(after);

        for (var turn = 0; turn < 5; turn++)
        {
            foreach (var (client, other) in new[] { (old, young), (young, old) })
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{turn} by {(client == old ? "old" : "young")}");
                ids.Add(await IngestAsync(client, name));
                var line = new { contact_interaction = new { notes = name, read = true } };
                (await client.SendAsync(HttpMethod.Put, $"/contact_interactions/{ids[0]}", line)).Is(200);
                (await client.SendAsync(HttpMethod.Delete, $"/contact_interactions/{ids[0]}", null)).Is(200);
                (await client.SendAsync(HttpMethod.Put, $"/contact_interactions/{ids[0]}/unarchive", null)).Is(200);

                foreach (var reader in new[] { client, other })
                {
                    (await reader.GetAnswerAsync("/health/ready")).Is(200);
                    Assert.Equal(name, (string?)(await reader.GetAnswerAsync($"/contact_interactions/{ids[0]}")).Is(200).Json["notes"]);
                    Assert.Equal(ids.Order(), (await reader.GetAnswerAsync($"/contact_interactions?{Query}")).Is(200).Ids.Order());
                    var totals = (await reader.GetAnswerAsync($"/contact_interactions/totals?{Query}")).Is(200).Json;
                    Assert.Equal(
                        (ids.Count, ids.Count - 1), ((int)totals["totals"]!["events"]!, (int)totals["unread"]!["events"]!));
                }
            }
        }

        await before.StopAsync();
        Assert.Equal(ids.Order(), (await young.GetAnswerAsync($"/contact_interactions?{Query}")).Is(200).Ids.Order());
        await after.StopAsync();
    }

    // Of the version before the document of this one does not hold.
    private static HttpClient NewClient(LipsProcess node)
    {
        var client = new HttpClient { BaseAddress = node.Address };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "token " + LipsProcess.Token);
        return client;
    }

    private static async Task<long> IngestAsync(HttpClient client, string external) => (await client.SendAsync(
        HttpMethod.Post, "/contact_interactions", new { contact_interaction = Records.New(external) })).Is(201).Json.Id();

    /// <summary>Builds the version before the newest migration; of a clone without a history that is this one.</summary>
    private string Build()
    {
        var newest = Run("git", "log --first-parent -m --diff-filter=A -1 --format=%H -- */Migrations/*.sql", Repository.Root).Trim();
        var before = Run("git", $"rev-list --first-parent --max-count=2 {newest}", Repository.Root).Split().Last(line => line.Length > 0);
        var archive = Path.Combine(sources, "before.tar");
        Run("git", $"archive --format=tar --output={archive} {before}", Repository.Root);
        Run("tar", $"-xf {archive}", sources);
        Run("dotnet", "build host/Lips.Host -c Release -v quiet -p:RunAnalyzers=false --disable-build-servers", sources);
        return Path.Combine(sources, "host", "Lips.Host", "bin", "Release", "net10.0", "Lips.Host.dll");
    }

    private static string Run(string program, string arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments.Split(' '))
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {arguments}: {output}{errors.Result}");
        return output;
    }
}
