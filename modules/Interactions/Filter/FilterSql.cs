using System.Globalization;
using System.Text;
using Npgsql;

namespace Lips.Interactions.Filter;

/// <summary>
/// Makes SQL of a filter. Values are parameters, always; what is put into the text is chosen here, so that one kind of question has one
/// text and the server keeps its plan.
/// </summary>
/// <param name="filter">The filter.</param>
/// <param name="isOneOfSeveral">Whether the text is made for <see cref="Statement(string, IReadOnlyList{FilterSql})"/>.</param>
internal sealed class FilterSql(InteractionFilter filter, bool isOneOfSeveral = false)
{
    private readonly StringBuilder where = new();
    private readonly List<NpgsqlParameter> parameters = [];

    /// <summary>
    /// The conditions, beginning with <c> AND</c> unless empty, on <c>interactions i</c>; without the one on the advertiser.
    /// </summary>
    public string Where => where.ToString();

    /// <summary>Adds a parameter and gives its place, such as <c>$1</c>.</summary>
    public string Parameter<T>(T value)
    {
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return (isOneOfSeveral ? "v" : "$") + parameters.Count.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The command with all parameters that were added, still without a connection.</summary>
    public NpgsqlCommand Command(string sql)
    {
        var command = new NpgsqlCommand(sql);
        parameters.ForEach(p => command.Parameters.Add(p));
        return command;
    }

    /// <summary>The same for a batch.</summary>
    public NpgsqlBatchCommand Statement(string sql)
    {
        var statement = new NpgsqlBatchCommand(sql);
        parameters.ForEach(p => statement.Parameters.Add(p));
        return statement;
    }

    /// <summary>
    /// One statement for several questions of the same text, which has one row: the rows of all, each ending with the place of its
    /// question, from 1. It keeps one plan, whatever the values and however many they are.
    /// </summary>
    /// <param name="sql">The text; its parameters are single values.</param>
    /// <param name="several">The questions.</param>
    public static NpgsqlBatchCommand Statement(string sql, IReadOnlyList<FilterSql> several)
    {
        var (statement, names) = (new NpgsqlBatchCommand(), new List<string>());
        foreach (var (i, first) in several[0].parameters.Index())
        {
            var values = Array.CreateInstance(first.Value!.GetType(), several.Count);
            for (var one = 0; one < several.Count; one++)
                values.SetValue(several[one].parameters[i].Value, one);
            statement.Parameters.Add(new NpgsqlParameter { Value = values });
            names.Add((i + 1).ToString(CultureInfo.InvariantCulture));
        }

        // Behind (SELECT $1) the planner does not see how many there are: a plan for the very values is no cheaper, so none is made.
        statement.CommandText = $"""
            SELECT p.*, place
            FROM unnest({string.Join(", ", names.Select(n => $"(SELECT ${n})"))}) WITH ORDINALITY
                AS q({string.Concat(names.Select(n => $"v{n}, "))}place)
            CROSS JOIN LATERAL ({sql}) p
            """;
        return statement;
    }

    /// <summary>The advertisers as an array parameter.</summary>
    public string Advertisers() => Parameter(filter.Advertisers.Select(a => a.Value).ToArray());

    /// <summary>Adds the conditions of all filters but those that drive the question.</summary>
    /// <param name="driver">The filter whose values the question is asked for one by one, and which so needs no condition.</param>
    public void AddConditions(Driver driver)
    {
        And(filter.Archived ? "i.archived_at IS NOT NULL" : "i.archived_at IS NULL");
        if (filter.From is { } from)
            And($"i.occurred_at >= {Parameter(from)}");
        if (filter.Until is { } until)
            And($"i.occurred_at < {Parameter(until)}");
        if (filter.Campaigns.Count > 0 && driver != Driver.Campaigns)
            And("i.campaign", filter.Campaigns.Select(c => c.Value).ToArray());
        if (filter.Kinds.Count > 0 && driver != Driver.Kinds)
            And("i.kind", filter.Kinds.Select(k => (short)k).ToArray());
        if (filter.Channels.Count > 0)
        {
            And("i.wpc_id IS NOT NULL");
            if (driver != Driver.Channels)
                And("i.channel", filter.Channels.Select(c => (short)c).ToArray());
        }

        if (filter.IsRead is { } read)
            And(read ? "i.read" : "NOT i.read");
        if (filter.IsImportant is { } important && driver != Driver.Importance)
            And($"i.important = {Parameter(important)}");

        // Other events than calls have no duration, and null is at least nothing and at most nothing.
        if (filter.CallDuration is { } duration)
            And($"i.call_duration >= {Parameter(duration)}");
        if (filter.MaxCallDuration is { } most)
            And($"i.call_duration <= {Parameter(most)}");
        if (filter.BookingId is { } booking)
            And($"i.booking_id = {Parameter(booking)}");
        if (filter.ExternalId is { } id)
            And($"i.external_id = {Parameter(id)}");
        if (filter.ExternalAppId is { } app)
            And($"i.external_app_id = {Parameter(app)}");
        if (filter.ConversationId is { } conversation)
            And($"i.conversation_id = {Parameter(conversation)}");
        if (filter.ContactId is { } contact)
            And($"i.contact_id = {Parameter(contact)}");

        // The words of each row are made for it: only for a few, or where nothing else is at hand.
        if (filter.Search is not null && driver != Driver.Words)
        {
            And("interactions.noted_words(i.advertiser, i.contact, i.notes) @@ "
                + $"interactions.search_query(i.advertiser, {Parameter(filter.Search)})");
        }


        if (filter.Numbers.Count > 0 && driver != Driver.Phones)
            And($"(i.advertiser, i.contact_id) IN ({ContactsOfPhones()})");

        // With occurred_at, which the key of a tag has, an interaction's tag can be looked up as well as the interactions of a tag.
        if (filter.Tags.Count > 0 && driver != Driver.Tags)
            And($"(i.advertiser, i.occurred_at, i.id) IN (SELECT t.advertiser, t.occurred_at, t.interaction_id FROM "
                + $"interactions.interaction_tags t WHERE t.advertiser = ANY({Advertisers()}) AND t.tag = "
                + $"ANY({Parameter(filter.Tags.ToArray())}))");
    }

    /// <summary>
    /// The contacts with any of the filter's numbers, <c>(advertiser, contact_id)</c>, each once. Index: contact_phones_pkey.
    /// </summary>
    public string ContactsOfPhones()
    {
        var phones = filter.Phones!;
        var advertisers = Parameter(phones.Select(p => p.Advertiser.Value).ToArray());
        var numbers = Parameter(phones.Select(p => p.Number.Number).ToArray());
        var extensions = Parameter(phones.Select(p => p.Number.Extension).ToArray());
        return $"""
            SELECT DISTINCT p.advertiser, p.contact_id
            FROM unnest({advertisers}, {numbers}, {extensions}) AS g(advertiser, number, extension)
            JOIN interactions.contact_phones p ON p.advertiser = g.advertiser AND p.number = g.number AND (g.extension = ''
                OR p.extension = g.extension)
            """;
    }

    /// <summary>
    /// The interactions that the filter's words find, <c>(advertiser, id)</c>, each once and in the order in which they were stored, so
    /// that rows of one page are read one after the other. Indexes: contacts_by_words and interactions_by_contact; interactions_by_notes.
    /// </summary>
    public string FoundByWords()
    {
        // OFFSET 0: the words are made once an advertiser, and a contact is one seek. Where the server expects many contacts it would
        // rather read all interactions.
        var searched = $"(SELECT a, interactions.search_query(a, {Parameter(filter.Search!)}) AS words FROM unnest({Advertisers()}) AS a "
            + "OFFSET 0) q";
        return $"""
            SELECT i.advertiser, i.id
            FROM {searched}
            JOIN interactions.contacts c ON interactions.contact_words(c.advertiser, c.first_name, c.last_name, c.display_name,
                c.email, c.company, c.phone_numbers) @@ q.words
            CROSS JOIN LATERAL (
                SELECT r.advertiser, r.id FROM interactions.interactions r
                WHERE r.advertiser = c.advertiser AND r.contact_id = c.id OFFSET 0
            ) i
            UNION
            SELECT r.advertiser, r.id
            FROM {searched}
            JOIN interactions.interactions r ON r.notes IS NOT NULL
                AND interactions.noted_words(r.advertiser, r.contact, r.notes) @@ q.words
            ORDER BY advertiser, id
            """;
    }

    /// <summary>
    /// FROM and WHERE, with all conditions, of a question that is not asked in the list's order: of <c>interactions i</c>.
    /// </summary>
    public string FromWhere()
    {
        if (filter.Search is null)
        {
            var advertisers = Advertisers();
            AddConditions(Driver.None);
            return $"FROM interactions.interactions i WHERE i.advertiser = ANY({advertisers}){Where}";
        }

        var found = FoundByWords();
        AddConditions(Driver.Words);
        return $"""
            FROM ({found}) s
            CROSS JOIN LATERAL (
                SELECT * FROM interactions.interactions r WHERE r.advertiser = s.advertiser AND r.id = s.id OFFSET 0
            ) i
            WHERE true{Where}
            """;
    }

    /// <summary>Adds a condition of the caller's own.</summary>
    public void And(string condition) => where.Append(" AND ").Append(condition);

    // One value is an equality, which an index in the list's order answers in that order; several are not.
    private void And<T>(string column, T[] values) =>
        And(values.Length == 1 ? $"{column} = {Parameter(values[0])}" : $"{column} = ANY({Parameter(values)})");
}

/// <summary>The filter by whose values a list is read: one seek a value, each in the list's order, then merged.</summary>
internal enum Driver
{
    /// <summary>None: one seek an advertiser.</summary>
    None,
    Words,
    Phones,
    Tags,
    Campaigns,
    Kinds,
    Channels,
    Importance,
}
