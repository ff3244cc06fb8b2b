using Lips.Host;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Xunit;

namespace Lips.Architecture.Tests;

/// <summary>Every endpoint class is mapped, and every route asks for an ability unless it is open on purpose.</summary>
public sealed class EndpointTests
{
    private static readonly string[] OpenToAll = ["/health/live", "/health/ready"];
    private static readonly string[] ForPartners = ["GET /contact_interactions", "GET /contact_interactions/{id}"];

    [Fact]
    public async Task Every_endpoint_class_is_mapped() => Assert.Empty(NotMapped(EndpointClasses(Product.Types), await RoutesAsync()));

    [Fact]
    public async Task An_endpoint_class_that_is_not_mapped_is_found()
    {
        var violation = typeof(Interactions.SliceOne.FirstEndpoint);

        Assert.Equal([violation], NotMapped([.. EndpointClasses(Product.Types), violation], await RoutesAsync()));
    }

    [Fact]
    public async Task Every_route_asks_for_an_ability_or_is_open_on_purpose()
    {
        var routes = await RoutesAsync();

        Assert.Empty(OpenByMistake(routes));
        Assert.All(OpenToAll, open => Assert.Contains(routes, r => r.RoutePattern.RawText == open));
    }

    [Theory]
    [InlineData("/tokens", true)]
    [InlineData("/tokens", false)]
    [InlineData("/health/ready/more", true)]
    public void A_route_that_is_open_by_mistake_is_found(string pattern, bool saysSo)
    {
        var metadata = new EndpointMetadataCollection(saysSo ? [new EndpointAccess(Ability.None, IsForPartners: false)] : []);
        var route = new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse(pattern), 0, metadata, null);

        Assert.Equal([pattern], OpenByMistake([route]));
    }

    [Fact]
    public async Task Partners_reach_the_index_and_show() =>
        Assert.Equal(ForPartners, OpenToPartners(await RoutesAsync()).Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_route_that_is_open_to_partners_by_mistake_is_found_and_none_is_unless_it_says_so()
    {
        await using var app = LipsApplication.Build(LipsApplication.CreateBuilder([]), "Host=nowhere");
        app.MapEndpoint<Interactions.SliceTwo.SecondEndpoint>();
        app.MapEndpoint<Interactions.SliceTwo.ThirdEndpoint>();

        Assert.Equal([.. ForPartners, "GET /third"], OpenToPartners(RoutesOf(app)).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> OpenToPartners(IEnumerable<RouteEndpoint> routes) =>
        from route in routes
        where route.Metadata.GetMetadata<EndpointAccess>() is { IsForPartners: true }
        from method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        where method != "HEAD" // GET without its body
        select $"{method} {route.RoutePattern.RawText}";

    private static List<Type> EndpointClasses(IEnumerable<Type> types) =>
        [.. types.Where(t => t.IsClass && t.IsAssignableTo(typeof(IEndpoint)))];

    private static IEnumerable<Type> NotMapped(IEnumerable<Type> classes, IEnumerable<RouteEndpoint> routes) =>
        classes.Except(routes.Select(r => r.RequestDelegate?.Target?.GetType()).OfType<Type>());

    private static IEnumerable<string> OpenByMistake(IEnumerable<RouteEndpoint> routes) =>
        routes.Where(r => r.Metadata.GetMetadata<EndpointAccess>() is null or { Ability: Ability.None })
            .Select(r => r.RoutePattern.RawText!).Except(OpenToAll);

    /// <summary>The routes of the application as the host builds it. Nothing is started, so no database is needed.</summary>
    private static async Task<List<RouteEndpoint>> RoutesAsync()
    {
        await using var app = LipsApplication.Build(LipsApplication.CreateBuilder([]), "Host=nowhere");
        return RoutesOf(app);
    }

    private static List<RouteEndpoint> RoutesOf(IEndpointRouteBuilder app) =>
        [.. app.DataSources.SelectMany(s => s.Endpoints).Cast<RouteEndpoint>()];
}
