using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Serving;
using Npgsql;

namespace Lips.Interactions.ListInteractions;

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
/// interactions_by_campaign; event_type: interactions_by_kind; channel: interactions_by_channel; call_duration: interactions_by_call;
/// booking_id: interactions_by_booking; conversation_id: interactions_by_conversation; external_id: interactions_external_key;
/// external_app_id: interactions_by_app. Two filters together use the index of one; the planner knows which is rarer.
/// </remarks>
internal static class ListSql
{
    /// <summary>Makes the statement for a batch.</summary>
    /// <param name="filter">What is listed.</param>
    /// <param name="paging">The order and the size of the page.</param>
    /// <param name="start">Where the list is begun to be read; null for its beginning. Only for filters of cells.</param>
    public static NpgsqlBatchCommand Statement(InteractionFilter filter, Paging paging, ListStart? start = null)
    {
        var (sql, text) = Make(filter, paging, start);
        return sql.Statement(text);
    }

    /// <inheritdoc cref="Statement"/>
    public static NpgsqlCommand Command(InteractionFilter filter, Paging paging, ListStart? start = null)
    {
        var (sql, text) = Make(filter, paging, start);
        return sql.Command(text);
    }

    private static (FilterSql Sql, string Text) Make(InteractionFilter filter, Paging paging, ListStart? start)
    {
        var before = start?.Skip ?? paging.Skip;
        var newestFirst = paging.SortBy == SortBy.Important || paging.Descending;
        var driver = DriverOf(filter, paging);
        // At the end where it begins, the filter's own bound says nothing more; the planner would take the two for independent and expect
        // too few rows.
        var sql = new FilterSql(start is null ? filter : newestFirst ? filter with { Until = null } : filter with { From = null });
        var (limit, skip) = (sql.Parameter((long)paging.PerPage), sql.Parameter(before));
        if (driver == Driver.None && filter.Advertisers.Count == 1)
        {
            var advertiser = sql.Parameter(filter.Advertisers[0].Value);
            sql.AddConditions(driver);
            return (sql, $"""
                SELECT {StoredInteraction.Texts}, ({AdvertiserVersions.SelectOne(advertiser)})
                FROM (
                    SELECT {StoredInteraction.Columns}
                    FROM interactions.interactions i
                    WHERE i.advertiser = {advertiser}{sql.Where}{Bound()}
                    ORDER BY {Order(paging, "i")} LIMIT {limit} OFFSET {skip}
                ) i
                """);
        }

        var reach = sql.Parameter(before + paging.PerPage);
        var seeks = start is { Important: { } half } ? Halves(sql, filter, half, half == paging.Descending, start)
            : Seeks(sql, filter, driver);
        sql.AddConditions(driver);
        // Only by tags can two seeks find the same interaction.
        var distinct = driver == Driver.Tags ? " DISTINCT" : "";
        return (sql, $"""
            SELECT {StoredInteraction.Texts}, ({AdvertiserVersions.Select(sql.Advertisers())})
            FROM (
                SELECT {StoredInteraction.Columns}
                FROM (
                    SELECT{distinct} k.* FROM ({seeks.From}) s
                    CROSS JOIN LATERAL (
                        SELECT i.advertiser, i.id, i.occurred_at, i.important FROM {seeks.Source}
                        WHERE {seeks.Condition}{sql.Where}{(driver == Driver.Importance ? "" : Bound())}
                        ORDER BY {Order(paging, seeks.OrderedBy)} LIMIT {reach}
                    ) k
                    ORDER BY {Order(paging, "k")} LIMIT {limit} OFFSET {skip}
                ) k
                JOIN interactions.interactions i ON i.advertiser = k.advertiser AND i.id = k.id
                ORDER BY {Order(paging, "i")}
            ) i
            """);

        string Bound() => start is null ? ""
            : $" AND (i.occurred_at, i.id) {(newestFirst ? "<=" : ">=")} ({sql.Parameter(start.Time)}, {sql.Parameter(start.Id)})";
    }

    private static Driver DriverOf(InteractionFilter filter, Paging paging)
    {
        // These name few rows; whatever else is asked is a condition on them.
        if (filter.ContactId is not null || filter.BookingId is not null || filter.ExternalId is not null
            || filter.ConversationId is not null)
            return Driver.None;
        if (filter.Numbers.Count > 0)
            return Driver.Phones;
        if (paging.SortBy == SortBy.Important)
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
        var advertisers = Advertisers(sql, filter);
        return driver switch
        {
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
            Driver.Importance => (Times([true, false]), interactions, "i.advertiser = s.advertiser AND i.important = s.value", "i"),
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
        FilterSql sql, InteractionFilter filter, bool half, bool isFirst, ListStart start)
    {
        var end = filter.Until ?? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);
        var (values, times, ids) = isFirst
            ? (sql.Parameter(new[] { half, !half }), sql.Parameter(new[] { start.Time, end }), sql.Parameter(new[] { start.Id, 0 }))
            : (sql.Parameter(new[] { half }), sql.Parameter(new[] { start.Time }), sql.Parameter(new[] { start.Id }));
        return (
            $"SELECT a.advertiser, v.* FROM ({Advertisers(sql, filter)}) a "
                + $"CROSS JOIN unnest({values}, {times}, {ids}) AS v(value, time, id)",
            "interactions.interactions i",
            "i.advertiser = s.advertiser AND i.important = s.value AND (i.occurred_at, i.id) <= (s.time, s.id)",
            "i");
    }

    private static string Advertisers(FilterSql sql, InteractionFilter filter) => filter.Advertisers.Count == 1
        ? $"SELECT {sql.Parameter(filter.Advertisers[0].Value)} AS advertiser"
        : $"SELECT a AS advertiser FROM unnest({sql.Advertisers()}) AS a";

    private static string Order(Paging paging, string alias)
    {
        var direction = paging.Descending ? "DESC" : "ASC";
        if (alias == "t")
            return $"t.occurred_at {direction}, t.interaction_id {direction}";
        return paging.SortBy == SortBy.Important
            ? $"{alias}.important {direction}, {alias}.occurred_at DESC, {alias}.id DESC"
            : $"{alias}.occurred_at {direction}, {alias}.id {direction}";
    }
}
