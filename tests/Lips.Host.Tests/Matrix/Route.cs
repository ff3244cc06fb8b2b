namespace Lips.Host.Tests.Matrix;

/// <summary>How a request says whose things it is about.</summary>
internal enum Names
{
    /// <summary>It names no advertiser, or its caller may name any.</summary>
    Nobody,

    /// <summary>The advertiser, in the query string or the body.</summary>
    TheAdvertiser,

    /// <summary>A record by its id.</summary>
    AnId,
}

/// <summary>A row of the matrix: a route, and what contract sections 2, 3 and 8 say of it.</summary>
/// <param name="Method">The method.</param>
/// <param name="Pattern">The route as it is mapped.</param>
/// <param name="Ability">What it requires, or <see cref="AnyAbility"/>; null for none and no credential.</param>
/// <param name="Names">How a request names what it is about.</param>
/// <param name="Success">The status of a request that is allowed.</param>
/// <param name="Address">Makes what a request needs, and gives its address.</param>
/// <param name="Body">The body.</param>
/// <param name="IsForPartners">Whether partners reach it.</param>
/// <param name="OfOthers">The status for a token of another advertiser, where it is not what <paramref name="Names"/> says.</param>
internal sealed record Route(
    string Method, string Pattern, string? Ability, Names Names, int Success, Func<MatrixWorld, Task<string>> Address, object? Body = null,
    bool IsForPartners = false, int? OfOthers = null)
{
    /// <summary>In the place of an ability: a token is needed, whatever its abilities.</summary>
    public const string AnyAbility = "any";

    private const string One = "/contact_interactions/{0}";

    private static readonly object Record = new
    {
        global_master_advertiser_id = MatrixWorld.Advertiser,
        event_type = "call",
        occurred_at = "2026-01-01T00:00:00Z",
    };

    /// <summary>All rows. A route without one fails <see cref="MatrixTests"/>.</summary>
    public static IReadOnlyList<Route> All { get; } =
    [
        new("GET", "/health/live", null, Names.Nobody, 200, At("/health/live")),
        new("GET", "/health/ready", null, Names.Nobody, 200, At("/health/ready")),
        new("GET", "/openapi.json", null, Names.Nobody, 200, At("/openapi.json")),
        new("GET", "/docs", null, Names.Nobody, 200, At("/docs")),
        new(
            "GET", "/contact_interactions", "read", Names.TheAdvertiser, 200, At("/contact_interactions?global_master_advertiser_id=USA_1"),
            IsForPartners: true),
        new(
            "GET", "/contact_interactions/totals", "read", Names.TheAdvertiser, 200,
            At("/contact_interactions/totals?global_master_advertiser_id=USA_1")),
        new(
            "GET", "/contact_interactions/totals/stream", "read", Names.TheAdvertiser, 200,
            At("/contact_interactions/totals/stream?global_master_advertiser_id=USA_1")),
        new(
            "GET", "/contact_interactions/changes", "read", Names.TheAdvertiser, 200,
            At("/contact_interactions/changes?global_master_advertiser_id=USA_1")),
        new(
            "GET", "/contact_interactions/series", "read", Names.TheAdvertiser, 200,
            At("/contact_interactions/series?global_master_advertiser_id=USA_1&start_date=2026-01-01&end_date=2026-01-03")),
        new(
            "GET", "/contact_interactions.csv", "read", Names.TheAdvertiser, 200,
            At("/contact_interactions.csv?global_master_advertiser_id=USA_1")),
        new("GET", "/advertisers", "read", Names.Nobody, 200, At("/advertisers")),
        new("GET", "/contact_interactions/{id:long}", "read", Names.AnId, 200, OfInteraction(One), IsForPartners: true),
        new(
            "GET", "/contact_interactions/{id:long}/history", "read", Names.AnId, 200,
            OfInteraction("/contact_interactions/{0}/history")),
        // Ids of others are answered as such, in an answer that is 200.
        new(
            "POST", "/contact_interactions/actions", "write", Names.Nobody, 200, At("/contact_interactions/actions"),
            new { action = new { type = "archive", ids = new[] { 1 } } }),
        new(
            "PUT", "/contact_interactions/{id:long}", "write", Names.AnId, 200, OfInteraction(One),
            new { contact_interaction = new { read = true } }),
        new(
            "PATCH", "/contact_interactions/{id:long}", "write", Names.AnId, 200, OfInteraction(One),
            new { contact_interaction = new { read = true } }),
        new("DELETE", "/contact_interactions/{id:long}", "write", Names.AnId, 200, OfInteraction(One)),
        new("DELETE", "/contacts_interactions/{id:long}", "write", Names.AnId, 200, OfInteraction("/contacts_interactions/{0}")),
        new(
            "PUT", "/contact_interactions/{id:long}/unarchive", "write", Names.AnId, 200,
            OfInteraction("/contact_interactions/{0}/unarchive")),
        new(
            "PUT", "/contacts_interactions/{id:long}/unarchive", "write", Names.AnId, 200,
            OfInteraction("/contacts_interactions/{0}/unarchive")),
        new(
            "POST", "/contact_interactions", "ingest", Names.TheAdvertiser, 201, At("/contact_interactions"),
            new { contact_interaction = Record }),
        // A line for an advertiser that is not the token's is rejected by itself, in an answer that is 200.
        new(
            "POST", "/contact_interactions/bulk", "ingest", Names.TheAdvertiser, 200, At("/contact_interactions/bulk"), Record,
            OfOthers: 200),
        new(
            "POST", "/tokens", "admin", Names.TheAdvertiser, 201, At("/tokens"),
            new { token = new { name = "made", advertisers = new[] { MatrixWorld.Advertiser }, pii = false } }),
        new("GET", "/tokens", "admin", Names.Nobody, 200, At("/tokens")),
        new("GET", "/tokens/self", AnyAbility, Names.Nobody, 200, At("/tokens/self")),
        new("DELETE", "/tokens/{id:long}", "admin", Names.AnId, 200, async world => $"/tokens/{(await NewTokenAsync(world)).Id}"),
        new(
            "POST", "/tokens/{id:long}/secrets", "admin", Names.AnId, 201,
            async world => $"/tokens/{(await NewTokenAsync(world)).Id}/secrets"),
        new("DELETE", "/tokens/{id:long}/secrets/{secret_id:long}", "admin", Names.AnId, 200, SecretAsync),
        new("GET", "/audit", "admin", Names.Nobody, 200, At("/audit")),
    ];

    private static Func<MatrixWorld, Task<string>> At(string address) => _ => Task.FromResult(address);

    private static Func<MatrixWorld, Task<string>> OfInteraction(string pattern) =>
        async world => string.Format(System.Globalization.CultureInfo.InvariantCulture, pattern, await world.NewInteractionAsync());

    private static Task<(long Id, string Secret, string? Key)> NewTokenAsync(MatrixWorld world) =>
        world.NewTokenAsync(new { advertisers = new[] { MatrixWorld.Advertiser }, abilities = new[] { "read" }, pii = false });

    private static async Task<string> SecretAsync(MatrixWorld world)
    {
        var (id, _, _) = await NewTokenAsync(world);
        (await Lips.Testing.Requests.SendAsync(world.Node.Client, HttpMethod.Post, $"/tokens/{id}/secrets")).Is(201);
        return $"/tokens/{id}/secrets/1";
    }
}
