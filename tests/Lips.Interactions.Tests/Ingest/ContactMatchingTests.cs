using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>Each rule holds when the records come one by one and when they come in one bulk body.</summary>
public sealed class ContactMatchingTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private static int advertisers;
    private static int orders;

    private readonly HttpClient client = fixture.Client;
    private readonly string advertiser = $"USA_{Interlocked.Increment(ref advertisers)}";

    [Theory]
    [Each(false, true)]
    public async Task The_same_email_is_the_same_contact_whatever_its_case_and_spaces(bool bulk)
    {
        var shown = await BringInAsync(bulk, New().From("Zoë.A@Example.com"), New().From(" zoË.a@EXAMPLE.com "));

        Assert.Equal(1, Contacts(shown));
        Assert.All(shown, i => Assert.Equal("Zoë.A@Example.com", (string?)i["contact"]!["email"]));
    }

    [Theory]
    [Each(false, true)]
    public async Task The_same_number_is_the_same_contact_however_it_is_written(bool bulk)
    {
        var shown = await BringInAsync(
            bulk, New().From(phone: "(989) 364-3647"), New().From(phone: "+1 989.364.3647"), New().From(phone: "19893643647"),
            New().From(phone: "+9893643647"));

        // The last one's plus sign makes it another country's number.
        Assert.Equal([true, true, true, false], shown.Select(i => i.ContactId() == shown[0].ContactId()));
        Assert.Equal("""[{"phone_type":"work","phone_number":"+19893643647"}]""", Phones(shown[0]));
    }

    [Theory]
    [Each(false, true)]
    public async Task An_extension_is_part_of_the_number(bool bulk)
    {
        var shown = await BringInAsync(
            bulk, New().From(phone: "9893643647"), New().From(phone: "9893643647 x241"), New().From(phone: "9893643647 ext. 241"),
            New().From(phone: "9893643647 x242"));

        Assert.Equal([0, 1, 1, 3], shown.Select(i => shown.FindIndex(other => other.ContactId() == i.ContactId())));
        Assert.Equal("""[{"phone_type":"work","phone_number":"+19893643647 x241"}]""", Phones(shown[1]));
    }

    [Theory]
    [Each(false, true)]
    public async Task A_match_fills_what_was_null_and_leaves_the_rest(bool bulk)
    {
        var shown = await BringInAsync(
            bulk,
            New().With(
                "contact", JsonNode.Parse("""{"first_name": "A", "company": "", "email": "a@example.com", "created_at": "2020-01-01"}""")),
            New().With("contact", JsonNode.Parse(
                """
                {"first_name": "B", "last_name": "L", "email": "A@example.com", "title": "CEO", "company": "C", "created_at": "2021-01-01",
                 "phone_numbers": [{"phone_number": "9893643647"}]}
                """)),
            New().With("contact", JsonNode.Parse(
                """
                {"last_name": "M", "title": "CFO", "display_name": "D", "email": "other@example.com",
                 "phone_numbers": [{"phone_number": "9893643647"}]}
                """)));

        Assert.Equal(1, Contacts(shown));
        foreach (var interaction in shown)
        {
            var contact = interaction["contact"]!.DeepClone().AsObject();
            contact.Remove("id");
            Assert.Equal(
                """{"first_name":"A","last_name":"L","display_name":"D","email":"a@example.com","company":"C","title":"CEO","""
                + """ "phone_numbers":[{"phone_type":null,"phone_number":"\u002B19893643647"}],""".TrimStart()
                + """ "created_at":"2020-01-01T00:00:00.000Z"}""".TrimStart(),
                contact.ToJsonString());
        }
    }

    [Theory]
    [Each(false, true)]
    public async Task The_email_goes_before_the_number(bool bulk)
    {
        var shown = await BringInAsync(
            bulk, New().From(phone: "9893643647"), New().From("a@example.com"), New().From("a@example.com", "9893643647", "A"),
            New().From("new@example.com", "9893643647", "P"));

        // Two contacts are never merged, and the number stays with the one that had it first.
        Assert.Equal([0, 1, 1, 0], shown.Select(i => shown.FindIndex(other => other.ContactId() == i.ContactId())));
        Assert.Equal(("new@example.com", "P"), ((string?)shown[0]["contact"]!["email"], (string?)shown[0]["contact"]!["first_name"]));
        Assert.Equal(("a@example.com", "A"), ((string?)shown[1]["contact"]!["email"], (string?)shown[1]["contact"]!["first_name"]));
        Assert.Equal("""[{"phone_type":"work","phone_number":"+19893643647"}]""", Phones(shown[0]));
        Assert.Equal("[]", Phones(shown[1]));
    }

    [Theory]
    [Each(false, true)]
    public async Task Only_numbers_that_nobody_owns_are_added(bool bulk)
    {
        var shown = await BringInAsync(
            bulk,
            New().From("a@example.com", "9893640001"),
            New().From("b@example.com", "9893640002"),
            New().With("contact", JsonNode.Parse(
                """
                {"email": "b@example.com", "phone_numbers": [{"phone_type": "home", "phone_number": "9893640001"},
                 {"phone_type": "cell", "phone_number": "9893640003"}, {"phone_number": "+1 9893640003"}]}
                """)));

        Assert.Equal([0, 1, 1], shown.Select(i => shown.FindIndex(other => other.ContactId() == i.ContactId())));
        Assert.Equal("""[{"phone_type":"work","phone_number":"+19893640001"}]""", Phones(shown[0]));
        Assert.Equal(
            """[{"phone_type":"work","phone_number":"+19893640002"},{"phone_type":"cell","phone_number":"+19893640003"}]""",
            Phones(shown[1]));
    }

    [Theory]
    [Each(false, true)]
    public async Task Any_of_the_numbers_finds_the_contact_the_first_one_first(bool bulk)
    {
        var shown = await BringInAsync(
            bulk,
            New().From(phone: "9893640001"),
            New().From(phone: "9893640002"),
            New().With("contact", JsonNode.Parse(
                """
                {"phone_numbers": [{"phone_number": "9893640009"}, {"phone_number": "9893640002"}, {"phone_number": "9893640001"}]}
                """)));

        Assert.Equal([0, 1, 1], shown.Select(i => shown.FindIndex(other => other.ContactId() == i.ContactId())));
        Assert.Equal(2, shown[1]["contact"]!["phone_numbers"]!.AsArray().Count);
    }

    [Theory]
    [Each(false, true)]
    public async Task Without_an_identifier_each_record_has_a_contact_of_its_own(bool bulk)
    {
        var shown = await BringInAsync(
            bulk, New(), New(), New().With("contact", new JsonObject()), New().From(firstName: "A"), New().From(firstName: "A"),
            New().From("", "-", "A"), New().From(" ", "", "A"));

        Assert.Equal(7, Contacts(shown));
    }

    [Theory]
    [Each("0000000000", "+1 (999) 999-9999", "+266696687", "+7378742833", "911", "1-800-FLOWERS", "1-212-555-HOME")]
    public async Task A_number_that_identifies_nobody_finds_no_contact_but_is_served_and_found(string number)
    {
        foreach (var bulk in (bool[])[false, true])
        {
            var of = bulk ? advertiser : $"CAN_{advertiser[4..]}";
            var people = Enumerable.Range(0, 3).Select(i => Records.Call(of).From(phone: number, firstName: $"{i}"));
            var shown = await BringInAsync(bulk, [.. people]);
            var again = await BringInAsync(
                bulk, Records.Call(of).From("a@example.com", number), Records.Call(of).From("a@example.com", number));

            Assert.Equal(3, Contacts(shown));
            Assert.Equal(1, Contacts(again));
            Assert.All([.. shown, .. again], i => Assert.Single(i["contact"]!["phone_numbers"]!.AsArray()));
            Assert.Equal(
                [.. shown.Concat(again).Select(i => i.Id())],
                await client.FoundAsync($"global_master_advertiser_id={of}&event_params[phone_numbers]={Uri.EscapeDataString(number)}"));
        }

        await fixture.Node.AssertWholeAsync();
    }

    [Fact]
    public async Task Words_that_were_not_read_do_not_find_who_has_the_digits_alone()
    {
        string[] numbers = ["1-212-555-HOME", "1212555", "121-2555", "1 212 555 WORK"];
        var shown = await BringInAsync(false, [.. numbers.Select(number => New().From(phone: number))]);

        Assert.Equal([0, 1, 1, 3], shown.Select(i => shown.FindIndex(other => other.ContactId() == i.ContactId())));
        Assert.All(shown, i => Assert.Equal("""[{"phone_type":"work","phone_number":"1212555"}]""", Phones(i)));
    }

    [Theory]
    [Each("nonleadchat@reachlocal.com", "NonLeadChat@ReachLocal.com ", "none", "n/a", "@example.com", "a@", "noemail@noemail.com",
        "anonymous@anonymous.invalid")]
    public async Task An_email_that_identifies_nobody_finds_no_contact_but_is_served(string email)
    {
        foreach (var bulk in (bool[])[false, true])
        {
            var of = bulk ? advertiser : $"CAN_{advertiser[4..]}";
            var shown = await BringInAsync(bulk, [.. Enumerable.Range(0, 3).Select(i => Records.Call(of).From(email, firstName: $"{i}"))]);

            Assert.Equal(3, Contacts(shown));
            Assert.All(shown, i => Assert.Equal(email.Trim(), (string?)i["contact"]!["email"]));
        }
    }

    [Theory]
    [Each(false, true)]
    public async Task Beside_what_identifies_nobody_the_rest_finds_the_contact(bool bulk)
    {
        var shown = await BringInAsync(
            bulk,
            New().With("contact", JsonNode.Parse("""{"phone_numbers": ["0000000000", "9893640001"]}""")),
            New().From("none", "9893640001"),
            New().From("a@example.com", "0000000000"),
            New().From("a@example.com", "+1 000 000 0000"));

        Assert.Equal([0, 0, 2, 2], shown.Select(i => shown.FindIndex(other => other.ContactId() == i.ContactId())));
    }

    [Theory]
    [Each(false, true)]
    public async Task Advertisers_share_no_contacts(bool bulk)
    {
        var shown = await BringInAsync(
            bulk, New().From("a@example.com", "9893643647"), Records.Call($"CAN_{advertiser[4..]}").From("a@example.com", "9893643647"));

        Assert.Equal(2, Contacts(shown));
    }

    [Fact]
    public async Task A_contact_that_is_filled_shows_in_its_older_interactions_and_stamps_them()
    {
        var old = (await client.SendOneAsync(New().From("a@example.com"))).Is(201).Json;
        var bystander = (await client.SendOneAsync(New().From("b@example.com"))).Is(201).Json;
        var archived = (await client.SendOneAsync(New().From("a@example.com").With("archived_at", "2021-01-01"))).Is(201).Json;

        var filled = (await client.SendOneAsync(New().From("a@example.com", "9893643647", "A"))).Is(201).Json;

        foreach (var id in (long[])[old.Id(), archived.Id()])
            Assert.Equal(filled["contact"]!.ToJsonString(), (await client.ShowAsync(id))["contact"]!.ToJsonString());
        Assert.Equal([4, 2, 4, 4], await StampsAsync(old, bystander, archived, filled));

        // The same again fills nothing: only the new one is stamped.
        var same = (await client.SendOneAsync(New().From("A@Example.com", "9893643647", "B"))).Is(201).Json;
        Assert.Equal([4, 2, 4, 4, 5], await StampsAsync(old, bystander, archived, filled, same));
        var more = (await client.BulkAsync([New().From("c@example.com"), New().From("a@example.com", "9893643648")])).Is(200);
        Assert.Equal(2, (int)more.Json["created"]!);
        Assert.Equal([6, 2, 6, 6, 6], await StampsAsync(old, bystander, archived, filled, same));
    }

    private JsonObject New() => Records.Call(advertiser);

    /// <summary>Brings the records in, in their order, and shows them once all are in.</summary>
    private async Task<List<JsonNode>> BringInAsync(bool bulk, params JsonObject[] records)
    {
        for (var i = 0; i < records.Length; i++)
            records[i].External("order", $"{Interlocked.Increment(ref orders)}");
        if (bulk)
        {
            var answer = (await client.BulkAsync(records)).Is(200);
            Assert.True(records.Length == (int)answer.Json["created"]!, answer.Body);
        }

        var ids = new List<long>();
        foreach (var record in records)
            ids.Add((await client.SendOneAsync(record)).Is(bulk ? 200 : 201).Json.Id());
        var shown = new List<JsonNode>();
        foreach (var id in ids)
            shown.Add(await client.ShowAsync(id));
        return shown;
    }

    private async Task<List<long>> StampsAsync(params JsonNode[] interactions) => await TestPostgres.ColumnAsync<long>(
        fixture.Node.ConnectionString,
        "SELECT version FROM interactions.interaction_versions WHERE interaction_id IN "
            + $"({string.Join(',', interactions.Select(i => i.Id()))}) ORDER BY interaction_id");

    private static int Contacts(List<JsonNode> shown) => shown.Select(i => i.ContactId()).Distinct().Count();

    private static string Phones(JsonNode interaction) =>
        interaction["contact"]!["phone_numbers"]!.ToJsonString().Replace("\\u002B", "+", StringComparison.Ordinal);
}
