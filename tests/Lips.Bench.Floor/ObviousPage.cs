using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;

namespace Lips.Bench.Floor;

/// <summary>
/// The newest 25 interactions of an advertiser, also of one type and channel between two days, as one would first write it: normalized
/// tables with an index that fits each, one prepared join, rows read into objects, source-generated JSON. The list alone, without the
/// counts of the product's. The columns are those that the answer's fields need. The type-specific part is ready JSON here too, because an
/// obvious program that stores JSON passes it on as it is.
/// </summary>
/// <param name="connectionString">The database with the bench's tables.</param>
internal sealed class ObviousPage(string connectionString)
{
    private const string Newest =
        "SELECT * FROM bench.interactions WHERE advertiser = $1 AND archived_at IS NULL ORDER BY occurred_at DESC, id DESC LIMIT 25";

    private const string Filtered =
        """
        SELECT * FROM bench.interactions
        WHERE advertiser = $1 AND archived_at IS NULL AND kind = $2 AND channel = $3 AND occurred_at >= $4 AND occurred_at < $5
        ORDER BY occurred_at DESC, id DESC LIMIT 25
        """;

    private static readonly string NewestSql = Joined(Newest);

    private static readonly string FilteredSql = Joined(Filtered);

    private readonly NpgsqlDataSource database = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 40, MaxAutoPrepare = 10, AutoPrepareMinUsages = 1 });

    private static string Joined(string interactions) =>
        $"""
        SELECT i.id, i.contact_id, i.campaign_name, i.advertiser, i.campaign, i.sub_type, i.referrer_type, i.referrer_source,
            i.influencing_campaign, i.notes,
            i.created_at, i.occurred_at, i.channel, i.kind, i.external_source, i.page_url, i.important, i.read, i.archived_at, i.tags,
            i.wpc_id, i.visitor_id, i.conversation_id, i.external_id, i.external_app_id, i.part,
            c.first_name, c.last_name, c.display_name, c.email, c.company, c.title, c.created_at, p.phone_type, p.phone_number
        FROM ({interactions}) i
        JOIN bench.contacts c ON c.advertiser = i.advertiser AND c.id = i.contact_id
        LEFT JOIN bench.phone_numbers p ON p.advertiser = c.advertiser AND p.contact_id = c.id
        ORDER BY i.occurred_at DESC, i.id DESC
        """;

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        var advertiser = long.Parse(http.Request.Query["global_master_advertiser_id"].ToString().AsSpan(4), CultureInfo.InvariantCulture);
        var page = new Page { ContactInteractions = await ReadAsync(advertiser, http.Request.Query) };
        await http.Response.WriteAsJsonAsync(page, PageJson.Default.Page);
    }

    // Not cancelled when the client goes away, as wrk does at the end of each run: the statement that Npgsql prepares at that moment fails
    // the next request on its connection (build/decisions/0016-cancelled-statements.md).
    private async Task<List<Interaction>> ReadAsync(long advertiser, IQueryCollection filter)
    {
        var interactions = new List<Interaction>(25);
        await using var connection = await database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(NewestSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = 1_000_000_000_000 + advertiser });
        if (filter.TryGetValue("event_type[]", out var type))
            Filter(command, type.ToString(), filter);
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            var id = row.GetInt64(0);
            if (interactions.Count == 0 || interactions[^1].Id != id)
                interactions.Add(Read(row, id));
            if (!row.IsDBNull(34))
                interactions[^1].Contact.PhoneNumbers.Add(new PhoneNumber { PhoneType = Text(row, 33), Number = row.GetString(34) });
        }

        return interactions;
    }

    private static void Filter(NpgsqlCommand command, string type, IQueryCollection filter)
    {
        command.CommandText = FilteredSql;
        var kind = Array.FindIndex(Names.EventTypes, name => name.StartsWith(type, StringComparison.OrdinalIgnoreCase));
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)kind });
        var channel = Array.IndexOf(Names.Channels, filter["channel[]"].ToString());
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)channel });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = Day("start_date") });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = Day("end_date").AddDays(1) });

        DateTime Day(string name) => DateTime.SpecifyKind(
            DateTime.ParseExact(filter[name].ToString(), "yyyy-MM-dd", CultureInfo.InvariantCulture), DateTimeKind.Utc);
    }

    private static Interaction Read(NpgsqlDataReader row, long id) => new()
    {
        Id = id,
        ContactId = row.GetInt64(1),
        CampaignName = Text(row, 2),
        MasterAdvertiserId = row.GetInt64(3) % 1_000_000_000_000,
        MasterCampaignId = row.IsDBNull(4) ? null : row.GetInt64(4) % 1_000_000_000_000,
        SubType = Text(row, 5),
        ReferrerType = Text(row, 6) ?? "UNKNOWN",
        ReferrerSource = Text(row, 7) ?? "",
        InfluencingCampaign = Text(row, 8),
        Notes = Text(row, 9),
        CreatedAt = row.GetDateTime(10),
        OccurredAt = row.GetDateTime(11),
        Channel = Names.Channels[row.GetInt16(12)],
        EventType = Names.EventTypes[row.GetInt16(13)],
        ExternalSource = Text(row, 14) ?? "",
        PageUrl = Text(row, 15) ?? "",
        Important = row.GetBoolean(16),
        Read = row.GetBoolean(17),
        ArchivedAt = row.IsDBNull(18) ? null : row.GetDateTime(18),
        Tags = row.GetFieldValue<string[]>(19),
        WpcId = Text(row, 20),
        VisitorId = Text(row, 21),
        ConversationId = Text(row, 22),
        ExternalId = Text(row, 23),
        ExternalAppId = Text(row, 24),
        Part = row.GetString(25),
        Contact = new Contact
        {
            Id = row.GetInt64(1),
            FirstName = Text(row, 26),
            LastName = Text(row, 27),
            DisplayName = Text(row, 28) ?? $"{Text(row, 26)} {Text(row, 27)}",
            Email = Text(row, 29),
            Company = Text(row, 30),
            Title = Text(row, 31),
            CreatedAt = row.GetDateTime(32),
        },
    };

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>What numbers in the database stand for.</summary>
internal static class Names
{
    /// <summary>By the number of a channel.</summary>
    public static readonly string?[] Channels = [null, "search", "display", "social", "chat", "other"];

