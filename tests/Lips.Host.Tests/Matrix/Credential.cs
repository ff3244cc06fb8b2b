using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Matrix;

/// <summary>Whom a request comes from, in the matrix.</summary>
public enum Credential
{
    None,
    Malformed,
    Unknown,
    Expired,
    Revoked,
    WrongKey,
    AllAbilitiesButTheOne,
    TheOneAbilityAlone,
    OtherAdvertiser,
    Partner,
    NoPii,
    Admin,
}

/// <summary>A node with two advertisers, and a token of each kind.</summary>
internal sealed class MatrixWorld : IAsyncDisposable
{
    /// <summary>The advertiser that requests are for.</summary>
    public const string Advertiser = "USA_1";

    /// <summary>The advertiser of <see cref="Credential.OtherAdvertiser"/>.</summary>
    public const string Other = "USA_2";

    private static readonly string[] Abilities = ["read", "write", "ingest", "admin"];

    private readonly LipsNode node;
    private readonly Dictionary<Credential, (string Name, string Value)[]> headers = [];

    private MatrixWorld(LipsNode node) => this.node = node;

    public LipsNode Node => node;

    /// <summary>A client that sends no credential of its own.</summary>
    public required HttpClient Client { get; init; }

    public static async Task<MatrixWorld> StartAsync()
    {
        var node = await LipsNode.StartAsync();
        var world = new MatrixWorld(node) { Client = node.NewClient(null) };
        await world.MakeTokensAsync();
        return world;
    }

    /// <summary>The headers of a credential for a route that requires an ability.</summary>
    public async Task<(string Name, string Value)[]> HeadersAsync(Credential credential, string? ability) =>
        credential is Credential.AllAbilitiesButTheOne or Credential.TheOneAbilityAlone
            ? [Authorization((await NewTokenAsync(new
            {
                abilities = Abilities.Where(a => (a == (ability is null or Route.AnyAbility ? "read" : ability))
                    == (credential == Credential.TheOneAbilityAlone)).ToArray(),
                advertisers = "all",
            })).Secret)]
            : headers[credential];

    /// <summary>Makes a token within <see cref="Advertiser"/> or as it is said.</summary>
    public async Task<(long Id, string Secret, string? Key)> NewTokenAsync(object given)
    {
        var token = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(given))!.AsObject();
        token["name"] = "matrix";
        var made = await node.NewTokenAsync(token);
        return (made.Id(), made.Secret(), (string?)made["api_key"]);
    }

    /// <summary>Makes an interaction of the advertiser.</summary>
    public async Task<long> NewInteractionAsync() => (long)(await node.Client.IngestAsync(new
    {
        global_master_advertiser_id = Advertiser,
        event_type = "call",
        occurred_at = "2026-01-01T00:00:00Z",
    }))["id"]!;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await node.DisposeAsync();
    }

    private static (string, string) Authorization(string secret) => ("Authorization", "token " + secret);

    private async Task MakeTokensAsync()
    {
        var all = new { abilities = Abilities, advertisers = "all" };
        headers[Credential.None] = [];
        headers[Credential.Malformed] = [("Authorization", "Basic dXNlcjpwYXNz more words")];
        headers[Credential.Unknown] = [Authorization("lips_nobody-has-this-secret")];
        var expired = await NewTokenAsync(all);
        await TestPostgres.ExecuteAsync(
            node.ConnectionString, $"UPDATE access.tokens SET expires_at = now() - interval '1 second' WHERE id = {expired.Id}");
        headers[Credential.Expired] = [Authorization(expired.Secret)];
        var revoked = await NewTokenAsync(all);
        (await node.Client.SendAsync(HttpMethod.Delete, $"/tokens/{revoked.Id}")).Is(200);
        headers[Credential.Revoked] = [Authorization(revoked.Secret)];
        var partner = await NewTokenAsync(new { abilities = Abilities, advertisers = new[] { Advertiser }, api_key = true });
        var second = await NewTokenAsync(new { abilities = Abilities, advertisers = "all", api_key = true });
        headers[Credential.Partner] = [Authorization(partner.Secret), ("x-api-key", partner.Key!)];
        headers[Credential.WrongKey] = [Authorization(partner.Secret), ("x-api-key", second.Key!)];
        headers[Credential.OtherAdvertiser] = [
            Authorization((await NewTokenAsync(new { abilities = Abilities, advertisers = new[] { Other } })).Secret),
        ];
        headers[Credential.NoPii] = [
            Authorization((await NewTokenAsync(new { abilities = Abilities, advertisers = "all", pii = false })).Secret),
        ];
        headers[Credential.Admin] = [Authorization(LipsNode.AdminToken)];
        Assert.Equal(Enum.GetValues<Credential>().Length - 2, headers.Count);
    }
}
