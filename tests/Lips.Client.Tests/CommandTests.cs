using System.Globalization;
using System.Text;
using System.Text.Json;
using Lips.Testing;
using Xunit;

namespace Lips.Client.Tests;

/// <summary>The command line, as a person or a script runs it.</summary>
public sealed class CommandTests(NodeFixture fixture) : IAsyncLifetime, IClassFixture<NodeFixture>
{
    private readonly TempHome home = new();

    public Task InitializeAsync()
    {
        Directory.CreateDirectory(home.Folder);
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        home.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_file_is_imported_its_rejects_are_kept_and_it_is_not_doubled()
    {
        var (file, rejects) = (Path.Combine(home.Folder, "in.ndjson"), Path.Combine(home.Folder, "rejects.ndjson"));
        await File.WriteAllLinesAsync(
            file, [.. Enumerable.Range(1, 2_500).Select(line => line == 1_200 ? "{\"event_type\":7}" : Line(line))]);

        var (code, said, told) = await RunAsync("import", file, "--rejects", rejects, "--json");

        Assert.Equal(1, code);
        var result = JsonDocument.Parse(said).RootElement;
        Assert.Equal((2_499, 1), (result.GetProperty("created").GetInt64(), result.GetProperty("rejected").GetInt64()));
        var rejected = JsonDocument.Parse(Assert.Single(await File.ReadAllLinesAsync(rejects))).RootElement;
        Assert.Equal(1_200, rejected.GetProperty("line").GetInt64());
        Assert.Equal("{\"event_type\":7}", rejected.GetProperty("text").GetString());
        Assert.Contains("2500 lines: 2499 new, 0 there already, 1 rejected", told, StringComparison.Ordinal);
        using var lips = fixture.Node.NewLipsClient();
        Assert.Equal(2_499, await lips.EventsAsync("USA_51"));

        await RunAsync("import", file, "--rejects", rejects);
        Assert.Equal(2_499, await lips.EventsAsync("USA_51"));
    }

    [Fact]
    public async Task A_table_is_imported_by_its_columns()
    {
        var file = Path.Combine(home.Folder, "in.csv");
        await File.WriteAllTextAsync(
            file, "Advertiser,Kind,When,Mail,Tags,Seconds\nUSA_52,call,2026-03-02T10:00:00Z,ann@example.com,a;b,61\n");

        var (code, _, _) = await RunAsync(
            "import", file, "--map", "Advertiser=global_master_advertiser_id", "Kind=event_type", "When=occurred_at",
            "Mail=contact.email", "Tags=tags", "Seconds=call.duration");

        Assert.Equal(0, code);
        using var lips = fixture.Node.NewLipsClient();
        var interaction = Assert.Single(await lips.ListAsync(InteractionFilter.Of("USA_52")).ToListAsync());
        Assert.Equal(("ann@example.com", 61), (interaction.Contact.Email, interaction.Call!.Duration));
        Assert.Equal(["a", "b"], interaction.Tags);
        var (wrong, _, told) = await RunAsync("import", file, "--map", "Mail=contact.mail");
        Assert.Equal((2, "lips: --map Mail=contact.mail: an interaction has no attribute contact.mail."), (wrong, told));
    }

    [Fact]
    public async Task What_is_no_text_is_not_brought_in_as_another()
    {
        var (table, lines) = (Path.Combine(home.Folder, "old.csv"), Path.Combine(home.Folder, "old.ndjson"));
        // The mark of UTF-8 before what is none.
        await File.WriteAllTextAsync(
            table, "\u00ef\u00bb\u00bfAdvertiser,Kind,When,Name\nUSA_56,call,2026-03-02T10:00:00Z,J\u00fcrgen\n", Encoding.Latin1);
        await File.WriteAllLinesAsync(lines, [Named("USA_56", "J\u00fcrgen"), Named("USA_56", "Ann")], Encoding.Latin1);

        var (wrong, _, told) = await RunAsync(
            "import", table, "--map", "Advertiser=global_master_advertiser_id", "Kind=event_type", "When=occurred_at",
            "Name=contact.first_name");
        var (some, _, rejected) = await RunAsync("import", lines);

        Assert.Equal(
            (2, "lips: The file is not UTF-8, in line 1 or later: save it as CSV UTF-8. What came before stays."), (wrong, told));
        Assert.Equal(1, some);
        Assert.Contains("lips: line 1: ", rejected, StringComparison.Ordinal);
        using var lips = fixture.Node.NewLipsClient();
        var interaction = Assert.Single(await lips.ListAsync(InteractionFilter.Of("USA_56")).ToListAsync());
        Assert.Equal("Ann", interaction.Contact.FirstName);
    }

    [Theory]
    [Each("utf-8", "utf-16", "utf-16BE")]
    public async Task A_file_with_a_byte_order_mark_is_read(string encoding)
    {
        var file = Path.Combine(home.Folder, "marked.ndjson");
        await File.WriteAllLinesAsync(file, [Named("USA_57", "J\u00fcrgen " + encoding)], Encoding.GetEncoding(encoding));

        var (code, _, _) = await RunAsync("import", file);

        Assert.Equal(0, code);
        using var lips = fixture.Node.NewLipsClient();
        var names = await lips.ListAsync(InteractionFilter.Of("USA_57")).Select(i => i.Contact.FirstName).ToListAsync();
        Assert.Contains("J\u00fcrgen " + encoding, names);
    }

    [Fact]
    public async Task A_tail_goes_on_where_it_was()
    {
        using var lips = fixture.Node.NewLipsClient();
        var cursor = Path.Combine(home.Folder, "cursor");
        await lips.AddAsync(Clients.Call("USA_53", "first"));
        var (_, first, _) = await RunAsync("tail", "USA_53", "--since", "start", "--once", "--cursor-file", cursor, "--json");
        await lips.AddAsync(Clients.Call("USA_53", "second"));

        var (code, second, told) = await RunAsync("tail", "USA_53", "--once", "--cursor-file", cursor, "--json");

        Assert.Equal(0, code);
        Assert.Equal("first", ExternalId(first));
        Assert.Equal("second", ExternalId(second));
        Assert.Equal($"lips: go on with --since {await File.ReadAllTextAsync(cursor)}", told);
    }

    [Fact]
    public async Task Results_are_JSON_where_it_is_asked_for()
    {
        using var lips = fixture.Node.NewLipsClient();
        await lips.AddAsync(Clients.Call("USA_54", "one"));

        var (_, totals, _) = await RunAsync("totals", "--advertiser", "USA_54", "--json");
        var (_, export, _) = await RunAsync("export", "--advertiser", "USA_54", "--json");
        var (_, tokens, _) = await RunAsync("tokens", "list", "--json");
        var (_, made, _) = await RunAsync("tokens", "create", "reader", "--advertiser", "USA_54", "--json");
        var token = JsonDocument.Parse(made).RootElement;
        var (_, revoked, _) = await RunAsync(
            "tokens", "revoke", token.GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture), "--json");

        Assert.Equal(1, JsonDocument.Parse(totals).RootElement.GetProperty("totals").GetProperty("events").GetInt64());
        Assert.Equal("one", ExternalId(export));
        Assert.Equal(JsonValueKind.Array, JsonDocument.Parse(tokens).RootElement.ValueKind);
        Assert.DoesNotContain(token.GetProperty("secret").GetString()!, tokens, StringComparison.Ordinal);
        Assert.Equal(token.GetProperty("id").GetInt64(), JsonDocument.Parse(revoked).RootElement.GetProperty("revoked")[0].GetInt64());
    }