    /// <summary>By the number of a kind; the chats and the forms have several.</summary>
    public static readonly string[] EventTypes =
    [
        "", "BookingEvent", "CallEvent", .. Enumerable.Repeat("ChatEvent", 4), .. Enumerable.Repeat("FormEvent", 7), "FpdEvent", "LsaEvent",
    ];
}

/// <summary>The answer.</summary>
internal sealed class Page
{
    public required List<Interaction> ContactInteractions { get; init; }
}

/// <summary>An interaction, with the fields of the product's full profile.</summary>
internal sealed class Interaction
{
    public long Id { get; init; }
    public long ContactId { get; init; }
    public string? CampaignName { get; init; }
    public string GlobalMasterAdvertiserId => "USA_" + MasterAdvertiserId.ToString(CultureInfo.InvariantCulture);
    public string? GlobalMasterCampaignId => MasterCampaignId is { } id ? "USA_" + id.ToString(CultureInfo.InvariantCulture) : null;
    public long MasterAdvertiserId { get; init; }
    public long? MasterCampaignId { get; init; }
    public int PlatformId => 1;
    public string Platform => "USA";
    public string? SubType { get; init; }
    public required string ReferrerType { get; init; }
    public required string ReferrerSource { get; init; }
    public string? InfluencingCampaign { get; init; }
    public string? Notes { get; init; }
    public DateTime CreatedAt { get; init; }
    public DateTime OccurredAt { get; init; }
    public DateTime OccuredAt => OccurredAt;
    public string? Channel { get; init; }
    public required string EventType { get; init; }
    public required string ExternalSource { get; init; }
    public required string PageUrl { get; init; }
    public bool Important { get; init; }
    public bool Read { get; init; }
    public DateTime? ArchivedAt { get; init; }
    public required string[] Tags { get; init; }
    public string? WpcId { get; init; }
    public string? VisitorId { get; init; }
    public string? ConversationId { get; init; }
    public string? ExternalId { get; init; }
    public string? ExternalAppId { get; init; }
    public required Contact Contact { get; init; }

    [JsonConverter(typeof(ReadyJson))]
    public required string Part { get; init; }
}

/// <summary>The person of an interaction.</summary>
internal sealed class Contact
{
    public long Id { get; init; }
    public string? FirstName { get; init; }
    public string? LastName { get; init; }
    public string? DisplayName { get; init; }
    public string? Email { get; init; }
    public string? Company { get; init; }
    public string? Title { get; init; }
    public List<PhoneNumber> PhoneNumbers { get; } = [];
    public DateTime CreatedAt { get; init; }
}

/// <summary>A number of a contact.</summary>
internal sealed class PhoneNumber
{
    public string? PhoneType { get; init; }

    [JsonPropertyName("phone_number")]
    public required string Number { get; init; }
}

/// <summary>Text that is JSON already.</summary>
internal sealed class ReadyJson : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value, skipInputValidation: true);
}

/// <summary>The generated serializer.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Page))]
internal sealed partial class PageJson : JsonSerializerContext;
