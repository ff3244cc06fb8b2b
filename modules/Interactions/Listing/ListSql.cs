using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Serving;
using Lips.Interactions.Writing;
using Npgsql;

namespace Lips.Interactions.Listing;

/// <summary>
/// The statement of a page: one row with the texts of its interactions (<see cref="StoredInteraction.Texts"/>, NULL of none) and the
/// versions of the filter's advertisers, in their order, both in the snapshot of the list. Where one index gives the rows in the list's
/// order, it is read from there and stopped after the page. Where a filter has several values (or there are several advertisers), each
/// value is such a seek of its own, stopped after the page's reach, and the seeks are merged: never a sort of all that matches.
/// </summary>
/// <remarks>
/// Which index a question relies on (EXPLAIN shows it in ListPlanTests):
/// no filter: interactions_by_time, archived: interactions_archived_by_time; sort_by=important: interactions_(archived_)by_importance;
/// contact and phone: interactions_by_contact (phone by way of contact_phones_pkey); tags: interaction_tags_pkey; campaign:
/// interactions_by_campaign; event_type: interactions_by_kind; channel: interactions_by_channel; call_duration and
/// max_call_duration: interactions_by_call; booking_id: interactions_by_booking; conversation_id: interactions_by_conversation;
/// external_id: interactions_external_key; external_app_id: interactions_by_app; q: contacts_by_words with interactions_by_contact, and
/// interactions_by_notes. Two filters together use the index of one; the planner knows which is rarer.
/// </remarks>
internal static class ListSql
{
    /// <summary>Makes the statement for a batch.</summary>
    public static NpgsqlBatchCommand Statement(ListSlice slice)
    {
        var (sql, text) = Make(slice);
        return sql.Statement(text);
    }

    /// <summary>
    /// Makes statements for a batch, one for all that have the same text. Each gives a row for each slice, ending with the slice's place
    /// among those of the statement, from 1.
    /// </summary>
    /// <param name="slices">Slices for which one plan is right (<see cref="ListSlice.KeepsPlan"/>).</param>
    /// <returns>The statements, each with its slices' indexes.</returns>
    public static IEnumerable<(NpgsqlBatchCommand Statement, int[] Slices)> Statements(IEnumerable<ListSlice> slices) =>
        from one in slices.Select((slice, index) => (Made: Make(slice, isOneOfSeveral: true), Index: index))
        group one by one.Made.Text into alike
        select (FilterSql.Statement(alike.Key, [.. alike.Select(a => a.Made.Sql)]), alike.Select(a => a.Index).ToArray());

    /// <inheritdoc cref="Statement"/>
    public static NpgsqlCommand Command(ListSlice slice)
    {
        var (sql, text) = Make(slice);
        return sql.Command(text);
    }

    /// <summary>The same for the advertisers of the rows in place of their texts.</summary>
    public static NpgsqlCommand KeysCommand(ListSlice slice)
    {
        var (sql, text) = Make(slice, areTextsWanted: false);
        return sql.Command(text);
    }