    [Fact]
    public async Task An_export_to_a_file_is_whole_or_not_there()
    {
        using var lips = fixture.Node.NewLipsClient();
        await lips.AddAsync(Clients.Call("USA_55", "one"));
        var file = Path.Combine(home.Folder, "out.csv");

        var (refused, _, _) = await RunAsync("export", "--advertiser", "USA_55", "--start-date", "yesterday", "--output", file);
        Assert.Equal(2, refused);
        Assert.False(File.Exists(file));
        var (code, _, _) = await RunAsync("export", "--advertiser", "USA_55", "--output", file);

        Assert.Equal(0, code);
        Assert.Equal(2, (await File.ReadAllLinesAsync(file)).Length);
    }

    [Theory]
    [InlineData("tokns", "lips: lips has no command tokns. Did you mean lips tokens?")]
    [InlineData("tokens lst", "lips: lips tokens has no command lst. Did you mean lips tokens list?")]
    [InlineData("totals --wacth", "lips: lips totals has no option --wacth. Did you mean lips totals --watch?")]
    [InlineData("totals --token=hidden-secret", "lips: lips totals has no option --token. See lips totals --help.")]
    [InlineData("tokens list hidden-secret", "lips: lips tokens list takes no further argument. See lips tokens list --help.")]
    [InlineData(
        "totals USA_1",
        "lips: lips totals takes no further argument; advertisers are named with --advertiser. See lips totals --help.")]
    [InlineData("totals", "lips: lips totals needs --advertiser. See lips totals --help.")]
    [InlineData("tail", "lips: lips tail needs <advertiser>. See lips tail --help.")]
    [InlineData("tokens create", "lips: lips tokens create needs <name> and --advertiser. See lips tokens create --help.")]
    [InlineData(
        "tokens create one --advertiser all --expires soon",
        "lips: Cannot parse argument 'soon' for option '--expires'. See lips tokens create --help.")]
    [InlineData(
        "import calls.csv",
        "lips: calls.csv is CSV: say what its columns are, such as --map Advertiser=global_master_advertiser_id Mail=contact.email.")]
    [InlineData("xyzzy", "lips: lips has no command xyzzy. See lips --help.")]
    public async Task A_typo_is_answered_in_one_line(string typed, string line)
    {
        var (code, said, told) = await RunAsync(typed.Split(' '));

        Assert.Equal((2, "", line), (code, said, told));
    }

