using System.Globalization;
using Lips.Testing;
using Xunit;

namespace Lips.Audit.Tests.ListAudit;

/// <summary><c>GET /audit</c>: pages, filters, and who may see what.</summary>
public sealed class ListAuditTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private HttpClient Client => fixture.Client;

    [Fact]
    public async Task Pages_go_from_the_newest_to_the_oldest_without_a_gap()
    {
        var id = await Client.NewAsync("USA_30");
        for (var i = 0; i < 7; i++)
            (await Client.UpdateAsync(id, new { read = i % 2 == 0 })).Is(200);
        var all = (await Client.AuditAsync($"?contact_interaction_id={id}")).Select(e => (long)e["id"]!).ToList();

        foreach (var filter in new[]
        {
            $"contact_interaction_id={id}",
            "global_master_advertiser_id=USA_30",
            "global_master_advertiser_id=USA_30&action=update&action=ingest",
        })
        {
            var paged = new List<long>();
            var pages = 0;
            for (string? next = ""; next is not null; pages++)
            {
                var page = (await Client.GetAnswerAsync($"/audit?limit=3&{filter}{(next.Length == 0 ? "" : $"&before={next}")}"))
                    .Is(200).Json;
                paged.AddRange(page["audit"]!.AsArray().Select(e => (long)e!["id"]!));
                Assert.Equal((bool)page["has_more"]!, page["next"] is not null);
                next = (string?)page["next"];
            }

            Assert.Equal(8, all.Count);
            Assert.Equal(all, paged);
            Assert.Equal(3, pages);
            Assert.Equal(all.OrderDescending(), all);
        }
    }

    [Fact]
    public async Task A_batch_of_several_advertisers_is_found_by_each_and_once()
    {
        var own = await Client.NewAsync("USA_31");
        (await Client.BulkAsync([Trail.Record("USA_31"), Trail.Record("USA_32"), Trail.Record("USA_32")])).Is(200);

        Assert.Equal(
            ["ingest_bulk", "ingest"], (await Client.AuditAsync("?global_master_advertiser_id=USA_31")).Select(e => (string)e["action"]!));
        Assert.Equal(["3"], (await Client.AuditAsync("?global_master_advertiser_id=USA_32")).Select(e => e.Text("count")));
        Assert.Equal(2, (await Client.AuditAsync("?global_master_advertiser_id=USA_31&global_master_advertiser_id=USA_32")).Count);
        Assert.Equal(
            [own],
            (await Client.AuditAsync("?global_master_advertiser_id=USA_31&action=ingest")).Select(e => (long)e["contact_interaction_id"]!));
    }

    [Fact]
    public async Task Filters_by_token_action_and_time_are_met_together()
    {
        using var other = await fixture.Node.AdminAsync("USA_33");
        var mine = await Client.NewAsync("USA_33");
        var theirs = await other.NewAsync("USA_33");
        var token = (long)(await Client.AuditAsync($"?contact_interaction_id={theirs}")).Single()["token_id"]!;
        // Rows of long ago, which the owner puts there.
        await TestPostgres.ExecuteAsync(
            fixture.Node.ConnectionString,
            $"INSERT INTO audit.entries (at, token_id, action, count, fields, advertiser) SELECT d, {token}, 'archive', 1, '{{}}', "
                + "1000000000033 FROM unnest(ARRAY['2020-02-01T00:00:00Z', '2020-02-01T23:59:59.999Z', "
                + "'2020-02-02T00:00:00Z']::timestamptz[]) d");

        Assert.Equal([theirs], await IdsAsync($"token_id={token}&action[]=ingest"));
        Assert.Equal(4, (await Client.AuditAsync($"?token_id={token}")).Count);
        Assert.Equal([theirs, mine], (await IdsAsync("action=ingest&start_date=2021-01-01")).Take(2));
        Assert.Equal(
            ["2020-02-01T23:59:59.999Z", "2020-02-01T00:00:00.000Z"], await TimesAsync("start_date=2020-02-01&end_date=2020-02-01"));
        Assert.Equal(
            ["2020-02-01T23:59:59.999Z"],
            await TimesAsync("start_date=2020-02-01T00:00:00.001Z&end_date=2020-02-01T23:59:59.999Z&global_master_advertiser_id=USA_33"));
        Assert.Equal(
            ["2020-02-02T00:00:00.000Z"], await TimesAsync("start_date=2020-02-02&end_date=2020-02-02&action=archive&action=update"));
        Assert.Empty(await TimesAsync("end_date=2019-12-31"));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("before=nonsense", "before")]
    [InlineData("before=MQ", "before")]
    [InlineData("token_id=x", "token_id")]
    [InlineData("token_id=1&token_id=2", "token_id")]
    [InlineData("contact_interaction_id=-1", "contact_interaction_id")]
    [InlineData("action[]=erase", "action")]
    [InlineData("global_master_advertiser_id=usa_1", "global_master_advertiser_id")]
    [InlineData("start_date=2026-02-30", "start_date")]
    [InlineData("start_date=2026-02-02&end_date=2026-02-01", "start_date")]
    [InlineData("limit=0&end_date=x&action=", "limit end_date action")]
    public async Task What_is_wrong_is_said_all_at_once(string query, string attributes)
    {
        var answer = (await Client.GetAnswerAsync("/audit?" + query)).Is(422);

        Assert.Equal(attributes.Split(' ').Order(), answer.Attributes.Order());
    }

    [Fact]
    public async Task Unknown_parameters_are_refused_only_when_the_client_is_strict()
    {
        (await Client.GetAnswerAsync("/audit?colour=red")).Is(200);
        Assert.Equal(
            ["colour"],
            (await Client.SendAsync(HttpMethod.Get, "/audit?colour=red", null, ("Prefer", "handling=strict"))).Is(422).Attributes);
    }

    [Fact]
    public async Task A_token_of_some_advertisers_sees_theirs_and_its_share_of_batches_and_no_tokens()
    {
        using var limited = await fixture.Node.AdminAsync("USA_34", "USA_35");
        var seen = await Client.NewAsync("USA_34");
        await Client.NewAsync("USA_36");
        (await Client.BulkAsync([Trail.Record("USA_34"), Trail.Record("USA_36"), Trail.Record("USA_36")])).Is(200);
        (await Client.BulkAsync([Trail.Record("USA_34"), Trail.Record("USA_35")])).Is(200);
        (await Client.BulkAsync([Trail.Record("USA_36"), Trail.Record("USA_37")])).Is(200);

        var entries = await limited.AuditAsync();

        Assert.Equal(
            ["ingest_bulk USA_34,USA_35 2", "ingest_bulk USA_34 1", "ingest USA_34 1"],
            entries.Select(e => $"{e.Text("action")} {e.Text("global_master_advertiser_ids")} {e.Text("count")}"));
        Assert.Equal(
            ["null", "null"],
            new[] { "first_contact_interaction_id", "last_contact_interaction_id" }.Select(name => entries[1].Text(name)));
        Assert.NotEqual("null", entries[0].Text("first_contact_interaction_id"));
        Assert.Equal(seen, (long)entries[2]["contact_interaction_id"]!);
        Assert.Empty(await limited.AuditAsync("?action=token_create&action=admin_token_set"));
        (await limited.GetAnswerAsync("/audit?global_master_advertiser_id=USA_36")).Is(403);
    }

    [Fact]
    public async Task A_token_of_very_many_advertisers_names_those_that_it_asks_about()
    {
        using var limited = await fixture.Node
            .AdminAsync([.. Enumerable.Range(1, 101).Select(n => string.Create(CultureInfo.InvariantCulture, $"AUS_{n}"))]);
        await Client.NewAsync("AUS_101");

        Assert.Equal(["global_master_advertiser_id"], (await limited.GetAnswerAsync("/audit")).Is(422).Attributes);
        Assert.Single(await limited.AuditAsync("?global_master_advertiser_id=AUS_101,AUS_7"));
    }

    private async Task<IEnumerable<long>> IdsAsync(string query) =>
        (await Client.AuditAsync("?" + query)).Select(e => (long)e["contact_interaction_id"]!);

    private async Task<IEnumerable<string>> TimesAsync(string query) =>
        (await Client.AuditAsync("?" + query)).Select(e => (string)e["at"]!);
}