    private static (FilterSql Sql, string Text) Make(ListSlice slice, bool areTextsWanted = true, bool isOneOfSeveral = false)
    {
        var (filter, order, start) = (slice.Filter, slice.Order, slice.Start);
        var before = start?.Skip ?? slice.Skip;
        var driver = DriverOf(filter, order);
        // At the end where it begins, the filter's own bound says nothing more; the planner would take the two for independent and expect
        // too few rows.
        var sql = new FilterSql(
            start is null || (start.Important is not null && driver != Driver.Importance) ? filter
                : order.NewestFirst ? filter with { Until = null } : filter with { From = null },
            isOneOfSeveral);
        var rows = slice.Rows + (slice.HasKeys ? 1L : 0);
        var (limit, skip) = (sql.Parameter(rows), sql.Parameter(before));
        if (driver == Driver.None && filter.Advertisers.Count == 1 && slice.Days is null)
        {
            var advertiser = sql.Parameter(filter.Advertisers[0].Value);
            sql.AddConditions(driver);
            AddOwn(sql, slice);
            return (sql, $"""
                SELECT {(areTextsWanted ? Selected(slice, sql) : Advertisers)}, ({AdvertiserVersions.SelectOne(advertiser)}){Keys(slice)}
                FROM (
                    SELECT {StoredInteraction.Columns}{Place(slice, "i")}
                    FROM interactions.interactions i
                    WHERE i.advertiser = {advertiser}{sql.Where}{Bound(sql, slice, "i")}
                    ORDER BY {order.Sql("i")} LIMIT {limit} OFFSET {skip}
                ) i
                """);
        }

        var reach = sql.Parameter(before + rows);
        var seeks = driver == Driver.Importance && start is not null ? Halves(sql, slice, start) : Seeks(sql, filter, driver);
        sql.AddConditions(driver);
        AddOwn(sql, slice);
        // Only by tags can two seeks find the same interaction.
        var distinct = driver == Driver.Tags ? " DISTINCT" : "";
        var at = seeks.OrderedBy;
        var (days, ofDay) = slice.Days is null ? ("", "") : (
            $" CROSS JOIN unnest({sql.Parameter(slice.Days.Select(d => Utc(d.From)).ToArray())}, "
                + $"{sql.Parameter(slice.Days.Select(d => Utc(d.Until)).ToArray())}) AS d(since, before)",
            $" AND {at}.occurred_at >= d.since AND {at}.occurred_at < d.before");
        var bound = driver == Driver.Importance ? "" : Bound(sql, slice, "i");
        return (sql, $"""
            SELECT {(areTextsWanted ? Selected(slice, sql) : Advertisers)}, ({AdvertiserVersions.Select(sql.Advertisers())}){Keys(slice)}
            FROM (
                SELECT {StoredInteraction.Columns}{Place(slice, "i")}
                FROM (
                    SELECT{distinct} k.* FROM ({seeks.From}) s{days}
                    CROSS JOIN LATERAL (
                        SELECT i.advertiser, i.id, i.occurred_at, i.important FROM {seeks.Source}
                        WHERE {seeks.Condition}{ofDay}{sql.Where}{bound}
                        ORDER BY {order.Sql(at)} LIMIT {reach}
                    ) k
                    ORDER BY {order.Sql("k")} LIMIT {limit} OFFSET {skip}
                ) k
                JOIN interactions.interactions i ON i.advertiser = k.advertiser AND i.id = k.id
                ORDER BY {order.Sql("i")}
            ) i
            """);
    }

    /// <summary>The texts of the rows in the list's order, and without the one that is read only to see whether there is another.</summary>
    private static string Selected(ListSlice slice, FilterSql sql) => slice.HasKeys
        ? $"string_agg({StoredInteraction.Text}, {StoredInteraction.Between} ORDER BY i.place{(slice.Order.Backward ? " DESC" : "")}) "
            + $"FILTER (WHERE i.place <= {sql.Parameter((long)slice.Rows)})"
        : StoredInteraction.Texts;

    private const string Advertisers = "coalesce(array_agg(i.advertiser ORDER BY i.place), '{}')";

    // Of the rows in the order in which they were read.
    private static string Keys(ListSlice slice) => slice.HasKeys
        ? """
            , coalesce(array_agg(i.id ORDER BY i.place), '{}'), coalesce(array_agg(i.occurred_at ORDER BY i.place), '{}'),
            coalesce(array_agg(i.important ORDER BY i.place), '{}'), (SELECT last_value FROM interactions.interaction_ids)
            """
        : "";

    private static string Place(ListSlice slice, string alias) => slice.HasKeys
        ? $", {alias}.advertiser, {alias}.id, {alias}.occurred_at, row_number() OVER (ORDER BY {slice.Order.Sql(alias)}) AS place"
        : "";

    private static void AddOwn(FilterSql sql, ListSlice slice)
    {
        if (slice.Newest is { } newest)
            sql.And($"i.id <= {sql.Parameter(newest)}");
        if (slice.Unlike is not { } state)
            return;
        var unlike = new List<string>();
        if (state.IsRead is { } read)
            unlike.Add($"i.read <> {sql.Parameter(read)}");
        if (state.IsImportant is { } important)
            unlike.Add($"i.important <> {sql.Parameter(important)}");
        if (state.SetsNotes)
            unlike.Add(state.Notes is null ? "i.notes IS NOT NULL" : $"i.notes IS DISTINCT FROM {sql.Parameter(state.Notes)}");
        sql.And($"({string.Join(" OR ", unlike)})");
    }

