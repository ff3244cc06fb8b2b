using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

/// <summary>
/// The parameter <c>q</c>: each of its words begins a word of the contact or of the notes, or a number (contract section 4).
/// </summary>
public sealed class SearchTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Theory]
    [InlineData("USA_1", "first_name", "Augusta", "aug")]
    [InlineData("USA_2", "last_name", "Lovelace", "lovelace")]
    [InlineData("USA_3", "display_name", "The Countess", "cou")]
    [InlineData("USA_4", "email", "augusta@mail.example", "augu")]
    [InlineData("USA_5", "company", "Analytical Engines Ltd", "engi")]
    public async Task Each_field_of_the_contact_is_searched(string advertiser, string field, string value, string search)
    {
        var id = await client.NewAsync(advertiser, more: ("contact", new JsonObject { [field] = value }));
        await client.NewAsync(advertiser, more: ("contact", new { first_name = "Else" }));

        Assert.Equal([id], await FoundAsync(advertiser, search));
    }

    [Fact]
    public async Task Notes_are_searched_and_nothing_else_is()
    {
        var id = await client.NewAsync("USA_6", "FormEvent", ("notes", "wants an\r\noffer by Monday"),
            ("contact", new { title = "Baroness", phone_numbers = new[] { new { phone_type = "landline", phone_number = "2125550150" } } }),
            ("form", new { message = "engine" }), ("tags", new[] { "vip" }), ("campaign_name", "summer"));

        Assert.Equal([id], await FoundAsync("USA_6", "offer"));
        Assert.Equal([id], await FoundAsync("USA_6", "monday wan"));
        foreach (var search in (string[])["baroness", "landline", "engine", "vip", "summer", "work", "null", "phone_number"])
            Assert.Empty(await FoundAsync("USA_6", search));
    }

    [Fact]
    public async Task Every_word_must_begin_a_word()
    {
        var ada = await NewAsync("USA_7", "Ada", "Lovelace-King", notes: "O'Brien called");
        var adam = await NewAsync("USA_7", "Adam", "Smith", notes: "call Lovell");

        Assert.Equal([ada, adam], await FoundAsync("USA_7", "ada"));
        Assert.Equal([ada, adam], await FoundAsync("USA_7", "lov CAL ad"));
        Assert.Equal([ada], await FoundAsync("USA_7", "lovelace ada"));
        Assert.Equal([ada], await FoundAsync("USA_7", "lovelace-king"));
        Assert.Equal([ada], await FoundAsync("USA_7", "o'brien"));
        Assert.Equal([adam], await FoundAsync("USA_7", " adam  call "));
        foreach (var search in (string[])["da", "lace", "ovelace", "ada smith king", "adaml", "ada-x"])
            Assert.Empty(await FoundAsync("USA_7", search));
    }

    [Theory]
    [InlineData("USA_11", "Émile Ångström", "ÉMILE ångs")]
    [InlineData("USA_12", "ÉMILE", "e\u0301mile")]
    [InlineData("USA_13", "Иван Щукин", "ЩУК иван")]
    [InlineData("USA_14", "ΟΔΥΣΣΕΥΣ", "οδυσσευς")]
    [InlineData("USA_15", "Οδυσσεύςα", "ΟΔΥΣΣΕΎΣ")]
    [InlineData("USA_16", "ＡＤＡ　Lovelace", "ada love")]
    [InlineData("USA_17", "Jürgen „Große“ Müller…", "jü gro mül")]
    [InlineData("USA_18", "山田太郎", "山田")]
    [InlineData("USA_19", "हिन्दी", "हिन्दी")]
    [InlineData("USA_20", "😀 smile", "😀 smi")]
    [InlineData("USA_21", "ÖZGÜR", "öz")]
    public async Task Case_does_not_matter_in_any_script(string advertiser, string name, string search)
    {
        var contact = await client.NewAsync(advertiser, more: ("contact", new { first_name = name }));
        var notes = await client.NewAsync(advertiser, more: ("notes", name));
        await NewAsync(advertiser, "Emile", "Odysseus");

        Assert.Equal([contact, notes], await FoundAsync(advertiser, search));
        Assert.Empty(await FoundAsync(advertiser, search + "x"));
    }

    [Theory]
    [InlineData("TEST_1", "ada.lovelace+leads@mail.example", true)]
    [InlineData("TEST_2", "ADA.LOVE", true)]
    [InlineData("TEST_3", "lovelace", true)]
    [InlineData("TEST_4", "leads@mail", true)]
    [InlineData("TEST_5", "mail.ex", true)]
    [InlineData("TEST_6", "ada@mail.example", true)]
    [InlineData("TEST_7", "lace@mail", false)]
    [InlineData("TEST_8", "ail", false)]
    public async Task The_parts_of_an_email_are_words(string advertiser, string search, bool isFound)
    {
        var id = await client.NewAsync(advertiser, more: ("contact", new { email = "Ada.Lovelace+leads@mail.example" }));

        Assert.Equal(isFound ? [id] : [], await FoundAsync(advertiser, search));
    }

    [Fact]
    public async Task Three_digits_and_more_are_found_anywhere_in_a_number_and_fewer_at_its_beginning()
    {
        var id = await client.NewAsync("USA_31", more: ("contact", Numbers("(989) 364-3647 x241", "+442079460018")));
        await client.NewAsync("USA_31", more: ("contact", Numbers("989-365-3648")));

        foreach (var search in (string[])[
            "+19893643647", "9893643647", "(989) 364-3647", "989.364.3647", "+1 989 364 36 47", "1-989-364-3647 x241", "3643", "36-43 64",
            "647", "43647", "198936436", "x241", "241", "24 36436", "44 20", "+44 20 7946 0018", "020 7946", "0207946", "7946", "018",
        ])
            Assert.Equal([id], await FoundAsync("USA_31", search));
        foreach (var search in (string[])["98", "47", "3644", "7241", "99893", "3643 3648", "364 99", "60 019", "9 79", "36474", "64744"])
            Assert.Empty(await FoundAsync("USA_31", search));
        Assert.Equal(2, (await FoundAsync("USA_31", "989")).Count);
        Assert.Equal(2, (await FoundAsync("USA_31", "19")).Count);
    }

    // It has every three digits of 1212 and of 4210 somewhere.
    [Fact]
    public async Task Digits_are_found_in_a_row_only()
    {
        await client.NewAsync("USA_32", more: ("contact", Numbers("121034212", "3421", "21021")));
        var id = await client.NewAsync("USA_32", more: ("contact", Numbers("00012120000")));

        Assert.Equal([id], await FoundAsync("USA_32", "1212"));
        Assert.Empty(await FoundAsync("USA_32", "4210"));
    }

    [Fact]
    public async Task Digits_of_names_and_notes_are_words()
    {
        var id = await NewAsync("USA_33", "4711", "Ltd", notes: "order 123456, call 212-555-0150");

        foreach (var search in (string[])["4711", "1234", "12", "212-555-0150", "order 1234", "123456 212"])
            Assert.Equal([id], await FoundAsync("USA_33", search));
        foreach (var search in (string[])["711", "3456", "2125550150"])
            Assert.Empty(await FoundAsync("USA_33", search));
    }

    [Fact]
    public async Task Words_may_be_of_the_contact_and_of_the_notes()
    {
        var id = await NewAsync("USA_34", "Ada", "Lovelace", "refund");
        await NewAsync("USA_34", "Ada", "Lovelace", "offer");
        await NewAsync("USA_34", "Grace", "Hopper", "refund");

        Assert.Equal([id], await FoundAsync("USA_34", "refund ada"));
    }

    [Fact]
    public async Task Notes_are_found_as_they_are_now()
    {
        var id = await NewAsync("USA_35", "Ada", "Lovelace");
        Assert.Empty(await FoundAsync("USA_35", "brochure"));

        (await client.UpdateAsync(id, new { notes = "send the brochure" })).Is(200);
        Assert.Equal([id], await FoundAsync("USA_35", "brochure ada"));

        (await client.UpdateAsync(id, new { notes = "sent" })).Is(200);
        Assert.Empty(await FoundAsync("USA_35", "brochure"));
        Assert.Equal([id], await FoundAsync("USA_35", "sent"));

        (await client.UpdateAsync(id, new { notes = (string?)null })).Is(200);
        Assert.Empty(await FoundAsync("USA_35", "sent"));
        Assert.Equal([id], await FoundAsync("USA_35", "ada"));
    }

    [Fact]
    public async Task What_a_later_interaction_tells_of_a_contact_finds_the_earlier_ones()
    {
        var first = await client.NewAsync("USA_36", more: [("contact", new { email = "c@mail.example" }), ("notes", "first")]);
        Assert.Empty(await FoundAsync("USA_36", "lovelace"));

        var second = await client.NewAsync(
            "USA_36", more: ("contact", new { email = "c@mail.example", last_name = "Lovelace", phone_numbers = Phones("2125550150") }));

        Assert.Equal([first, second], await FoundAsync("USA_36", "lovelace"));
        Assert.Equal([first, second], await FoundAsync("USA_36", "555-0150"));
        Assert.Equal([first], await FoundAsync("USA_36", "lovelace first"));
    }

    [Fact]
    public async Task Other_advertisers_interactions_are_never_found()
    {
        var (first, second) = (await NewAsync("USA_41", "Ada", "King", "x-ray"), await NewAsync("USA_42", "Ada", "King", "x-ray"));
        await NewAsync("USA_4", "Ada", "King", "x-ray");
        await NewAsync("CAN_41", "Ada", "King", "x-ray");

        foreach (var search in (string[])["ada", "king ada", "x-ray", "ray king"])
        {
            Assert.Equal([first], await FoundAsync("USA_41", search));
            Assert.Equal([first, second], await FoundAsync("USA_41,USA_42", search));
        }
    }

    [Fact]
    public async Task The_archived_are_found_among_the_archived()
    {
        var (kept, archived) = (await NewAsync("USA_43", "Ada", "King"), await NewAsync("USA_43", "Ada", "Byron", "old"));
        (await client.ArchiveAsync(archived)).Is(200);

        Assert.Equal([kept], await FoundAsync("USA_43", "ada"));
        Assert.Equal([archived], await client.FoundAsync("global_master_advertiser_id=USA_43&archived=true&q=ada"));
        Assert.Equal([archived], await client.FoundAsync("global_master_advertiser_id=USA_43&archived=true&q=old"));
    }

    [Fact]
    public async Task Other_filters_sorting_paging_and_counting_go_together_with_it()
    {
        var ids = new List<long>();
        for (var i = 0; i < 7; i++)
        {
            ids.Add(await client.NewAsync(
                i % 3 == 2 ? "USA_45" : "USA_44",
                i % 2 == 0 ? "CallEvent" : "FormEvent",
                ("occurred_at", $"2024-01-0{i + 1}T12:00:00Z"),
                ("contact", new
                {
                    first_name = i < 6 ? "Ada" : "Grace",
                    email = $"{i}@mail.example",
                    phone_numbers = Phones($"212555010{i}"),
                }),
                ("notes", i == 6 ? "ask Ada" : null), ("important", i == 1), ("tags", new[] { i % 2 == 0 ? "even" : "odd" })));
        }

        const string both = "global_master_advertiser_id=USA_44,USA_45&q=ada";
        Assert.Equal(ids, await client.FoundAsync(both));
        Assert.Equal([ids[0], ids[2], ids[4], ids[6]], await client.FoundAsync(both + "&event_type=call"));
        Assert.Equal([ids[0], ids[2], ids[4], ids[6]], await client.FoundAsync(both + "&tags=even&tags=x"));
        Assert.Equal([ids[3], ids[4]], await client.FoundAsync(both + "&start_date=2024-01-04&end_date=2024-01-05"));
        Assert.Equal([ids[5]], await client.FoundAsync(both + "&event_params[phone_numbers]=2125550105"));
        Assert.Equal([ids[2], ids[5]], await client.FoundAsync("global_master_advertiser_id=USA_45&q=ada"));

        var pages = new List<long>();
        for (var page = 1; page <= 4; page++)
        {
            var answer = (await client.GetAnswerAsync($"/contact_interactions?{both}&per_page=2&page={page}")).Is(200);
            Assert.Equal((4, 7, 7, 4), ((int)answer.Json["total_pages"]!, (int)answer.Json["totals"]!["events"]!,
                (int)answer.Json["unread"]!["events"]!, (int)answer.Json["totals"]!["call_events"]!));
            pages.AddRange(answer.Ids);
        }

        Assert.Equal(Enumerable.Reverse(ids), pages);
        Assert.Equal(
            [ids[1], ids[6], ids[5]],
            (await client.GetAnswerAsync($"/contact_interactions?{both}&sort_by=important&sort_dir=desc&per_page=3")).Is(200).Ids);
        Assert.Equal(7, (int)(await client.GetAnswerAsync($"/contact_interactions/totals?{both}")).Is(200).Json["totals"]!["events"]!);
    }

    [Fact]
    public async Task A_list_by_cursor_and_a_stream_know_it()
    {
        var ids = new List<long>();
        for (var i = 0; i < 3; i++)
            ids.Add(await NewAsync("USA_46", "Ada", $"Number{i}"));
        await NewAsync("USA_46", "Grace", "Hopper");
        await using var stream = await EventStream.OpenAsync(
            client, "/contact_interactions/totals/stream?global_master_advertiser_id=USA_46&q=ada");
        Assert.Equal(3, (int)(await stream.NextAsync())["totals"]!["events"]!);

        var first = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_46&q=ada&limit=2")).Is(200);
        Assert.Equal([ids[2], ids[1]], first.Ids);
        ids.Add(await NewAsync("USA_46", "Ada", "Late"));
        var second = await client.GetAnswerAsync(
            $"/contact_interactions?global_master_advertiser_id=USA_46&q=ada&limit=2&after={(string?)first.Json["next"]}");
        Assert.Equal([ids[0]], second.Is(200).Ids);
        Assert.Equal(4, (int)(await stream.NextAsync())["totals"]!["events"]!);
    }

    [Theory]
    [Each("a", " a ", "+", "😀", "101")]
    public async Task Fewer_than_2_or_more_than_100_characters_are_422(string search)
    {
        var text = search == "101" ? new string('x', 101) : search;
        foreach (var path in (string[])["/contact_interactions", "/contact_interactions/totals", "/contact_interactions/totals/stream"])
        {
            var answer = await client.GetAnswerAsync($"{path}?global_master_advertiser_id=USA_1&q={Uri.EscapeDataString(text)}");
            Assert.Equal("""[{"attribute":"q","message":"must have between 2 and 100 characters"}]""", answer.Is(422).Body);
        }
    }

    [Fact]
    public async Task From_2_to_100_characters_are_right()
    {
        var id = await NewAsync("USA_51", new string('x', 150), "😀😀" + new string('y', 98));

        Assert.Equal([id], await FoundAsync("USA_51", "xx"));
        Assert.Equal([id], await FoundAsync("USA_51", new string('x', 100)));
        Assert.Equal([id], await FoundAsync("USA_51", "😀😀" + new string('y', 98)));
    }

    // What means something in a regular expression, a LIKE pattern, a tsquery, JSON or SQL.
    [Theory]
    [Each("'", "&", "|", "!", ":", "*", "\\", "%", "_", "\"", "<->", "(", ")", "$1", ":*", "{}", "@", "#", "/", "a:b", "\u3000", "\u2028")]
    public async Task What_means_something_to_the_database_is_harmless(string text)
    {
        var advertiser = $"GBR_{1000 + text[0] + (text.Length * 7)}";
        var id = await NewAsync(advertiser, $"Ada{text}", "King", $"{text}note{text}");
        await NewAsync(advertiser, "Grace", "Hopper");

        Assert.Equal([id], await FoundAsync(advertiser, $"ada{text} {text}note"));
        Assert.Equal([id], await FoundAsync(advertiser, $"{text} ada {text}"));
        if (!text.Any(c => char.IsLetterOrDigit(c) || char.IsWhiteSpace(c)))
            Assert.Empty(await FoundAsync(advertiser, text + text));
    }

    [Fact]
    public async Task Any_notes_and_any_contact_can_be_stored()
    {
        foreach (var notes in (string[])
        [
            new string('x', 10_000), string.Concat(Enumerable.Repeat("a b ", 2_500)), new string('\ufdfa', 10_000),
            new string('é', 10_000),
            string.Concat(Enumerable.Range(0, 2_400).Select(i => $"{i:x3} ")), string.Concat(Enumerable.Repeat("😀", 5_000)), "",
            string.Concat(Enumerable.Range(1, 9_999).Select(i => (char)(i % 0xd7ff + 1))),
        ])
        {
            var id = await NewAsync("USA_52", "Ada", new string('\ufdfa', 255), notes);
            (await client.UpdateAsync(id, new { notes = "." + notes[..Math.Min(notes.Length, 9_999)] })).Is(200);
            Assert.Contains(id, await FoundAsync("USA_52", "ada"));
        }

        for (var i = 0; i < 600; i += 50)
        {
            var numbers = Phones([.. Enumerable.Range(i, 50).Select(n => $"212555{n:0000}")]);
            await client.NewAsync("USA_53", more: ("contact", new { email = "many@mail.example", phone_numbers = numbers }));
        }

        Assert.Equal(12, (await FoundAsync("USA_53", "5550077")).Count);
    }

    [Fact]
    public async Task The_largest_search_is_answered()
    {
        var advertisers = string.Join(',', Enumerable.Range(1, 100).Select(i => $"AUS_{i}"));
        var id = await client.NewAsync("AUS_7", more: ("contact", Numbers("+12125550150")));

        Assert.Equal([id], await FoundAsync(advertisers, "212 555 01 50"));
        foreach (var search in (string[])[
            new string('1', 100), string.Concat(Enumerable.Repeat("2 ", 50)).Trim(), string.Concat(Enumerable.Repeat("a ", 50)).Trim(),
            string.Join(' ', Enumerable.Range(200, 25)), string.Join(' ', Enumerable.Range('a', 50).Select(c => (char)c)),
            new string('\ufdfa', 100),
        ])
            Assert.Empty(await FoundAsync(advertisers, search));
    }

    [Fact]
    public async Task Another_search_is_another_answer_for_a_cache()
    {
        await NewAsync("USA_54", "Ada", "King");
        const string list = "/contact_interactions?global_master_advertiser_id=USA_54&q=";
        foreach (var path in (string[])[list, list.Replace("?", "/totals?", StringComparison.Ordinal)])
        {
            var tag = (await client.GetAnswerAsync(path + "ada")).Is(200).Headers.ETag!.ToString();

            (await client.SendAsync(HttpMethod.Get, path + "ada", null, ("If-None-Match", tag))).Is(304);
            (await client.SendAsync(HttpMethod.Get, path + "king", null, ("If-None-Match", tag))).Is(200);
            var all = path.Replace("&q=", "", StringComparison.Ordinal);
            (await client.SendAsync(HttpMethod.Get, all, null, ("If-None-Match", tag))).Is(200);
        }
    }

    private static object Numbers(params string[] numbers) => new { phone_numbers = Phones(numbers) };

    private static object[] Phones(params string[] numbers) => [.. numbers.Select(n => new { phone_type = "work", phone_number = n })];

    private Task<long> NewAsync(string advertiser, string firstName, string lastName, string? notes = null) =>
        client.NewAsync(advertiser, more: [("contact", new { first_name = firstName, last_name = lastName }), ("notes", notes)]);

    private Task<IReadOnlyList<long>> FoundAsync(string advertisers, string search) => client.FoundAsync(string.Create(
        CultureInfo.InvariantCulture, $"global_master_advertiser_id={advertisers}&q={Uri.EscapeDataString(search)}"));
}
