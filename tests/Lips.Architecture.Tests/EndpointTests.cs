using FastEndpoints;
using Lips.Host;
using Lips.Kernel;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lips.Architecture.Tests;

/// <summary>Every endpoint is FastEndpoints', is mapped, and says who may call it.</summary>
public sealed class EndpointTests
{
    private static readonly string[] OpenToAll = ["/health/live", "/health/ready", "/openapi.json", "/docs"];
    private static readonly string[] ForPartners = ["GET /contact_interactions", "GET /contact_interactions/{id:long}"];

    [Fact]
    public void Every_endpoint_class_is_mapped() => Assert.Empty(EndpointClasses(Product.Types).Except(LipsApplication.Endpoints));

    [Fact]
    public void An_endpoint_class_that_is_not_mapped_is_found()
    {
        var violation = typeof(Interactions.SliceOne.FirstEndpoint);

        Assert.Equal([violation], EndpointClasses([.. Product.Types, violation]).Except(LipsApplication.Endpoints));
    }

    [Fact]
    public void Nothing_answers_requests_but_FastEndpoints_classes() => Assert.Empty(Product.Types.Where(AnswersByItself));

    [Fact]
    public void A_class_that_answers_requests_by_itself_is_found() => Assert.True(AnswersByItself(typeof(HomeEndpoint)));

    [Fact]
    public async Task Every_route_is_an_endpoint_class_of_FastEndpoints_or_hidden()
    {
        var others = (await RoutesAsync()).Where(r => r.Metadata.GetMetadata<EndpointDefinition>() is null)
            .Select(r => r.RoutePattern.RawText);

        // FastEndpoints maps it by itself, and the host takes it away.
        Assert.Equal(["_test_url_cache_"], others);
    }

    [Fact]
    public async Task Every_route_names_a_policy_or_is_open_on_purpose()
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
        var route = new RouteEndpoint(
            _ => Task.CompletedTask, RoutePatternFactory.Parse(pattern), 0,
                new EndpointMetadataCollection(saysSo ? [new AllowAnonymousAttribute()] : []), null);

        Assert.Equal([pattern], OpenByMistake([route]));
    }

    [Fact]
    public void An_endpoint_that_names_no_policy_refuses_to_start()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => RoutesOf(typeof(Interactions.SliceTwo.SecondEndpoint)));

        Assert.Contains("SecondEndpoint does not say who may call it", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endpoint_that_is_not_described_refuses_to_start()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => RoutesOf(typeof(Interactions.SliceOne.FirstEndpoint)));

        Assert.Contains("FirstEndpoint is not described", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partners_reach_the_index_and_show() =>
        Assert.Equal(ForPartners, OpenToPartners(await RoutesAsync()).Order(StringComparer.Ordinal));

    [Fact]
    public void A_route_that_is_open_to_partners_by_mistake_is_found() =>
        Assert.Equal(["GET /third"], OpenToPartners(RoutesOf(typeof(Interactions.SliceTwo.ThirdEndpoint))));

    private static bool AnswersByItself(Type type) =>
        type is { IsClass: true, IsAbstract: false } && !type.IsAssignableTo(typeof(BaseEndpoint))
            && type.Name.EndsWith("Endpoint", StringComparison.Ordinal)
        && !type.IsAssignableTo(typeof(Attribute)) && type.GetMethod("HandleAsync") is not null;

    private static IEnumerable<string> OpenToPartners(IEnumerable<RouteEndpoint> routes) =>
        from route in routes
        where route.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(a => a.Policy == Allow.ReadInAnyProfile)
        from method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        where method != "HEAD" // GET without its body
        select $"{method} {route.RoutePattern.RawText}";

    private static IEnumerable<Type> EndpointClasses(IEnumerable<Type> types) =>
        types.Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(BaseEndpoint)));

    private static IEnumerable<string> OpenByMistake(IEnumerable<RouteEndpoint> routes) => routes
        .Where(r => r.Metadata.GetMetadata<IAllowAnonymous>() is not null
            || r.Metadata.GetOrderedMetadata<IAuthorizeData>().All(a => a.Policy is null))
        .Select(r => r.RoutePattern.RawText!).Distinct().Except([.. OpenToAll, "_test_url_cache_"]);

    /// <summary>The routes of the application as the host builds it. Nothing is started, so no database is needed.</summary>
    private static async Task<List<RouteEndpoint>> RoutesAsync()
    {
        await using var app = LipsApplication.Build(LipsApplication.CreateBuilder([]), "Host=nowhere");
        return RoutesOf(app);
    }

    /// <summary>The routes of one endpoint.</summary>
    private static List<RouteEndpoint> RoutesOf(Type endpoint)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddAuthorization();
        builder.Services.AddFastEndpoints([endpoint]);
        var app = builder.Build();
        app.MapFastEndpoints(settings => settings.Endpoints.Configurator = EndpointRules.ApplyToAll);
        return RoutesOf(app);
    }

    private static List<RouteEndpoint> RoutesOf(IEndpointRouteBuilder app) =>
        [.. app.DataSources.SelectMany(s => s.Endpoints).Cast<RouteEndpoint>()];

    private sealed class HomeEndpoint
    {
        public Task HandleAsync() => Task.CompletedTask;
    }
}