    private static string Bound(FilterSql sql, ListSlice slice, string alias)
    {
        if (slice.Start is not { } start)
            return "";
        var compared = $"({alias}.occurred_at, {alias}.id) {(slice.Order.NewestFirst ? "<=" : ">=")} "
            + $"({sql.Parameter(start.Time)}, {sql.Parameter(start.Id)})";
        if (start.Important is not { } half)
            return $" AND {compared}";
        var importance = $"{alias}.important = {sql.Parameter(half)}";
        return half == slice.Order.ImportantFirst ? $" AND (NOT {importance} OR {compared})" : $" AND {importance} AND {compared}";
    }

    // Npgsql sends the ends of the calendar as infinity, if they are UTC.
    private static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);

    private static Driver DriverOf(InteractionFilter filter, ListOrder order)
    {
        if (filter.Search is not null)
            return Driver.Words;
        // These name few rows; whatever else is asked is a condition on them.
        if (filter.ContactId is not null || filter.BookingId is not null || filter.ExternalId is not null
            || filter.ConversationId is not null)
            return Driver.None;
        if (filter.Numbers.Count > 0)
            return Driver.Phones;
        if (order.By == SortBy.Important)
            return Driver.Importance;
        if (filter.Tags.Count > 0)
            return Driver.Tags;
        if (filter.Campaigns.Count > 1)
            return Driver.Campaigns;
        if (filter.Kinds.Count > 1)
            return Driver.Kinds;
        return filter.Channels.Count > 1 ? Driver.Channels : Driver.None;
    }

    /// <summary>The seeks of a driver: the values to go through, the table of a seek, and what ties the two.</summary>
    private static (string From, string Source, string Condition, string OrderedBy) Seeks(
        FilterSql sql, InteractionFilter filter, Driver driver)
    {
        const string interactions = "interactions.interactions i";
        var advertisers = AdvertisersOf(sql, filter);
        return driver switch
        {
            Driver.Words => (sql.FoundByWords(), interactions, "i.advertiser = s.advertiser AND i.id = s.id", "i"),
            Driver.Phones => (sql.ContactsOfPhones(), interactions, "i.advertiser = s.advertiser AND i.contact_id = s.contact_id", "i"),
            Driver.Tags => (
                Times(filter.Tags),
                // OFFSET 0 has the planner take the two conditions for one row a tag. As a plain join it takes them for independent,
                // expects fewer rows than a page holds, and reads and sorts all that have the tag.
                """
                interactions.interaction_tags t
                CROSS JOIN LATERAL (SELECT * FROM interactions.interactions r WHERE r.advertiser = t.advertiser
                    AND r.id = t.interaction_id OFFSET 0) i
                """,
                "t.advertiser = s.advertiser AND t.tag = s.value",
                "t"),
            Driver.Campaigns =>
                (Times(filter.Campaigns.Select(c => c.Value)), interactions, "i.advertiser = s.advertiser AND i.campaign = s.value", "i"),
            Driver.Kinds =>
                (Times(filter.Kinds.Select(k => (short)k)), interactions, "i.advertiser = s.advertiser AND i.kind = s.value", "i"),
            Driver.Channels =>
                (Times(filter.Channels.Select(c => (short)c)), interactions, "i.advertiser = s.advertiser AND i.channel = s.value", "i"),
            Driver.Importance => (
                Times(filter.IsImportant is { } only ? [only] : new[] { true, false }), interactions,
                "i.advertiser = s.advertiser AND i.important = s.value", "i"),
            _ => (advertisers, interactions, "i.advertiser = s.advertiser", "i"),
        };

        // A single value stands alone: the planner then knows how frequent it is, and of what comes out of unnest it does not.
        string Times<T>(IEnumerable<T> values) => values.ToArray() is var all && all.Length == 1
            ? $"SELECT a.advertiser, {sql.Parameter(all[0])} AS value FROM ({advertisers}) a"
            : $"SELECT a.advertiser, v AS value FROM ({advertisers}) a CROSS JOIN unnest({sql.Parameter(all)}) AS v";
    }

    /// <summary>
    /// The seeks of a list by importance that begins in the midst: in one half from there on, and if that is the first half, in all of the
    /// other.
    /// </summary>
    private static (string From, string Source, string Condition, string OrderedBy) Halves(
        FilterSql sql, ListSlice slice, ListStart start)
    {
        var (filter, newestFirst) = (slice.Filter, slice.Order.NewestFirst);
        var half = start.Important!.Value;
        var end = Utc(newestFirst ? filter.Until ?? DateTime.MaxValue : filter.From ?? DateTime.MinValue);
        var hasOther = half == slice.Order.ImportantFirst && filter.IsImportant is null;
        var (values, times, ids) = hasOther
            ? (sql.Parameter(new[] { half, !half }), sql.Parameter(new[] { start.Time, end }), sql.Parameter(new[] { start.Id, 0 }))
            : (sql.Parameter(new[] { half }), sql.Parameter(new[] { start.Time }), sql.Parameter(new[] { start.Id }));
        return (
            $"SELECT a.advertiser, v.* FROM ({AdvertisersOf(sql, filter)}) a "
                + $"CROSS JOIN unnest({values}, {times}, {ids}) AS v(value, time, id)",
            "interactions.interactions i",
            $"i.advertiser = s.advertiser AND i.important = s.value AND (i.occurred_at, i.id) {(newestFirst ? "<=" : ">=")} (s.time, s.id)",
            "i");
    }

    private static string AdvertisersOf(FilterSql sql, InteractionFilter filter) => filter.Advertisers.Count == 1
        ? $"SELECT {sql.Parameter(filter.Advertisers[0].Value)} AS advertiser"
        : $"SELECT a AS advertiser FROM unnest({sql.Advertisers()}) AS a";
}

