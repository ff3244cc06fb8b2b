using System.Globalization;
using Npgsql;

namespace Lips.Audit.ListAudit;

/// <summary>
/// The statement of a page. Each filter by itself walks one index from where the page begins to where it ends; several actions or
/// advertisers are a walk each, merged. Filters beside the one that is walked by drop rows on the way.
/// </summary>
internal sealed class AuditSql
{
    private const string Columns =
        """
        e.id, e.at, e.token_id, e.action, e.advertiser, e.advertisers, e.counts, e.count, e.interaction_id,
        e.first_interaction_id, e.last_interaction_id, e.fields, e.subject_token_id, e.address
        """;

    private readonly NpgsqlCommand command = new();
    private readonly string limit;
    private readonly string at;
    private readonly string id;
    private readonly string? from;

    private AuditSql(AuditFilter filter)
    {
        // The end and the cursor both say "before": one bound lets the walk begin there.
        var place = filter.Before ?? AuditCursor.End;
        if (filter.Until < place.At)
            place = new AuditCursor(filter.Until.Value, 0);
        limit = Parameter((long)filter.Limit + 1);
        at = Parameter(place.At);
        id = Parameter(place.Id);
        from = filter.From is { } time ? Parameter(time) : null;
    }

    /// <summary>The statement, for one row more than the limit.</summary>
    public static NpgsqlCommand Command(AuditFilter filter)
    {
        var sql = new AuditSql(filter);
        sql.command.CommandText = sql.Text(filter);
        return sql.command;
    }

    private string Text(AuditFilter filter)
    {
        string[] actions = [.. filter.Actions];
        if (filter.Advertisers.Count > 0)
        {
            var byInteraction = filter.InteractionId is { } one ? $" AND e.interaction_id = {Parameter(one)}" : "";
            return OfAdvertisers(
                Parameter(filter.Advertisers.Select(a => a.Value).ToArray()), byInteraction + OfToken(filter) + AnyOf(actions));
        }

        if (filter.InteractionId is { } interaction)
            return $"SELECT {Columns} FROM audit.entries e WHERE "
                + $"{Walk("e", "interaction_id", Parameter(interaction), OfToken(filter) + AnyOf(actions))}";
        if (filter.TokenId is { } only)
            return $"SELECT {Columns} FROM audit.entries e WHERE {Walk("e", "token_id", Parameter(only), AnyOf(actions))}";
        if (actions.Length > 0)
        {
            return $"""
                SELECT {Columns}
                FROM unnest({Parameter(actions)}) AS a(action) CROSS JOIN LATERAL (SELECT * FROM audit.entries e
                WHERE {Walk("e", "action", "a.action", "")}) e
                ORDER BY e.at DESC, e.id DESC LIMIT {limit}
                """;
        }

        // Index: entries_pkey.
        return $"SELECT {Columns} FROM audit.entries e WHERE (e.at, e.id) < ({at}, {id}){(from is null ? "" : $" AND e.at >= {from}")} "
            + $"ORDER BY e.at DESC, e.id DESC LIMIT {limit}";
    }

    /// <summary>
    /// A walk down the index that begins with the column: entries_by_action, entries_by_token, entries_by_advertiser,
    /// entries_by_interaction, entry_advertisers_pkey.
    /// </summary>
    /// <remarks>
    /// Not <c>column = value</c>: then the order of the list is that of entries_pkey too, and for a value that few rows have the planner
    /// may take that, and read the whole trail. As bounds of a range, in an order that begins with the column, only this index will do.
    /// </remarks>
    private string Walk(string table, string column, string value, string rest) =>
        $"""
        ({table}.{column}, {table}.at, {table}.id) < ({value}, {at}, {id}) AND {table}.{column} IS NOT NULL
            AND {(from is null ? $"{table}.{column} >= {value}" : $"({table}.{column}, {table}.at) >= ({value}, {from})")}{rest}
        ORDER BY {table}.{column} DESC, {table}.at DESC, {table}.id DESC LIMIT {limit}
        """;

    /// <summary>
    /// Entries of one advertiser and those of several are two walks.
    /// OFFSET 0 keeps the look-ups by entries_pkey from being merged with a scan of it.
    /// </summary>
    private string OfAdvertisers(string advertisers, string rest)
    {
        var shared = rest.Length == 0
            ? ""
            : $" CROSS JOIN LATERAL (SELECT * FROM audit.entries e WHERE e.at = x.at AND e.id = x.id OFFSET 0) e";
        return $"""
            SELECT {Columns}
            FROM (
                SELECT DISTINCT f.at, f.id
                FROM unnest({advertisers}) AS a(advertiser) CROSS JOIN LATERAL (
                    (SELECT e.at, e.id FROM audit.entries e WHERE {Walk("e", "advertiser", "a.advertiser", rest)})
                    UNION ALL
                    (SELECT x.at, x.id FROM audit.entry_advertisers x{shared} WHERE {Walk("x", "advertiser", "a.advertiser", rest)})
                ) f
                ORDER BY f.at DESC, f.id DESC LIMIT {limit}
            ) f CROSS JOIN LATERAL (SELECT * FROM audit.entries e WHERE e.at = f.at AND e.id = f.id OFFSET 0) e
            ORDER BY e.at DESC, e.id DESC
            """;
    }

    private string OfToken(AuditFilter filter) => filter.TokenId is { } token ? $" AND e.token_id = {Parameter(token)}" : "";

    private string AnyOf(string[] actions) => actions.Length == 0 ? "" : $" AND e.action = ANY({Parameter(actions)})";

    private string Parameter<T>(T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return string.Create(CultureInfo.InvariantCulture, $"${command.Parameters.Count}");
    }
}
