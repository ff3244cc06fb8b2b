using System.Text.Json.Nodes;
using Lips.Audit.ListAudit;
using Lips.Kernel;
using Lips.Kernel.Database;
using Lips.Testing;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Xunit;

namespace Lips.Audit.Tests.ListAudit;

/// <summary>Each filter walks an index as far as the page, in a trail of 120,000 entries.</summary>
public sealed class PlanTests : IAsyncLifetime
{
    private const string Rows =
        """
        INSERT INTO audit.entries (at, token_id, action, advertiser, advertisers, counts, count, interaction_id, fields, subject_token_id)
        SELECT timestamptz '2025-01-01Z' + n * interval '1 minute', 1 + n % 7, (ARRAY['update', 'update', 'update', 'ingest', 'archive',
            'token_create', 'ingest_bulk'])[1 + n % 11 % 7],
            CASE WHEN n % 13 > 0 THEN 1000000000001 + n % 50 END, CASE WHEN n % 13 = 0 THEN ARRAY[1000000000001,
                1000000000002 + n % 50] END,
            CASE WHEN n % 13 = 0 THEN '{1,1}'::integer[] END, 1, CASE WHEN n % 13 > 0 THEN n % 5003 END, '{}', NULL
        FROM generate_series(1, 120000) n;
        INSERT INTO audit.entry_advertisers (advertiser, at, id) SELECT a, at, id FROM audit.entries, unnest(advertisers) a;
        ANALYZE audit.entries, audit.entry_advertisers;
        """;

    private static readonly AuditFilter Page = new() { Limit = 50 };

    private NpgsqlDataSource? database;

    public static TheoryData<string> Filters => [.. Cases.Keys];

    private static Dictionary<string, (AuditFilter Filter, string Index, int Walks)> Cases { get; } = new(StringComparer.Ordinal)
    {
        ["nothing"] = (Page, "entries_pkey", 1),
        ["a page in the middle"] = (Page with { Before = new AuditCursor(new DateTime(2025, 2, 1, 0, 0, 0, DateTimeKind.Utc), 5) },
            "entries_pkey", 1),
        ["a time"] = (Page with
        {
            From = new DateTime(2025, 2, 1, 0, 0, 0, DateTimeKind.Utc),
            Until = new DateTime(2025, 2, 9, 0, 0, 0, DateTimeKind.Utc),
        }, "entries_pkey", 1),
        ["a token"] = (Page with { TokenId = 3 }, "entries_by_token", 1),
        ["a token that has done nothing"] = (Page with { TokenId = 99 }, "entries_by_token", 1),
        ["an interaction"] = (Page with { InteractionId = 77 }, "entries_by_interaction", 1),
        ["an action"] = (Page with { Actions = ["archive"] }, "entries_by_action", 1),
        ["three actions in a time"] = (Page with
        {
            Actions = ["archive", "token_create", "token_revoke"],
            Until = new DateTime(2025, 2, 9, 0, 0, 0, DateTimeKind.Utc),
        }, "entries_by_action", 3),
        ["actions that nobody takes"] = (Page with { Actions = ["token_revoke", "token_rotate"] }, "entries_by_action", 2),
        ["an advertiser that nothing happened to"] = (Page with { Advertisers = [Id(77)] }, "entries_by_advertiser", 2),
        ["an advertiser"] = (Page with { Advertisers = [Id(9)] }, "entries_by_advertiser", 2),
        ["updates of an advertiser"] = (Page with { Advertisers = [Id(9)], Actions = ["update"] }, "entry_advertisers_pkey", 5),
        ["what a token has done to an advertiser"] = (Page with { Advertisers = [Id(9)], TokenId = 3 }, "entry_advertisers_pkey", 20),
        ["four advertisers"] = (Page with { Advertisers = [Id(1), Id(2), Id(30), Id(999)], Before = new AuditCursor(new DateTime(2025, 3, 1, 0, 0, 0, DateTimeKind.Utc), 5) }, "entry_advertisers_pkey", 8),
    };

    public async Task InitializeAsync()
    {
        var connectionString = await TestPostgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connectionString, Rows);
        database = LipsDatabase.Open(connectionString);
    }

    public async Task DisposeAsync() => await database!.DisposeAsync();

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_page_reads_its_index_and_no_more_than_the_page(string name)
    {
        var (filter, index, walks) = Cases[name];
        await using var context = Context();
        // The very statement that EF Core sends.
        await using var command = (NpgsqlCommand)AuditQuery.Of(context, filter).CreateDbCommand();
        var steps = await ExplainAsync(command);

        Assert.Contains(steps, s => (string?)s["Index Name"] == index);
        Assert.DoesNotContain(steps, s => (string?)s["Node Type"] == "Seq Scan");
        // A walk reads the page and the row that tells of more; the rows of several walks are looked up once more by their key.
        Assert.All(steps.Where(s => s["Relation Name"] is not null), s => Assert.InRange(Read(s), 0, (filter.Limit + 1) * walks));
    }

    [Fact]
    public async Task A_walk_that_is_too_long_is_found_so_the_test_above_can_fail()
    {
        await using var command = new NpgsqlCommand("SELECT * FROM audit.entries e WHERE count > 1 ORDER BY at DESC, id DESC LIMIT 51");

        Assert.Contains(await ExplainAsync(command), s => s["Relation Name"] is not null && Read(s) > 100_000);
    }

    private AuditContext Context() => new(ModuleSchema.Options<AuditContext>(AuditContext.Schema, database!));

    private static GlobalId Id(int number) => GlobalId.FromValue(1_000_000_000_000 + number);

    private static double Read(JsonNode step) =>
        (Number(step, "Actual Rows") + Number(step, "Rows Removed by Filter") + Number(step, "Rows Removed by Index Recheck")) * Number(
            step, "Actual Loops");

    private static double Number(JsonNode step, string name) => step[name]?.GetValue<double>() ?? 0;

    private async Task<List<JsonNode>> ExplainAsync(NpgsqlCommand command)
    {
        await using var connection = await database!.OpenConnectionAsync();
        await using var explain = new NpgsqlCommand("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + command.CommandText, connection);
        foreach (var parameter in command.Parameters.ToArray())
            explain.Parameters.Add(parameter.Clone());
        var steps = new List<JsonNode>();
        Add(JsonNode.Parse((string)(await explain.ExecuteScalarAsync())!)![0]!["Plan"]!);
        return steps;

        void Add(JsonNode step)
        {
            steps.Add(step);
            foreach (var below in step["Plans"]?.AsArray() ?? [])
                Add(below!);
        }
    }
}
