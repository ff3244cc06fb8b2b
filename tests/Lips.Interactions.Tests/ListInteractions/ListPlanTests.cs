using Lips.Audit.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Listing;
using Lips.Interactions.Serving;
using Lips.Interactions.Writing;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests.ListInteractions;

/// <summary>
/// Every question relies on the index that the comment of <see cref="ListSql"/> names: for the values at hand, and prepared.
/// </summary>
public sealed class ListPlanTests(PlanDatabase plans) : IClassFixture<PlanDatabase>
{
    private const int PerPage = 25;
    private const string Largest = "USA_1";
    private const string Small = "USA_3";
    private const string Several = "USA_1,USA_3,USA_4";

    /// <summary>A filter, the indexes that it relies on, and how many seeks it takes for each advertiser.</summary>
    public static TheoryData<string, string, int> Filters { get; } = new()
    {
        { "", "interactions_by_time", 1 },
        { "archived=true", "interactions_archived_by_time", 1 },
        { "start_date=2024-03-01&end_date=2024-03-05", "interactions_by_time", 1 },
        { "start_date=2024-03-01", "interactions_by_time", 1 },
        { "end_date=2024-03-05", "interactions_by_time", 1 },
        { "global_master_campaign_id=USA_7", "interactions_by_campaign", 1 },
        { "global_master_campaign_id=USA_7,USA_8", "interactions_by_campaign", 2 },
        { "event_type=call", "interactions_by_kind", 1 },
        { "event_type=call&event_type=form", "interactions_by_kind", 2 },
        { "channel=search", "interactions_by_channel", 1 },
        { "channel=search&channel=none", "interactions_by_channel", 2 },
        { "call_duration=10", "interactions_by_call", 1 },
        { "call_duration=890", "interactions_by_call", 1 },
        { "max_call_duration=10", "interactions_by_call", 1 },
        { "booking_id=booking-17", "interactions_by_booking", 1 },
        { "read=false", "interactions_by_time", 1 },
        { "important=true", "interactions_by_importance", 1 },
        { "external_id=external-102", "interactions_external_key", 1 },
        { "external_app_id=app-2", "interactions_by_app", 1 },
        { "external_id=external-102&external_app_id=app-2", "interactions_external_key", 1 },
        { "conversation_id=conversation-13", "interactions_by_conversation", 1 },
        { "contact_id=333", "interactions_by_contact", 1 },
        { "tags=common", "interaction_tags_pkey", 1 },
        { "tags=tag-6", "interaction_tags_pkey", 1 },
        { "tags=tag-6&tags=tag-12", "interaction_tags_pkey", 2 },
        { "event_params[phone_numbers]=9893600333", "contact_phones_pkey interactions_by_contact", 1 },
        { "event_params[phone_numbers]=9893600333&event_params[phone_numbers]=9893600343",
            "contact_phones_pkey interactions_by_contact", 2 },
        { "q=person333x", "contacts_by_words interactions_by_contact", 1 },
        { "q=mail 600333", "contacts_by_words interactions_by_contact", 1 },
        { "q=note4600x", "interactions_by_notes", 1 },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Page_one_is_read_from_the_index_in_the_order_of_the_list(string query, string indexes, int seeks)
    {
        foreach (var sort in new[] { "", "&sort_by=occurred_at", "&sort_by=occurred_at&sort_dir=desc" })
        {
            AssertNone(await ListProblemsAsync(Largest, query + sort, indexes, seeks));
            AssertNone(await ListProblemsAsync(Small, query + sort, indexes, seeks));
            AssertNone(await ListProblemsAsync(Several, query + sort, indexes, 3 * seeks));
        }
    }

    [Theory]
    [InlineData("", "interactions_by_importance")]
    [InlineData("archived=true", "interactions_archived_by_importance")]
    [InlineData("start_date=2024-03-01", "interactions_by_importance")]
    public async Task Page_one_by_importance_is_read_from_the_index_in_each_half(string query, string indexes)
    {
        foreach (var sort in new[] { "&sort_by=important", "&sort_by=important&sort_dir=desc" })
        {
            AssertNone(await ListProblemsAsync(Largest, query + sort, indexes, seeks: 2));
            AssertNone(await ListProblemsAsync(Small, query + sort, indexes, seeks: 2));
            AssertNone(await ListProblemsAsync(Several, query + sort, indexes, seeks: 6));
        }
    }

    // The planner chooses between the index of the filter and that of the order: which of them is better hangs on how rare the values are.
    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_filter_sorted_by_importance_never_reads_the_whole_table(string query, string indexes, int seeks)
    {
        _ = (indexes, seeks);
        foreach (var advertisers in new[] { Largest, Small, Several })
        {
            AssertNone(await ListProblemsAsync(advertisers, query + "&sort_by=important", "", seeks: null));
            AssertNone(await ListProblemsAsync(advertisers, query + "&sort_by=important&sort_dir=desc", "", seeks: null));
        }
    }

    // For any values too: each of the two indexes knows both.
    [Theory]
    [InlineData("event_type=call&channel=search")]
    [InlineData("event_type=call&channel=search&start_date=2024-03-01&end_date=2024-09-01")]
    public async Task Of_one_type_and_one_channel_no_other_rows_are_read_than_those_of_the_page(string query)
    {
        foreach (var advertiser in new[] { Largest, Small })
        {
            await using var connection = await plans.Database.OpenConnectionAsync();
            await using var command = ListSql.Command(Slice(advertiser, query));
            AssertNone((await Plan.CustomAsync(connection, command, analyze: true)).Problems([], PerPage));
            AssertNone((await Plan.PreparedAsync(connection, command, isKept: true)).Problems([], PerPage));
        }
    }

    // Only where more rows match than the page reaches: fewer are as well read at once and sorted.
    [Theory]
    [InlineData("", "interactions_by_time", 1)]
    [InlineData("event_type=call", "interactions_by_kind", 1)]
    [InlineData("event_type=call&event_type=form", "interactions_by_kind", 2)]
    [InlineData("channel=search", "interactions_by_channel", 1)]
    [InlineData("call_duration=10", "interactions_by_call", 1)]
    [InlineData("global_master_campaign_id=USA_7,USA_8", "interactions_by_campaign", 2)]
    [InlineData("external_app_id=app-2", "interactions_by_app", 1)]
    [InlineData("tags=common", "interaction_tags_pkey", 1)]
    [InlineData("sort_by=important", "interactions_by_importance", 2)]
    public async Task A_later_page_is_read_from_the_same_index(string query, string indexes, int seeks)
    {
        AssertNone(await ListProblemsAsync(Largest, query + "&page=4", indexes, 4 * seeks));
    }

    // In the middle of the largest advertiser's rows. The bounds of a filter lie far away on either side.
    [Theory]
    [InlineData("", "interactions_by_time", 1)]
    [InlineData("start_date=2024-01-03&end_date=2024-12-10", "interactions_by_time", 1)]
    [InlineData("start_date=2024-01-03T12:00:00Z&end_date=2024-12-10T12:00:00Z", "interactions_by_time", 1)]
    [InlineData("archived=true", "interactions_archived_by_time", 1)]
    [InlineData("event_type=call", "interactions_by_kind", 1)]
    [InlineData("event_type=call&event_type=form", "interactions_by_kind", 2)]
    [InlineData("channel=search", "interactions_by_channel", 1)]
    [InlineData("channel=search&channel=none", "interactions_by_channel", 2)]
    [InlineData("global_master_campaign_id=USA_7", "interactions_by_campaign", 1)]
    [InlineData("global_master_campaign_id=USA_7,USA_8", "interactions_by_campaign", 2)]
    public async Task A_deep_page_is_read_from_the_row_where_it_begins(string query, string indexes, int seeks)
    {
        foreach (var sort in new[] { "&sort_by=occurred_at", "&sort_by=occurred_at&sort_dir=desc" })
        {
            AssertNone(await DeepProblemsAsync(Largest, query + sort, indexes, seeks, important: null));
            AssertNone(await DeepProblemsAsync(Several, query + sort, indexes, 3 * seeks, important: null));
        }
    }

    // Entries of an index that are walked over between the range's end and the row show in a plan only as blocks.
    [Theory]
    [InlineData("&sort_by=occurred_at", null)]
    [InlineData("&sort_by=occurred_at&sort_dir=desc", null)]
    [InlineData("&sort_by=important", true)]
    public async Task A_deep_page_within_a_range_reads_no_more_than_one_without(string sort, bool? important)
    {
        await using var connection = await plans.Database.OpenConnectionAsync();
        await using var free = ListSql.Command(Slice(Largest, sort, Start(important)));
        await using var bound = ListSql.Command(
            Slice(Largest, "start_date=2024-01-03&end_date=2024-12-10" + sort, Start(important)));
        await Plan.CustomAsync(connection, free, analyze: true);

        var (blocks, most) = ((await Plan.CustomAsync(connection, bound, analyze: true)).Blocks,
            (await Plan.CustomAsync(connection, free, analyze: true)).Blocks + 10);

        Assert.InRange(blocks, 1, most);
    }

    [Theory]
    [InlineData("", "interactions_by_importance")]
    [InlineData("archived=true", "interactions_archived_by_importance")]
    [InlineData("start_date=2024-01-03&end_date=2024-12-10", "interactions_by_importance")]
    public async Task A_deep_page_by_importance_is_read_from_the_row_where_it_begins_and_from_the_other_half(string query, string indexes)
    {
        foreach (var important in new[] { true, false })
        {
            foreach (var sort in new[] { "&sort_by=important", "&sort_by=important&sort_dir=desc" })
            {
                AssertNone(await DeepProblemsAsync(Largest, query + sort, indexes, 2, important));
                AssertNone(await DeepProblemsAsync(Several, query + sort, indexes, 6, important));
            }
        }
    }

    [Theory]
    [InlineData("", "interactions_by_time", null)]
    [InlineData("archived=true", "interactions_archived_by_time", null)]
    [InlineData("event_type=call", "interactions_by_kind", null)]
    [InlineData("global_master_campaign_id=USA_7", "interactions_by_campaign", null)]
    [InlineData("", "interactions_by_importance", true)]
    public async Task Anchors_are_read_from_the_rows_of_their_day(string query, string indexes, bool? important)
    {
        await using var command = Anchors.Command(FilterOf(Largest, query + "&start_date=2024-05-05&end_date=2024-05-05"), important, 100);
        AssertNone(await ProblemsAsync(command, indexes, reach: 300));
    }

    [Theory]
    [Each("", "event_type=call&event_type=form", "global_master_campaign_id=USA_7")]
    public async Task Pieces_of_days_are_counted_from_their_rows(string query)
    {
        foreach (var advertisers in new[] { Largest, Several })
        {
            var parts = DaySplit.Of(FilterOf(advertisers, query + "&start_date=2024-05-05T12:00:00Z&end_date=2024-09-05T12:00:00Z"))!;
            await using var command = CountInteractions.PiecesCommand(FilterOf(advertisers, query), [parts.Early!, parts.Late!]);
            AssertNone(await ProblemsAsync(command, "", reach: 400));
        }
    }

    // Of the largest advertiser, who has most of the table, reading the table is the best way to count all.
    // Both indexes of what is archived serve, and cost the same.
    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Counting_is_a_scan_of_the_index(string query, string indexes, int seeks)
    {
        _ = seeks;
        await using var command = CountInteractions.Command(FilterOf(Small, query));
        var byTime = await ProblemsAsync(command, indexes, reach: null);
        if (byTime.Count > 0 && indexes == "interactions_archived_by_time")
            AssertNone(await ProblemsAsync(command, "interactions_archived_by_importance", reach: null));
        else
            AssertNone(byTime);
    }

    // All rows that are found are read, and no other: also where the server thinks that all of a table might match.
    [Theory]
    [InlineData("q=pe", "contacts_by_words interactions_by_contact")]
    [InlineData("q=893", "contacts_by_words interactions_by_contact")]
    [InlineData("q=person12 mai", "contacts_by_words interactions_by_contact")]
    [InlineData("q=ca", "interactions_by_notes")]
    [InlineData("q=back call&sort_by=important", "interactions_by_notes")]
    public async Task A_search_that_finds_much_reads_what_it_finds(string query, string indexes)
    {
        foreach (var advertisers in new[] { Largest, Small, Several })
        {
            await using var list = ListSql.Command(Slice(advertisers, query));
            await using var count = CountInteractions.Command(FilterOf(advertisers, query));
            foreach (var command in new[] { list, count })
            {
                AssertNone(await ProblemsAsync(command, indexes, reach: null));
                await using var connection = await plans.Database.OpenConnectionAsync();
                var plan = await Plan.CustomAsync(connection, command, analyze: true);
                Assert.All(
                    plan.Nodes.Where(n => n.Relation is "contacts" or "interactions"), n => Assert.InRange(n.Rows, n.Read, n.Read));
                Assert.DoesNotContain(plan.Nodes, n => n.Index == "interactions_by_time");
            }
        }
    }

    // So that marking as read writes one row and no index (a HOT update). Words are made of columns as well.
    [Fact]
    public async Task No_index_depends_on_read()
    {
        await using var command = plans.Database.CreateCommand(
            """
            SELECT coalesce(string_agg(DISTINCT a.attname, ' ' ORDER BY a.attname), '')
            FROM pg_depend d
            JOIN pg_index x ON x.indexrelid = d.objid
            JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
            WHERE d.refobjid = 'interactions.interactions'::regclass
                AND a.attname IN ('read', 'read_at', 'important_at', 'body', 'important', 'notes')
            """);

        Assert.Equal("important notes", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task One_interaction_is_one_row_of_its_index()
    {
        await using var byId = plans.Database.CreateCommand(InteractionReader.Select);
        byId.Parameters.Add(new NpgsqlParameter<long> { TypedValue = 50_502 });
        AssertNone(await ProblemsAsync(byId, "interactions_by_id interaction_versions_pkey", reach: 1));

        await using var ofAdvertiser = plans.Database.CreateCommand(InteractionReader.SelectOne);
        ofAdvertiser.Parameters.Add(new NpgsqlParameter<long> { TypedValue = FilterOf(Largest, "").Advertisers[0].Value });
        ofAdvertiser.Parameters.Add(new NpgsqlParameter<long> { TypedValue = 50_502 });
        AssertNone(await ProblemsAsync(ofAdvertiser, "interactions_by_id", reach: 1));
    }

    [Fact]
    public async Task The_advertisers_of_interactions_are_rows_of_an_index()
    {
        await using var command = plans.Database.CreateCommand(InteractionOwners.Select);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [50_502, 50_503, 7] });

        AssertNone(await ProblemsAsync(command, "interactions_by_id", reach: 3));
    }

    [Fact]
    public async Task Changes_find_their_interactions_by_a_key()
    {
        var advertiser = FilterOf(Largest, "").Advertisers[0];
        var read = new NewState(IsRead: true, null, SetsNotes: false, null);
        Func<long, InteractionChange>[] kinds =
        [
            id => new Update(id, AuditActor.Operator, null, read),
            id => new Archiving(id, AuditActor.Operator, null, DateTime.UtcNow),
            id => new Unarchiving(id, AuditActor.Operator, null),
        ];
        foreach (var kind in kinds)
        {
            var changes = Enumerable.Range(50_000, 30).Select(id => kind(id) with { Advertiser = advertiser }).ToList();
            await using var command = Command(changes[0].Statement(changes));
            await using var connection = await plans.Database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();

            // By the primary key or by the id, and again where they were found; writing them takes blocks as well.
            AssertNone((await Plan.CustomAsync(connection, command, analyze: true)).Problems([], 2 * 30));
        }
    }

    [Theory]
    [InlineData(false, "USA_7")]
    [InlineData(false, "USA_7,USA_8")]
    [InlineData(true, "USA_7")]
    [InlineData(true, "USA_7,USA_8")]
    public async Task The_advertisers_of_a_campaign_are_read_from_the_index_of_campaigns(bool isRestricted, string campaigns)
    {
        const string index = "campaign_advertisers_by_campaign";
        var caller = CallerWith(isRestricted ? FilterOf(Several, "").Advertisers.ToHashSet() : null);
        await using var command = PartnerFilter.Command(FilterOf(Largest, "global_master_campaign_id=" + campaigns).Campaigns, caller);
        AssertNone(await ProblemsAsync(command, index, reach: 20));

        await using var connection = await plans.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await Plan.ExecuteAsync(connection, $"DROP INDEX interactions.{index}");
        Assert.Contains($"does not use {index}", (await Plan.CustomAsync(connection, command, analyze: true)).Problems([index], 20));
    }

    [Fact]
    public void Every_filter_of_the_index_endpoint_is_among_the_cases()
    {
        var cases = Filters.Select(f => FilterOf(Largest, (string)f[0])).ToList();
        var nothing = FilterOf(Largest, "");

        Assert.All(typeof(InteractionFilter).GetProperties().Where(p => p.Name != nameof(InteractionFilter.Advertisers)), property =>
            Assert.Contains(cases, c => property.GetValue(c) is System.Collections.ICollection { Count: var count }
                ? count > 0
                : !Equals(property.GetValue(c), property.GetValue(nothing))));
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task The_tests_above_fail_without_the_index(string query, string indexes, int seeks)
    {
        foreach (var index in indexes.Split(' '))
        {
            await using var connection = await plans.Database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await Plan.ExecuteAsync(connection, index.EndsWith("_pkey", StringComparison.Ordinal)
                ? $"ALTER TABLE interactions.{index[..^"_pkey".Length]} DROP CONSTRAINT {index}"
                : $"DROP INDEX interactions.{index}");
            await using var command = ListSql.Command(Slice(Largest, query));

            Assert.Contains(
                $"does not use {index}", (await Plan.CustomAsync(connection, command, analyze: true)).Problems([index], seeks * PerPage));
        }
    }

    [Fact]
    public async Task A_plan_that_is_kept_is_right_for_the_largest_where_most_are_small()
    {
        (string Query, string Index, bool HasKeys)[] cases =
        [
            ("", "interactions_by_time", false),
            ("", "interactions_by_time", true),
            ("archived=true", "interactions_archived_by_time", false),
            ("start_date=2024-03-01&end_date=2024-03-05", "interactions_by_time", false),
            ("end_date=2024-03-05&sort_by=occurred_at&page=4", "interactions_by_time", false),
            ("end_date=2024-03-05&sort_by=occurred_at", "interactions_by_time", true),
        ];
        await using var connection = await plans.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await Plan.ExecuteAsync(
            connection,
            """
            INSERT INTO interactions.interactions
                (advertiser, id, contact_id, occurred_at, archived_at, kind, channel, important, read, body, contact)
            SELECT 1000000100000 + n / 3, 1000000 + n, n, timestamptz '2024-01-01Z' + n * interval '1 minute',
                CASE WHEN n % 11 = 0 THEN timestamptz '2025-01-01Z' END, 2, 0, false, false, '{}', '{}'
            FROM generate_series(1, 100000) AS n;
            ANALYZE interactions.interactions
            """);
        foreach (var (query, index, hasKeys) in cases)
        {
            var slice = Slice(Largest, query) with { HasKeys = hasKeys };
            await using var command = Command(slice);

            Assert.True(slice.KeepsPlan);
            var plan = await Plan.PreparedAsync(connection, command, isKept: true);
            AssertNone([.. plan.Problems([index], 4 * PerPage).Select(problem => $"{query} {hasKeys}: {problem}\n{plan}")]);
        }
    }

    [Fact]
    public async Task The_tests_above_fail_where_rows_are_read_and_sorted_in_bulk()
    {
        await using var connection = await plans.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = ListSql.Command(Slice(Largest, ""));
        await Plan.ExecuteAsync(
            connection, "SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexonlyscan = off");

        var problems = (await Plan.CustomAsync(connection, command, analyze: true)).Problems(["interactions_by_time"], PerPage);

        Assert.Contains("does not use interactions_by_time", problems);
        Assert.Contains("reads all of interactions", problems);
        Assert.Contains(problems, p => p.StartsWith("sorts ", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.EndsWith(" rows of interactions", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.EndsWith(" blocks", StringComparison.Ordinal));
    }

    // Assert.Empty would cut the plans off.
    private static void AssertNone(IReadOnlyList<string> problems) => Assert.True(problems.Count == 0, string.Join('\n', problems));

    private async Task<IReadOnlyList<string>> ListProblemsAsync(string advertisers, string query, string indexes, int? seeks)
    {
        var slice = Slice(advertisers, query);
        await using var command = Command(slice);
        return await ProblemsAsync(command, indexes, seeks * PerPage, slice.KeepsPlan);
    }

    private async Task<IReadOnlyList<string>> DeepProblemsAsync(
        string advertisers, string query, string indexes, int seeks, bool? important)
    {
        var start = Start(important);
        var slice = Slice(advertisers, query + "&page=900", start);
        await using var command = Command(slice);
        return await ProblemsAsync(command, indexes, seeks * (PerPage + (int)start.Skip), slice.KeepsPlan);
    }

    /// <summary>As the slice is read in a batch: such that keep their plan with others.</summary>
    private static NpgsqlCommand Command(ListSlice slice) =>
        slice.KeepsPlan ? Command(ListSql.Statements([slice]).Single().Statement) : ListSql.Command(slice);

    private static NpgsqlCommand Command(NpgsqlBatchCommand statement)
    {
        var command = new NpgsqlCommand(statement.CommandText);
        foreach (var parameter in statement.Parameters.ToList())
            command.Parameters.Add(parameter.Clone());
        return command;
    }

    private static ListStart Start(bool? important) => new(new DateTime(2024, 6, 20, 12, 0, 0, DateTimeKind.Utc), 49_000, 40, important);

    private async Task<IReadOnlyList<string>> ProblemsAsync(
        NpgsqlCommand command, string indexes, int? reach, bool isKept = false)
    {
        await using var connection = await plans.Database.OpenConnectionAsync();
        var names = indexes.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var custom = await Plan.CustomAsync(connection, command, analyze: true);
        var prepared = await Plan.PreparedAsync(connection, command, isKept);
        return
        [
            .. custom.Problems(names, reach).Select(problem => $"{problem}: {command.CommandText}\n{custom}"),
            .. prepared.Problems(names, isKept ? reach : null).Select(problem => $"prepared, {problem}: {command.CommandText}\n{prepared}"),
        ];
    }

    private static InteractionFilter FilterOf(string advertisers, string query) =>
        InteractionFilter.Read(Reader($"global_master_advertiser_id={advertisers}&{query}"));

    private static ListSlice Slice(string advertisers, string query, ListStart? start = null)
    {
        var paging = Paging.Read(Reader($"{query}&per_page={PerPage}"), CallerWith(null));
        return new ListSlice(FilterOf(advertisers, query), paging.Order, paging.PerPage) { Skip = paging.Skip, Start = start };
    }

    private static Caller CallerWith(IReadOnlySet<GlobalId>? advertisers) =>
        new() { TokenId = 1, Abilities = Ability.Read, Advertisers = advertisers, Trusted = false, Pii = true };

    private static QueryReader Reader(string query)
    {
        Assert.True(QueryReader.TryParse(new QueryString("?" + query), out var reader));
        return reader;
    }
}