    [Fact]
    public async Task A_server_that_is_away_a_token_that_is_wrong_and_no_token_have_their_exit_codes()
    {
        var (away, _, awaySaid) = await RunAsync(
            ["totals", "--advertiser", "USA_1", "--url", "http://127.0.0.1:1"], ("LIPS_TOKEN", LipsNode.AdminToken));
        var (wrong, _, wrongSaid) = await RunAsync(
            ["totals", "--advertiser", "USA_1"], Url, ("LIPS_TOKEN", "a-token-that-nobody-knows"));
        var (none, _, noneSaid) = await RunAsync(["totals", "--advertiser", "USA_1"], Url);
        var file = Path.Combine(home.Folder, "token");
        await File.WriteAllTextAsync(file, LipsNode.AdminToken + "\n");
        var (done, _, _) = await RunAsync(["totals", "--advertiser", "USA_1", "--token-file", file], Url);

        Assert.Equal((3, 2, 2, 0), (away, wrong, none, done));
        Assert.Contains("does not answer", awaySaid, StringComparison.Ordinal);
        Assert.Contains("--token-file", noneSaid, StringComparison.Ordinal);
        Assert.DoesNotContain("a-token-that-nobody-knows", wrongSaid, StringComparison.Ordinal);
        Assert.DoesNotContain(LipsNode.AdminToken, awaySaid, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_calls_it_lips()
    {
        var (code, said, _) = await RunAsync("tokens", "--help");

        Assert.Equal(0, code);
        Assert.Contains("lips tokens [command]", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Lips.Host", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_settings_that_are_wrong_are_named_and_nothing_is_made()
    {
        (string, string)[] settings =
        [
            ("Lips__AdminToken", "short"), ("Lips__RateLimit__Burst", "many"), ("Lips__Counters__MemoryMb", "0"),
            ("Lips__Home", Path.Combine(home.Folder, "new")),
        ];
        var (code, said, _) = await RunAsync(["config", "check"], settings);
        var (good, goodSaid, _) = await RunAsync(["config", "check"]);
        await using var serve = LipsProcess.Run(home, ["serve", "--urls", "http://127.0.0.1:0"], settings);

        Assert.Equal(2, code);
        Assert.Equal(3, said.Split('\n').Length);
        Assert.Contains("Lips:RateLimit:Burst", said, StringComparison.Ordinal);
        Assert.Equal((0, "All settings can be used."), (good, goodSaid));
        Assert.Contains(await serve.RefusedAsync(), said.Split('\n').Select(line => "lips: " + line));
        Assert.False(Directory.Exists(Path.Combine(home.Folder, "new")));
    }

    private (string, string) Url => ("LIPS_URL", fixture.Node.Address.ToString());

    private static string Line(int line) =>
        JsonSerializer.Serialize(Clients.Call("USA_51"), LipsClient.JsonOptions).Replace(
            "\"call\"", $"\"call\",\"wpc_id\":\"{line.ToString(CultureInfo.InvariantCulture)}\"", StringComparison.Ordinal);

    private static string Named(string advertiser, string name) =>
        $"{{\"global_master_advertiser_id\":\"{advertiser}\",\"event_type\":\"call\",\"occurred_at\":\"2026-03-02T10:00:00Z\","
        + $"\"contact\":{{\"first_name\":\"{name}\"}}}}";

    private static string? ExternalId(string json) => JsonDocument.Parse(json).RootElement.GetProperty("external_id").GetString();

    private Task<(int Code, string Said, string Told)> RunAsync(params string[] arguments) =>
        RunAsync(arguments, Url, ("LIPS_TOKEN", LipsNode.AdminToken));

    private async Task<(int Code, string Said, string Told)> RunAsync(string[] arguments, params (string Name, string Value)[] settings)
    {
        await using var lips = LipsProcess.Run(home, arguments, settings);
        return (await lips.EndAsync(), lips.Output, lips.Errors);
    }
}
