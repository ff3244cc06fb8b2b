using System.Globalization;
using System.Net.Http.Headers;
using Lips.Demo;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Pii;

/// <summary>The whole demo data, and who may not see the people in it.</summary>
[Collection(nameof(AloneCollection))]
public sealed class DemoPiiTests
{
    // Texts that tell of a person in one place and stand in another that everybody may read: the store "Harbor" and the campaign "Search |
    // Brand | Harbor", the kind of telephone "other" and the channel, the wish "phone" and the lead type "PHONE_CALL", the service "Weekend
    // rental" and the campaign "Social | Weekend Rentals". Alone they cannot be looked for; the texts around them can.
    private static readonly string[] AlsoOpen = ["HARBOR", "OTHER", "PHONE", "WEEKEND RENTAL"];

    [Fact]
    public async Task No_answer_to_a_token_without_pii_has_anything_of_a_person_in_the_demo_data()
    {
        await using var node = await LipsNode.StartAsync();
        var demo = await LoadAsync(node);
        using var seeing = node.NewClient("Bearer " + await TokenAsync(node, pii: true));
        using var blind = node.NewClient("Bearer " + await TokenAsync(node, pii: false));
        var (all, some) = (new AnswerTexts(seeing), new AnswerTexts(blind));
        foreach (var advertiser in DemoData.Advertisers)
        {
            await ListAsync(all, advertiser.Id);
            await ListAsync(some, advertiser.Id);
            await FollowChangesAsync(some, advertiser.Id);
            await some.GetAsync($"/contact_interactions/totals?global_master_advertiser_id={advertiser.Id}", 200);
            await some.OpenStreamAsync($"/contact_interactions/totals/stream?global_master_advertiser_id={advertiser.Id}");
            await some.GetAsync(
                $"/contact_interactions/series?global_master_advertiser_id={advertiser.Id}&start_date=2026-01-01&end_date=2026-06-30", 200);
            await some.ListByCursorAsync(advertiser.Id);
            await some.ExportAsync(advertiser.Id);
        }

        await ShowAsync(some, demo);
        await AskForPeopleAsync(some, demo);

        var personal = demo.Personal.Keys.Concat(demo.Variants).ToList();
        var open = new TextSearch(personal);
        Assert.Equal(AlsoOpen, demo.Open.SelectMany(open.In).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        var search = new TextSearch(personal.Where(text => !AlsoOpen.Contains(text.ToUpperInvariant())));
        Assert.Empty(some.Values.SelectMany(text => search.In(text).Select(found => $"'{found}' in '{text}'")).Take(20));
        Assert.Empty(some.Names.Intersect(demo.Keys));

        // The same looked for where it is: whoever may see it gets all of it.
        Assert.Empty(demo.Personal.Where(p => !all.Values.Contains(p.Key)).Select(p => $"{p.Value}: {p.Key}").Take(20));
        Assert.Empty(demo.Keys.Except(all.Names));
        var found = all.Values.SelectMany(search.In).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(demo.Personal.Keys.Select(text => text.ToUpperInvariant())
            .Where(text => !AlsoOpen.Contains(text) && !found.Contains(text)).Take(20));
    }

    private static async Task<DemoWords> LoadAsync(LipsNode node)
    {
        var demo = new DemoWords();
        foreach (var advertiser in DemoData.Advertisers)
        {
            using var content = new ByteArrayContent(await demo.TakeAsync(advertiser));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            var answer = (await node.Client.SendAsync(HttpMethod.Post, "/contact_interactions/bulk", content)).Is(200).Json;
            Assert.Equal(advertiser.Count, (int)answer["created"]!);
        }

        return demo;
    }

    private static async Task<string> TokenAsync(LipsNode node, bool pii)
    {
        var token = new { name = "connector", advertisers = "all", abilities = new[] { "read", "write", "ingest" }, trusted = true, pii };
        return (await node.NewTokenAsync(token)).Secret();
    }

    private static async Task ListAsync(AnswerTexts asking, string advertiser)
    {
        foreach (var archived in (string[])["false", "true"])
        {
            var pages = 1;
            for (var page = 1; page <= pages; page++)
                pages = (await asking.GetAsync(
                    $"/contact_interactions?global_master_advertiser_id={advertiser}&per_page=500&archived={archived}&page={page}",
                    200)).GetProperty("total_pages").GetInt32();
        }
    }

    private static async Task FollowChangesAsync(AnswerTexts asking, string advertiser)
    {
        var since = "";
        for (var more = true; more;)
        {
            var answer = await asking.GetAsync(
                $"/contact_interactions/changes?global_master_advertiser_id={advertiser}&limit=500{since}", 200);
            since = "&since=" + answer.GetProperty("next").GetString();
            more = answer.GetProperty("has_more").GetBoolean();
        }
    }

    private static async Task ShowAsync(AnswerTexts asking, DemoWords demo)
    {
        foreach (var line in demo.Sample)
        {
            // It is there already: the stored one is answered.
            await asking.PostAsync(line, 200);
        }

        var shown = 0;
        for (var id = 1; id <= 55_500; id += 400)
        {
            await asking.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/contact_interactions/{id}"), 200);
            shown++;
        }

        Assert.True(shown > 100 && demo.Sample.Count > 100);
    }

    private static async Task AskForPeopleAsync(AnswerTexts asking, DemoWords demo)
    {
        foreach (var line in demo.Sample)
        {
            foreach (var phone in line.GetProperty("contact").GetProperty("phone_numbers").EnumerateArray())
            {
                var number = Uri.EscapeDataString(phone.GetProperty("phone_number").GetString()!);
                foreach (var path in (string[])["", "/totals", "/totals/stream"])
                    await asking.GetAsync(
                        $"/contact_interactions{path}?global_master_advertiser_id=USA_1&event_params[phone_numbers]={number}", 403);
                await asking.GetAsync($"/contact_interactions/changes?global_master_advertiser_id=USA_1&since={number}", 422);
                await asking.GetAsync($"/contact_interactions?global_master_advertiser_id=USA_1&contact_id={number}&page={number}"
                    + $"&start_date={number}&call_duration={number}", 422);
                await asking.GetAsync($"/contact_interactions/{number}", 404);
            }
        }
    }
}
