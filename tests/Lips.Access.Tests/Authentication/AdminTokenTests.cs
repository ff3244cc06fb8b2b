using System.Collections.Concurrent;
using Lips.Host;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Lips.Access.Tests.Authentication;

public sealed class AdminTokenTests : IDisposable
{
    private const string Bootstraps = "SELECT count(*) FROM access.tokens WHERE bootstrap";

    private readonly string home = Directory.CreateTempSubdirectory("lips-access-").FullName;

    [Fact]
    public async Task Without_a_setting_it_is_made_printed_once_and_kept_for_its_owner()
    {
        var database = await TestPostgres.NewDatabaseAsync();
        var printed = new ConcurrentQueue<string>();

        await using (var first = await StartAsync(database, null, printed))
        {
            var line = Assert.Single(printed);
            var secret = line[(line.LastIndexOf(' ') + 1)..];
            var file = Path.Combine(home, AdminToken.FileName);
            Assert.Equal(secret, (await File.ReadAllTextAsync(file)).Trim());
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(200, await StatusAsync(first, secret));
        }

        await using var again = await StartAsync(database, null, printed);
        Assert.Single(printed);
        Assert.Equal(200, await StatusAsync(again, (await File.ReadAllTextAsync(Path.Combine(home, AdminToken.FileName))).Trim()));
    }

    [Theory]
    [Each(true, false)]
    public async Task Two_nodes_that_start_at_once_make_one(bool sharedHome)
    {
        for (var round = 0; round < 5; round++)
        {
            var database = await TestPostgres.NewDatabaseAsync();
            var printed = new ConcurrentQueue<string>();
            var homes = Enumerable.Range(0, 4).Select(i => Path.Combine(home, sharedHome ? $"{round}" : $"{round}-{i}")).ToArray();

            var nodes = await Task.WhenAll(homes.Select(h => Task.Run(() => StartAsync(database, null, printed, h))));

            Assert.Equal(1, await TestPostgres.ScalarAsync<long>(database, Bootstraps));
            var line = Assert.Single(printed);
            var kept = Assert.Single(homes.Distinct().Select(h => Path.Combine(h, AdminToken.FileName)).Where(File.Exists));
            Assert.EndsWith((await File.ReadAllTextAsync(kept)).Trim(), line, StringComparison.Ordinal);
            foreach (var node in nodes)
            {
                Assert.Equal(200, await StatusAsync(node, line[(line.LastIndexOf(' ') + 1)..]));
                await node.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Two_nodes_that_start_at_once_with_the_setting_make_one_that_may_do_everything()
    {
        var database = await TestPostgres.NewDatabaseAsync();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => LipsNode.StartAsync(database))));

        Assert.Equal(1, await TestPostgres.ScalarAsync<long>(database, Bootstraps));
        foreach (var node in nodes)
        {
            var token = (await node.Client.GetAnswerAsync("/tokens")).Is(200).Json["tokens"]![0]!;
            Assert.Equal(
                ("admin", "all", """["read","write","ingest","admin"]""", true, true),
                ((string)token["name"]!, (string)token["advertisers"]!, token["abilities"]!.ToJsonString(), (bool)token["trusted"]!,
                    (bool)token["pii"]!));
            Assert.Equal(100, (int)(await node.Client.GetAnswerAsync(TokenUses.List)).Is(200).Json["per_page"]!);
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Another_setting_takes_the_place_of_the_one_before()
    {
        await using var old = await LipsNode.StartAsync();
        (await old.Client.GetAnswerAsync("/tokens")).Is(200);

        await using var node = await StartAsync(old.ConnectionString, "another-admin-token", new());

        Assert.Equal(200, await StatusAsync(node, "another-admin-token"));
        Assert.Equal(401, await StatusAsync(node, LipsNode.AdminToken));
        Assert.Equal(1, await TestPostgres.ScalarAsync<long>(old.ConnectionString, Bootstraps));
        Assert.True(await old.UntilRefusedAsync(LipsNode.AdminToken) < TimeSpan.FromSeconds(5));
        (await old.GetWithAsync("another-admin-token", "/tokens")).Is(200);
    }

    [Theory]
    [Each("too-short-by-1", "long enough but with spaces", "long-enough-with-a-tab\t")]
    public async Task A_setting_that_is_not_safe_is_refused(string setting)
    {
        var database = await TestPostgres.NewDatabaseAsync();

        var refused = await Assert.ThrowsAsync<SettingException>(() => StartAsync(database, setting, new()));

        Assert.Contains("Lips:AdminToken", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(setting, refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await TestPostgres.ScalarAsync<long>(database, Bootstraps));
    }

    [Fact]
    public async Task A_file_of_another_database_is_not_believed()
    {
        await using var node = await LipsNode.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(home, AdminToken.FileName), "the-token-of-another-database\n");

        await using var second = await StartAsync(node.ConnectionString, null, new());

        Assert.Equal(401, await StatusAsync(second, "the-token-of-another-database"));
        Assert.Equal(200, await StatusAsync(second, LipsNode.AdminToken));
    }

    public void Dispose() => Directory.Delete(home, recursive: true);

    private async Task<WebApplication> StartAsync(string database, string? setting, ConcurrentQueue<string> printed, string? ownHome = null)
    {
        var builder = LipsApplication.CreateBuilder(
            ["--urls", "http://127.0.0.1:0", .. setting is null ? Array.Empty<string>() : ["--Lips:AdminToken", setting]]);
        builder.Logging.ClearProviders();
        var app = LipsApplication.Build(builder, database);
        try
        {
            await app.Services.GetRequiredService<Startup>().PrepareAsync(ownHome ?? home, printed.Enqueue, CancellationToken.None);
            await app.StartAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static async Task<int> StatusAsync(WebApplication app, string secret)
    {
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "token " + secret);
        return (await client.GetAnswerAsync("/tokens")).Status;
    }
}
