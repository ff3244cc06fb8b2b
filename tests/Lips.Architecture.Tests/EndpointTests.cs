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
        var metadata = new EndpointMetadataCollection(saysSo ? [new EndpointAccess(Ability.None)] : []);
        var route = new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse(pattern), 0, metadata, null);

        Assert.Equal([pattern], OpenByMistake([route]));
    }

    private static List<Type> EndpointClasses(IEnumerable<Type> types) => [.. types.Where(t => t.IsClass && t.IsAssignableTo(typeof(IEndpoint)))];

    private static IEnumerable<Type> NotMapped(IEnumerable<Type> classes, IEnumerable<RouteEndpoint> routes) =>
        classes.Except(routes.Select(r => r.RequestDelegate?.Target?.GetType()).OfType<Type>());

    private static IEnumerable<string> OpenByMistake(IEnumerable<RouteEndpoint> routes) =>
        routes.Where(r => r.Metadata.GetMetadata<EndpointAccess>() is null or { Ability: Ability.None }).Select(r => r.RoutePattern.RawText!).Except(OpenToAll);

    /// <summary>The routes of the application as the host builds it. Nothing is started, so no database is needed.</summary>
    private static async Task<List<RouteEndpoint>> RoutesAsync()
    {
        await using var app = LipsApplication.Build(LipsApplication.CreateBuilder([]), "Host=nowhere");
        return [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints).Cast<RouteEndpoint>()];
    }
}