/// <summary>What is read of a list: some rows, one behind the other.</summary>
/// <param name="Filter">What the list selects.</param>
/// <param name="Order">The order in which it is read.</param>
/// <param name="Rows">How many rows at most.</param>
internal sealed record ListSlice(InteractionFilter Filter, ListOrder Order, int Rows)
{
    /// <summary>How many rows of the list stand before the first, where no <see cref="Start"/> is given.</summary>
    public long Skip { get; init; }

    /// <summary>Where the list is begun to be read; null for its beginning.</summary>
    public ListStart? Start { get; init; }

    /// <summary>The ranges of time that have rows; null where that is not known, and all is read.</summary>
    public IReadOnlyList<TimeRange>? Days { get; init; }

    /// <summary>The greatest id of a row; what came in later has a greater one. Null for any.</summary>
    public long? Newest { get; init; }

    /// <summary>Only rows that are not all like this; null for all.</summary>
    public NewState? Unlike { get; init; }

    /// <summary>Whether the keys of the rows are wanted too, and whether there is another row behind them.</summary>
    public bool HasKeys { get; init; }

    /// <summary>
    /// Whether the same plan is right for all values: that by the index of the times, which gives the rows in the list's order. Such slices
    /// are read for many at once. To make a plan takes as long as to read a page, but else how rare the values are decides which index is
    /// best.
    /// </summary>
    public bool KeepsPlan =>
        Filter.IsOfTimeAlone && Order.By == SortBy.OccurredAt && Days is null && Newest is null && Unlike is null;
}

/// <summary>Where a list is begun to be read: at a row that is known, a short way before the page.</summary>
/// <param name="Time">The row's time; the list begins with the row itself, or with the next one where there is no such row.</param>
/// <param name="Id">The row's id.</param>
/// <param name="Skip">How many rows stand between.</param>
/// <param name="Important">Of a list sorted by importance: the half in which that is. Null for others.</param>
internal sealed record ListStart(DateTime Time, long Id, long Skip, bool? Important);

/// <summary>A range of time.</summary>
/// <param name="From">Its first instant.</param>
/// <param name="Until">The first instant behind it.</param>
internal readonly record struct TimeRange(DateTime From, DateTime Until);
