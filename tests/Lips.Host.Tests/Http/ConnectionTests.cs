using System.Net.Sockets;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Xunit;

namespace Lips.Host.Tests.Http;

public sealed class ConnectionTests
{
    private const string Live = "GET /health/live HTTP/1.1\r\nHost: lips.example\r\n\r\n";

    [Fact]
    public async Task One_connection_too_many_is_closed_and_another_is_taken_when_one_has_gone()
    {
        await using var node = await LipsNode.StartWithAsync(null, ("Lips:Limits:Connections", "2"));
        using var first = await RawConnection.OpenAsync(node);
        using (var second = await RawConnection.OpenAsync(node))
        {
            foreach (var open in new[] { first, second })
            {
                await open.SendAsync(Live);
                (await open.AnswerAsync())!.Is(200);
            }

            Assert.Null(await AskAsync(node));
        }

        RawAnswer? answer;
        for (var patience = DateTime.UtcNow.AddMinutes(1); (answer = await AskAsync(node)) is null; await Task.Delay(50))
            Assert.True(DateTime.UtcNow < patience, "No connection is taken any more.");
        answer.Is(200);
    }

    [Fact]
    public async Task An_ordinary_request_that_takes_too_long_is_given_up_with_503()
    {
        await using var node = await LipsNode.StartWithAsync(null, ("Lips:Limits:RequestSeconds", "1"));
        await using var connection = new NpgsqlConnection(node.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("LOCK TABLE interactions.interactions IN ACCESS EXCLUSIVE MODE", connection, transaction))
            await hold.ExecuteNonQueryAsync();

        var answer = (await node.Client.GetAnswerAsync("/contact_interactions/1")).Is(503);

        Assert.Equal("""{"name":"unavailable","message":"The request took too long; try again."}""", answer.Body);
        Assert.Equal("1", Assert.Single(answer.Headers.GetValues("Retry-After")));
        Assert.Equal("no-store", Assert.Single(answer.Headers.GetValues("Cache-Control")));
        await transaction.RollbackAsync();
        (await node.Client.GetAnswerAsync("/contact_interactions/1")).Is(404);
    }

    [Fact]
    public async Task The_limits_of_the_server_are_the_documented_ones()
    {
        await using var app = LipsApplication.Build(LipsApplication.CreateBuilder([]), "Host=nowhere.invalid");
        var kestrel = app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        var limits = kestrel.Limits;

        Assert.False(kestrel.AddServerHeader);
        Assert.Equal((10_000L, 0L), (limits.MaxConcurrentConnections, limits.MaxConcurrentUpgradedConnections));
        Assert.Equal((TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(130)), (limits.RequestHeadersTimeout, limits.KeepAliveTimeout));
        foreach (var rate in new[] { limits.MinRequestBodyDataRate!, limits.MinResponseDataRate! })
            Assert.Equal((240d, TimeSpan.FromSeconds(10)), (rate.BytesPerSecond, rate.GracePeriod));
        Assert.Equal(
            (256 * 1024, 256 * 1024, 2_000, 2L << 20),
            (limits.MaxRequestLineSize, limits.MaxRequestHeadersTotalSize, limits.MaxRequestHeaderCount, limits.MaxRequestBodySize));
    }

    [Theory]
    [InlineData("Lips:Limits:Connections", "0")]
    [InlineData("Lips:Limits:ConnectionsPerAddress", "0")]
    [InlineData("Lips:Limits:AnswerPauseSeconds", "0")]
    [InlineData("Lips:Limits:RequestSeconds", "1.5")]
    [InlineData("Lips:HealthPort", "65536")]
    [InlineData("Lips:HealthPort", "http")]
    [InlineData("Lips:Limits:BulkPauseSeconds", "-1")]
    [InlineData("Lips:HstsDays", "many")]
    [InlineData("Lips:Proxies", "nginx")]
    [InlineData("Lips:Proxies", "10")]
    [InlineData("Lips:Proxies", "10.0.0.0/33")]
    [InlineData("Lips:Cors:Origins", "*")]
    [InlineData("Lips:Cors:Origins", "https://app.example/")]
    [InlineData("Lips:Cors:Origins", "https://app.example, app.example")]
    [InlineData("Lips:Cors:Origins", "https://user@app.example")]
    public async Task A_setting_that_makes_no_sense_is_refused_at_the_start_in_one_line(string name, string value)
    {
        var builder = LipsApplication.CreateBuilder([]);
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>(name, value)]);

        var refused = await Assert.ThrowsAsync<SettingException>(async () =>
        {
            await using var app = LipsApplication.Build(builder, "Host=nowhere.invalid");
        });

        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    private static async Task<RawAnswer?> AskAsync(LipsNode node)
    {
        using var connection = await RawConnection.OpenAsync(node);
        try
        {
            await connection.SendAsync(Live);
        }
        catch (SocketException)
        {
            return null;
        }

        return await connection.AnswerAsync();
    }
}
