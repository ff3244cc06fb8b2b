using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

public sealed class ExactMatchFilterTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task External_ids_find_what_has_them_alone_and_together()
    {
        var a1 = await ExternalAsync("app-a", "1");
        var a2 = await ExternalAsync("app-a", "2");
        var b1 = await ExternalAsync("app-b", "1");
        await client.NewAsync("USA_1");

        Assert.Equal([a1, b1], await FoundAsync("external_id=1"));
        Assert.Equal([a1, a2], await FoundAsync("external_app_id=app-a"));
        Assert.Equal([b1], await FoundAsync("external_app_id=app-b&external_id=1"));
        Assert.Empty(await FoundAsync("external_app_id=app-b&external_id=2"));
        Assert.Empty(await FoundAsync("external_app_id=APP-A"));
        Assert.Empty(await FoundAsync("external_id=1%20"));

        Task<long> ExternalAsync(string app, string id) => client.NewAsync("USA_1", more: [("external_app_id", app), ("external_id", id)]);
    }

    [Fact]
    public async Task A_booking_id_finds_bookings()
    {
        var booking = await client.NewAsync("USA_2", "BookingEvent", ("booking", new { booking_id = "B/1 ä&=" }));
        var numbered = await client.NewAsync("USA_2", "BookingEvent", ("booking", new { booking_id = 77 }));
        await client.NewAsync("USA_2", "BookingEvent");
        await client.NewAsync("USA_2", "CallEvent", ("booking", new { booking_id = "77" }));

        Assert.Equal([booking], await client.FoundAsync("global_master_advertiser_id=USA_2&booking_id=" + Uri.EscapeDataString("B/1 ä&=")));
        Assert.Equal([numbered], await client.FoundAsync("global_master_advertiser_id=USA_2&booking_id=77"));
        Assert.Empty(await client.FoundAsync("global_master_advertiser_id=USA_2&booking_id=7"));
    }

    [Fact]
    public async Task A_contact_and_a_conversation_are_found_across_event_types()
    {
        var first = await client.IngestAsync(
            Make.Interaction("USA_3", "CallEvent", ("contact", new { email = "a@x.example" }), ("conversation_id", "c-1")));
        var second = await client.NewAsync("USA_3", "FormEvent", ("contact", new { email = "A@X.example" }));
        var third = await client.NewAsync("USA_3", "ChatEvent", ("contact", new { email = "b@x.example" }), ("conversation_id", "c-1"));
        var contact = (long)first["contact_id"]!;

        Assert.Equal([(long)first["id"]!, second], await client.FoundAsync($"global_master_advertiser_id=USA_3&contact_id={contact}"));
        Assert.Equal([(long)first["id"]!, third], await client.FoundAsync("global_master_advertiser_id=USA_3&conversation_id=c-1"));
        Assert.Equal(
            [(long)first["id"]!], await client.FoundAsync($"global_master_advertiser_id=USA_3&conversation_id=c-1&contact_id={contact}"));
        Assert.Equal([third], await client.FoundAsync("global_master_advertiser_id=USA_3&conversation_id=c-1&event_type[]=chat"));
        Assert.Empty(await client.FoundAsync("global_master_advertiser_id=USA_3&contact_id=0"));
        Assert.Empty(await client.FoundAsync($"global_master_advertiser_id=USA_4&contact_id={contact}"));
    }

    [Fact]
    public async Task A_value_is_never_part_of_the_statement()
    {
        await client.NewAsync("USA_5");
        foreach (var name in (string[])["external_id", "external_app_id", "booking_id", "conversation_id", "tags[]"])
        {
            foreach (var value in (string[])["' OR true --", "$1", "%", "_", "\\", "'; DROP SCHEMA interactions CASCADE; --"])
                Assert.Empty(await client.FoundAsync($"global_master_advertiser_id=USA_5&{name}={Uri.EscapeDataString(value)}"));
        }

        Assert.Single(await client.FoundAsync("global_master_advertiser_id=USA_5"));
    }

    private Task<IReadOnlyList<long>> FoundAsync(string filter) => client.FoundAsync("global_master_advertiser_id=USA_1&" + filter);
}
