using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lips.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lips.Host.Tests.Matrix;

/// <summary>Every route for every credential: who may, and what the others are told.</summary>
public sealed partial class MatrixTests : IAsyncLifetime
{
    private MatrixWorld? world;

    private MatrixWorld World => world!;

    public async Task InitializeAsync() => world = await MatrixWorld.StartAsync();

    public Task DisposeAsync() => World.DisposeAsync().AsTask();

    [Fact]
    public void Every_route_has_its_row()
    {
        var mapped = World.Node.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText != "_test_url_cache_")
            .SelectMany(
                e => e.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Where(m => m != "HEAD"),
                (e, method) => $"{method} {e.RoutePattern.RawText}");

        Assert.Equal(Route.All.Select(r => $"{r.Method} {r.Pattern}").Order(StringComparer.Ordinal), mapped.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_route_answers_every_credential_as_documented()
    {
        var wrong = new List<string>();
        foreach (var route in Route.All)
        {
            foreach (var credential in Enum.GetValues<Credential>())
            {
                var answer = await SendAsync(route, await route.Address(World), credential);
                var expected = Expected(route, credential);
                if (answer.Status != expected)
                    wrong.Add($"{route.Method} {route.Pattern}, {credential}: {answer.Status} for {expected}: {answer.Body}");
                else if (expected is 401 or 403 or 404
                    && Name(answer) != expected switch { 401 => "unauthorized", 403 => "not_authorized", _ => "not_found" })
                    wrong.Add($"{route.Method} {route.Pattern}, {credential}: {expected} with the body {answer.Body}");
                else if (expected == 403 && (string?)answer.Json["reason"] != Reason(credential))
                    wrong.Add($"{route.Method} {route.Pattern}, {credential}: 403 with the body {answer.Body}");
                else if (expected == 401 && answer.Headers.WwwAuthenticate.Count == 0)
                    wrong.Add($"{route.Method} {route.Pattern}, {credential}: 401 without WWW-Authenticate");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Ids_of_others_are_answered_exactly_as_ids_that_do_not_exist()
    {
        foreach (var route in Route.All.Where(r => r.Names == Names.AnId))
        {
            var address = await route.Address(World);
            var others = await SendAsync(route, address, Credential.OtherAdvertiser);
            var missing = await SendAsync(route, FirstNumber().Replace(address, "999999999", 1), Credential.OtherAdvertiser);

            others.Is(404);
            Assert.Equal((missing.Status, missing.Body), (others.Status, others.Body));
            Assert.Equal(NamesOf(missing), NamesOf(others));
        }

        static IEnumerable<string> NamesOf(Answer answer) =>
            answer.Headers.Concat(answer.ContentHeaders).Select(h => h.Key).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_line_for_an_advertiser_of_others_is_rejected_and_stores_nothing()
    {
        var bulk = Route.All.Single(r => r.Pattern.EndsWith("/bulk", StringComparison.Ordinal));

        var answer = (await SendAsync(bulk, "/contact_interactions/bulk", Credential.OtherAdvertiser)).Is(200);

        Assert.Equal((0, 1), ((int)answer.Json["created"]!, (int)answer.Json["rejected"]!));
    }

    [Fact]
    public async Task A_filter_on_a_person_is_403_without_pii_wherever_filters_are_taken()
    {
        const string filter = "&event_params[phone_numbers]=2125550100";
        foreach (var route in Route.All
            .Where(r => r is { Method: "GET", Names: Names.TheAdvertiser } && !r.Pattern.EndsWith("/changes", StringComparison.Ordinal)))
        {
            (await SendAsync(route, await route.Address(World) + filter, Credential.NoPii)).Is(403);
            (await SendAsync(route, await route.Address(World) + filter, Credential.Admin)).Is(200);
        }
    }

    [Fact]
    public async Task An_admin_of_some_advertisers_cannot_make_or_see_a_token_of_more()
    {
        var (_, secret, _) = await World.NewTokenAsync(
            new { abilities = new[] { "admin" }, advertisers = new[] { MatrixWorld.Other }, pii = false });
        using var admin = World.Node.NewClient("token " + secret);
        foreach (var more in new object[]
        {
            new { name = "x", advertisers = "all", pii = false },
            new { name = "x", advertisers = new[] { MatrixWorld.Other, MatrixWorld.Advertiser }, pii = false },
            new { name = "x", advertisers = new[] { MatrixWorld.Other }, pii = true },
        })
            (await admin.PostAsync("/tokens", new { token = more })).Is(403);

        (await admin.PostAsync("/tokens", new { token = new { name = "own", advertisers = new[] { MatrixWorld.Other }, pii = false } }))
            .Is(201);

        var listed = (await admin.GetAnswerAsync("/tokens")).Is(200).Json["tokens"]!.AsArray();
        Assert.Equal(2, listed.Count);
        Assert.All(listed, token => Assert.Equal($"[\"{MatrixWorld.Other}\"]", token!["advertisers"]!.ToJsonString()));
    }

    private static int Expected(Route route, Credential credential)
    {
        if (route.Ability is null)
            return route.Success;
        return credential switch
        {
            Credential.None or Credential.Malformed or Credential.Unknown or Credential.Expired or Credential.Revoked
                or Credential.WrongKey => 401,
            Credential.AllAbilitiesButTheOne => route.Ability == Route.AnyAbility ? route.Success : 403,
            Credential.Partner => route.IsForPartners ? route.Success : 403,
            Credential.OtherAdvertiser =>
                route.OfOthers ?? route.Names switch { Names.TheAdvertiser => 403, Names.AnId => 404, _ => route.Success },
            _ => route.Success,
        };
    }

    private static string Reason(Credential credential) =>
        credential switch { Credential.Partner => "profile", Credential.OtherAdvertiser => "advertiser", _ => "ability" };

    private static string? Name(Answer answer) => answer.Body.StartsWith('{') ? (string?)answer.Json["name"] : null;

    /// <summary>Sends a request, and of an answer without an end reads the beginning.</summary>
    private async Task<Answer> SendAsync(Route route, string address, Credential credential)
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Method), new Uri(address, UriKind.Relative));
        foreach (var (name, value) in await World.HeadersAsync(credential, route.Ability))
            request.Headers.TryAddWithoutValidation(name, value);
        if (route.Body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(route.Body)));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(
                route.Pattern.EndsWith("/bulk", StringComparison.Ordinal) ? "application/x-ndjson" : "application/json");
        }

        using var response = await World.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var isEndless = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        return new Answer(
            (int)response.StatusCode,
            isEndless ? "" : await response.Content.ReadAsStringAsync(),
            response.Headers,
            response.Content.Headers);
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex FirstNumber();
}
