using System.Globalization;
using System.Net;
using Lips.Host.Tests.Processes;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>While as many requests wait as may, the next is refused before anything is done for it.</summary>
public sealed class BusyTests
{
    private const string List = "/contact_interactions?global_master_advertiser_id=USA_1";

    [Fact]
    public async Task Who_comes_to_a_full_line_is_refused_first_of_all_and_what_asks_no_database_is_answered()
    {
        await using var node = await LipsNode.StartWithAsync(null, ("Lips:Limits:Waiting", "1"));
        using var anonymous = node.NewClient(null);
        var id = (await node.Client.IngestAsync(Records.New("busy"))).Id().ToString(CultureInfo.InvariantCulture);
        var tag = (await node.Client.GetAnswerAsync(List)).Is(200).Headers.ETag!.ToString();
        (HttpMethod Method, string Target)[] waiting =
        [
            (HttpMethod.Get, List), (HttpMethod.Put, "/contact_interactions/" + id), (HttpMethod.Delete, "/contact_interactions/" + id),
            (HttpMethod.Put, $"/contact_interactions/{id}/unarchive"),
        ];
        foreach (var (method, target) in waiting)
            (await anonymous.SendAsync(method, target)).Is(401);

        await using var connection = new NpgsqlConnection(node.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("LOCK TABLE interactions.interactions IN ACCESS EXCLUSIVE MODE", connection, transaction))
            await hold.ExecuteNonQueryAsync();
        var pages = await FillAsync(() => node.Client.GetAnswerAsync(List));
        var changes = await FillAsync(() => node.Client.SendAsync(HttpMethod.Delete, "/contact_interactions/" + id));

        foreach (var (method, target) in waiting)
        {
            var refused = (await anonymous.SendAsync(method, target)).Is(503);
            Assert.Equal("The service has too much to do at this moment; try again.", (string?)refused.Json["message"]);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        }

        using var same = new HttpRequestMessage(HttpMethod.Get, new Uri(List, UriKind.Relative));
        same.Headers.TryAddWithoutValidation("If-None-Match", tag);
        Assert.Equal(HttpStatusCode.NotModified, (await node.Client.SendAsync(same)).StatusCode);
        (await node.Client.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_1")).Is(200);
        (await anonymous.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_1")).Is(401);

        // On a slow machine others were sent before the first was refused.
        foreach (var refused in pages.Concat(changes).Where(sent => sent.IsCompleted))
            (await refused).Is(503);
        var accepted = pages.Concat(changes).Where(sent => !sent.IsCompleted).ToList();
        Assert.NotEmpty(accepted);
        await transaction.RollbackAsync();
        foreach (var answer in await Task.WhenAll(accepted))
            answer.Is(200);
        (await node.Client.GetAnswerAsync(List)).Is(200);
    }

    /// <summary>Sends requests that have to wait until one is refused.</summary>
    /// <returns>All of them.</returns>
    private static async Task<List<Task<Answer>>> FillAsync(Func<Task<Answer>> send)
    {
        for (var sent = new List<Task<Answer>>(); ; await Task.Delay(50))
        {
            if (sent.Exists(s => s.IsCompleted))
                return sent;
            sent.Add(send());
        }
    }
}
