using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Testing;
using Microsoft.Extensions.Logging;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>What tells of a person, and what proves who one is, is in no line of the log.</summary>
public sealed class LogTests
{
    private const string Name = "Quixotilda";
    private const string Email = "quix@secret-mail.example";
    private const string Number = "9893648642";
    private const string Message = "my-message-zanzibar";
    private const string Notes = "my-notes-kilimanjaro";
    private const string Key = "key-of-sesame";
    private const string WrongToken = "wrong-token-of-abracadabra";

    private static readonly string[] Told =
    [
        Name, Email, "secret-mail", Number, "364-8642", Message, Notes, Key, WrongToken, LipsNode.AdminToken,
    ];

    [Fact]
    public async Task No_line_of_the_log_tells_of_a_person_or_a_secret()
    {
        using var lines = new Lines();
        await using var node = await LipsNode.StartAsync(builder => builder.Logging
            .AddProvider(lines)
            // As the settings have it, and more: all that our own categories say.
            .AddFilter<Lines>("Microsoft", LogLevel.Warning)
            .AddFilter<Lines>("Npgsql", LogLevel.Warning)
            .AddFilter<Lines>("Lips", LogLevel.Trace));
        var client = node.Client;
        var secrets = new List<string>();

        var id = (await client.SendOneAsync(Person("form", "1"), ("Idempotency-Key", Key))).Is(201).Json.Id();
        (await client.SendOneAsync(Person("chat", "2"))).Is(201);
        (await client.SendOneAsync(Person("form", "3").With("channel", Message).With("read", Notes))).Is(422);
        (await client.SendAsync(HttpMethod.Post, Records.One, $$"""{"contact_interaction": {"notes": "{{Notes}}", {{Message}}""")).Is(400);
        (await client.BulkAsync(
            [Person("form", "4"), $"{{ {Message}", Person("chat", "5").With("event_type", Message), "\"" + Notes + "\""],
            ("Idempotency-Key", Key))).Is(200);
        (await client.UpdateAsync(id, new { notes = Notes })).Is(200);
        (await client.UpdateAsync(id, new { notes = Notes, read = Message })).Is(422);
        (await client.GetAnswerAsync($"/contact_interactions/{id}")).Is(200);
        (await client.GetAnswerAsync(
            $"/contact_interactions?global_master_advertiser_id=USA_1&event_params[phone_numbers]={Number}&tags[]={Name}")).Is(200);
        (await client.GetAnswerAsync($"/contact_interactions?global_master_advertiser_id={Name}&per_page={Number}&sort_by={Message}"))
            .Is(422);
        (await client.GetAnswerAsync($"/{Name}/{Email}")).Is(404);
        using (var wrong = node.NewClient("token " + WrongToken))
            (await wrong.SendOneAsync(Person("form", "6"))).Is(401);
        (await client.GetAnswerAsync("/tokens")).Is(200);
        var token = await node.NewTokenAsync(new { name = Name, advertisers = "all", api_key = true });
        secrets.AddRange([token.Secret(), (string)token["api_key"]!]);
        using (var other = node.NewClient(secrets[0]))
        {
            (await other.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1")).Is(200);
            (await other.SendAsync(HttpMethod.Get, "/tokens", null, ("x-api-key", Key))).Is(401);
            (await other.SendOneAsync(Person("form", "7"))).Is(403);
        }

        // Failures that a database might tell of: a row that is refused, a row that does not fit, a session that is gone.
        await TestPostgres.ExecuteAsync(
            node.ConnectionString, "ALTER TABLE interactions.contacts ADD CONSTRAINT no_more CHECK (first_name <> 'Quixotilda') NOT VALID");
        (await client.SendOneAsync(Person("form", "8").From("other-" + Email, firstName: Name))).Is(500);
        (await client.BulkAsync([Person("form", "9").From("another-" + Email, firstName: Name)])).Is(500);
        await TestPostgres.ExecuteAsync(node.ConnectionString, "ALTER TABLE interactions.contacts DROP CONSTRAINT no_more");
        await TestPostgres.ExecuteAsync(
            node.ConnectionString, "ALTER TABLE interactions.interactions ADD CONSTRAINT one_note UNIQUE (notes)");
        (await client.SendOneAsync(Person("form", "10").With("notes", Notes + "2"))).Is(500);
        await TestPostgres.ExecuteAsync(node.ConnectionString, "ALTER TABLE interactions.interactions DROP CONSTRAINT one_note");
        await TestPostgres.ExecuteAsync(
            node.ConnectionString,
            "DROP INDEX interactions.contacts_by_words; ALTER TABLE interactions.contacts ALTER COLUMN first_name TYPE integer USING 1");
        (await client.SendOneAsync(Person("form", "11").From("third-" + Email, firstName: Name))).Is(500);
        (await client.PostAsync("/tokens", new { token = new { name = Name, advertisers = "all" } })).Is(201);
        await TestPostgres.ExecuteAsync(node.ConnectionString, "ALTER TABLE access.tokens ALTER COLUMN name TYPE integer USING 1");
        (await client.PostAsync("/tokens", new { token = new { name = Name, advertisers = "all" } })).Is(500);
        var database = new NpgsqlConnectionStringBuilder(node.ConnectionString);
        var name = database.Database;
        database.Database = "postgres";
        await TestPostgres.ExecuteAsync(database.ConnectionString, $"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        await TestPostgres.ExecuteAsync(
            database.ConnectionString, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        (await client.SendOneAsync(Person("form", "12"))).Is(503);

        Assert.True(lines.All.Count(line => line.Contains("failed", StringComparison.Ordinal)) >= 5, string.Join('\n', lines.All));
        string[] told = [.. Told, .. secrets];
        // What the node's own provider keeps is everything from Information, also what the settings leave out: the server's line on a
        // request that no route took, which has its address.
        var all = lines.All.Concat(node.LogLines.Where(line => !line.Contains("Request reached the end", StringComparison.Ordinal)));
        Assert.Empty(all.Where(line => told.Any(secret => line.Contains(secret, StringComparison.OrdinalIgnoreCase))));
    }

    private static JsonObject Person(string type, string external)
    {
        var record = Records.Of("USA_1", type).External("log", external).From(Email, $"({Number[..3]}) 364-8642", Name).With(
            "notes", Notes + external)
            .With("page_url", "http://example.com/?name=" + Name);
        return type == "form"
            ? record.With("form", new JsonObject
            {
                ["message"] = Message,
                ["full_message"] = Message,
                ["extra_fields"] = new JsonObject { [Name] = Message },
            })
            : record.With(
                "chat", new JsonObject { ["transcript"] = new JsonArray(new JsonObject { ["from"] = Name, ["message"] = Message }) });
    }

    private sealed class Lines : ILoggerProvider
    {
        public ConcurrentQueue<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Category(categoryName, All);

        public void Dispose()
        {
        }
    }

    private sealed class Category(string name, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{logLevel} {name}: {formatter(state, exception)} {exception}"));
    }
}
