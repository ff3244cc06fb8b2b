using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Partners;

public sealed class PartnerRouteTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_partner_whose_token_may_not_read_sees_nothing()
    {
        var id = await fixture.Client.NewAsync("USA_2");
        using var partner = await fixture.Node.NewPartnerAsync(abilities: ["write", "ingest"]);

        (await partner.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_2")).Is(403);
        (await partner.GetAnswerAsync($"/contact_interactions/{id}")).Is(403);
    }

    [Fact]
    public async Task An_interaction_of_another_advertiser_is_not_there()
    {
        var mine = await fixture.Client.NewAsync("USA_3");
        var other = await fixture.Client.NewAsync("USA_4");
        using var partner = await fixture.Node.NewPartnerAsync(advertisers: new[] { "USA_3" });

        (await partner.GetAnswerAsync($"/contact_interactions/{mine}")).Is(200);
        var unknown = (await partner.GetAnswerAsync("/contact_interactions/999999999")).Is(404).Body;
        Assert.Equal(unknown, (await partner.GetAnswerAsync($"/contact_interactions/{other}")).Is(404).Body);
        (await partner.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_3,USA_4")).Is(403);
    }

    [Fact]
    public async Task An_archived_interaction_is_not_there_until_it_is_brought_back()
    {
        var id = await fixture.Client.NewAsync("USA_5");
        using var partner = await fixture.Node.NewPartnerAsync();
        var shown = (await partner.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Body;

        (await fixture.Client.ArchiveAsync(id)).Is(200);
        (await partner.GetAnswerAsync($"/contact_interactions/{id}")).Is(404);
        Assert.Empty(await partner.FoundAsync("global_master_advertiser_id=USA_5"));
        Assert.Empty(await partner.FoundAsync("global_master_advertiser_id=USA_5&archived=true"));

        (await fixture.Client.UnarchiveAsync(id)).Is(200);
        Assert.Equal(shown, (await partner.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Body);
        Assert.Equal([id], await partner.FoundAsync("global_master_advertiser_id=USA_5"));
    }

    [Fact]
    public async Task Without_pii_all_that_tells_of_a_person_is_taken_out_and_nothing_else()
    {
        var contact = JsonNode.Parse(
            """
            {"first_name":"SECRET","last_name":"SECRET","display_name":"SECRET","email":"SECRET@x.example","company":"SECRET",
             "title":"SECRET","phone_numbers":[{"phone_type":"SECRET","phone_number":"+19893640001"}]}
            """);
        var id = await fixture.Client.NewAsync(
            "USA_6", "FormEvent", ("contact", contact), ("notes", "SECRET"), ("page_url", "http://SECRET"),
            ("form", new { message = "SECRET" }));
        using var seeing = await fixture.Node.NewPartnerAsync();
        using var blind = await fixture.Node.NewPartnerAsync(pii: false);

        var expected = (await seeing.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Json;
        Assert.Contains("SECRET", expected.ToJsonString(), StringComparison.Ordinal);
        expected["display_name"] = null;
        foreach (var name in (string[])["first_name", "last_name", "email", "company", "title"])
            expected["contact"]![name] = null;
        expected["contact"]!["phone_numbers"] = new JsonArray();

        var shown = (await blind.GetAnswerAsync($"/contact_interactions/{id}")).Is(200);
        Assert.True(JsonNode.DeepEquals(expected, shown.Json), shown.Body);
        var listed = (await blind.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_6")).Is(200);
        Assert.True(JsonNode.DeepEquals(expected, listed.Json["contact_interactions"]![0]), listed.Body);
        (await blind.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_6&event_params[phone_numbers]=+19893640001"))
            .Is(403);
        (await blind.GetAnswerAsync("/contact_interactions?global_master_campaign_id=USA_6&event_params[phone_numbers]=+19893640001"))
            .Is(403);
    }
}
