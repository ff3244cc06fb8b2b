using System.Text.Json;
using Lips.Interactions.Record;
using Lips.Kernel;

namespace Lips.Interactions.Ingest;

/// <summary>Reads a record's JSON (contract section 7): every rule, all errors at once, no I/O.</summary>
internal static class InteractionParser
{
    // Every text that an index holds is this short: an index entry must fit a third of a page (2,704 bytes), two of them and four bytes a character.
    private const int ShortText = 255;
    private const int UrlText = 8_192;
    private const int MaxTags = 100;
    private const int MaxPhones = 50;

    private static readonly JsonNames WrapperNames = new("contact_interaction");

    // Those of an interaction in either profile: what was served may be sent back, and what of it is derived is no mistake.
    private static readonly string[] Names =
    [
        "id", "contact_id", "campaign_name", "global_master_advertiser_id", "global_master_campaign_id", "master_advertiser_id", "master_campaign_id", "platform_id", "platform", "sub_type",
        "referrer_type", "refer_type", "referrer_source", "refer_source", "influencing_campaign", "notes", "created_at", "occurred_at", "occured_at", "channel", "event_type", "external_source",
        "contact_external_source", "page_url", "important", "important_at", "read", "read_at", "archived_at", "tags", "wpc_id", "visitor_id", "conversation_id", "external_id", "external_app_id",
        "contact", "display_name",
    ];

    // The object of another type than the record's is one that nobody reads.
    private static readonly JsonNames[] RecordNames = Array.ConvertAll(Enum.GetValues<EventType>(), type => new JsonNames([.. Names, EventTypes.ShortName(type)]));

    private static readonly JsonNames ContactNames = new(
        "id", "first_name", "last_name", "display_name", "email", "company", "title", "phone_numbers", "created_at", "contact_external_source", "interaction_external_source");

    private static readonly JsonNames PhoneNames = new("phone_type", "phone_number");

    /// <summary>The record inside its wrapper.</summary>
    /// <returns>False when there is no wrapper.</returns>
    public static bool TryUnwrap(JsonElement body, ValidationErrors errors, out JsonElement record)
    {
        record = default;
        if (body.ValueKind != JsonValueKind.Object || !JsonFields.TryGet(body, "contact_interaction", out record))
            return false;
        new JsonFields(body, errors).CheckNames(WrapperNames);
        return true;
    }

    /// <summary>Reads a record.</summary>
    /// <returns>Null when something is wrong; the errors say what.</returns>
    public static InteractionInput? Parse(JsonElement record, ValidationErrors errors)
    {
        if (record.ValueKind != JsonValueKind.Object)
        {
            errors.Add("contact_interaction", "is missing or not an object");
            return null;
        }

        var fields = new JsonFields(record, errors);
        var advertiser = RequiredId(fields, "global_master_advertiser_id", errors);
        var campaign = Id(fields, "global_master_campaign_id");
        var type = RequiredType(fields, errors);
        fields.CheckNames(RecordNames[(int)(type ?? EventType.Call)]);
        var occurredName = fields.Spelled("occurred_at", "occured_at");
        if (fields.Time(occurredName) is not { } occurredAt)
        {
            occurredAt = default;
            if (!errors.Has(occurredName))
                errors.Add(occurredName, "is missing");
        }

        var subType = fields.Text("sub_type", ShortText);
        var appId = fields.IdText("external_app_id", ShortText);
        var externalId = fields.IdText("external_id", ShortText);
        if (appId is null != externalId is null && !errors.Has("external_app_id") && !errors.Has("external_id"))
            errors.Add(appId is null ? "external_app_id" : "external_id", "must be given together with the other of external_app_id and external_id");
        var part = PartReader.Read(fields, type ?? EventType.Call, fields.IdText("conversation_id", ShortText), errors);
        var contact = Contact(fields, advertiser?.Platform ?? Platform.Test, errors);
        var contactSource = fields.Text("contact_external_source", ShortText);
        if (contactSource is null && fields.Raw("contact") is { ValueKind: JsonValueKind.Object } nested)
            contactSource = new JsonFields(nested, errors, "contact.").Text("contact_external_source", ShortText);

        var input = new InteractionInput
        {
            Advertiser = advertiser ?? default,
            Campaign = campaign,
            Kind = EventTypes.KindOf(type ?? EventType.Call, subType, part.LeadType),
            Channel = Channel(fields),
            OccurredAt = occurredAt,
            CreatedAt = fields.Time("created_at"),
            ArchivedAt = fields.Time("archived_at"),
            Important = fields.Boolean("important") ?? false,
            Read = fields.Boolean("read") ?? false,
            CallDuration = part.CallDuration,
            BookingId = part.BookingId,
            CampaignName = fields.Text("campaign_name", ShortText),
            SubType = subType,
            ReferrerType = fields.Text(fields.Spelled("referrer_type", "refer_type"), ShortText),
            ReferrerSource = fields.Text(fields.Spelled("referrer_source", "refer_source"), UrlText),
            InfluencingCampaign = fields.Text("influencing_campaign", ShortText),
            ExternalSource = fields.Text("external_source", ShortText),
            ContactExternalSource = contactSource,
            PageUrl = fields.Text("page_url", UrlText),
            WpcId = fields.IdText("wpc_id", ShortText),
            VisitorId = fields.IdText("visitor_id", ShortText),
            ConversationId = part.ConversationId,
            ExternalAppId = appId,
            ExternalId = externalId,
            Notes = fields.Text("notes", NotesRule.MaxLength),
            Tags = Tags(fields),
            Part = part.Json,
            Contact = contact,
        };
        return errors.None ? input : null;
    }

    private static GlobalId? RequiredId(JsonFields fields, string name, ValidationErrors errors)
    {
        if (Id(fields, name) is { } id)
            return id;
        if (!errors.Has(name))
            errors.Add(name, "is missing");
        return null;
    }

    private static GlobalId? Id(JsonFields fields, string name)
    {
        if (fields.Raw(name) is not { } value || JsonFields.TextOf(value) is { } text && string.IsNullOrWhiteSpace(text))
            return null;
        if (GlobalId.TryParse(JsonFields.TextOf(value), out var id))
            return id;
        fields.Wrong(name, "must be PLATFORM_NUMBER such as USA_123, with USA, CAN, AUS, GBR or TEST");
        return null;
    }

    private static EventType? RequiredType(JsonFields fields, ValidationErrors errors)
    {
        if (fields.Raw("event_type") is not { } value)
            errors.Add("event_type", "is missing");
        else if (EventTypes.TryParse(JsonFields.TextOf(value), out var type))
            return type;
        else
            errors.Add("event_type", "must be CallEvent, FormEvent, ChatEvent, BookingEvent, FpdEvent or LsaEvent, or call, form, chat, booking, fpd or lsa");
        return null;
    }

    private static Channel Channel(JsonFields fields)
    {
        if (fields.Raw("channel") is not { } value)
            return Kernel.Channel.None;
        if (Channels.TryParse(JsonFields.TextOf(value), out var channel))
            return channel;
        fields.Wrong("channel", "must be search, display, social, chat, other or none");
        return default;
    }

    private static IReadOnlyList<string> Tags(JsonFields fields)
    {
        const string rule = "must be an array of at most 100 strings of 1 to 255 characters that are not all blank";
        if (fields.Raw("tags") is not { } value)
            return [];
        var tags = new List<string>();
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxTags)
        {
            fields.Wrong("tags", rule);
            return tags;
        }

        foreach (var item in value.EnumerateArray())
        {
            if (JsonFields.TextOf(item) is not { Length: <= ShortText } tag || string.IsNullOrWhiteSpace(tag) || tag.Contains('\0', StringComparison.Ordinal))
            {
                fields.Wrong("tags", rule);
                break;
            }

            if (!tags.Contains(tag))
                tags.Add(tag);
        }

        return tags;
    }

    private static ContactInput Contact(JsonFields record, Platform platform, ValidationErrors errors)
    {
        if (record.Raw("contact") is not { } value)
            return ContactInput.Unknown;
        if (value.ValueKind != JsonValueKind.Object)
        {
            record.Wrong("contact", "must be an object");
            return ContactInput.Unknown;
        }

        var fields = new JsonFields(value, errors, "contact.");
        fields.CheckNames(ContactNames);
        return new ContactInput
        {
            FirstName = fields.Name("first_name", ShortText),
            LastName = fields.Name("last_name", ShortText),
            DisplayName = fields.Name("display_name", ShortText),
            Email = fields.Name("email", ShortText)?.Trim(),
            Company = fields.Name("company", ShortText),
            Title = fields.Name("title", ShortText),
            CreatedAt = fields.Time("created_at"),
            Phones = Phones(fields, platform, errors),
        };
    }

    private static IReadOnlyList<ContactPhone> Phones(JsonFields contact, Platform platform, ValidationErrors errors)
    {
        const string name = "phone_numbers";
        if (contact.Raw(name) is not { } value)
            return [];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxPhones)
        {
            contact.Wrong(name, "must be an array of at most 50 objects with phone_type and phone_number");
            return [];
        }

        var phones = new List<ContactPhone>();
        foreach (var item in value.EnumerateArray())
        {
            var (type, text) = item.ValueKind == JsonValueKind.Object
                ? ReadPhone(new JsonFields(item, errors, "contact.phone_numbers."))
                : (null, JsonFields.TextOf(item) ?? contact.Wrong(name, "must be an array of at most 50 objects with phone_type and phone_number"));
            if (text?.Contains('\0', StringComparison.Ordinal) is true)
                contact.Wrong(name, "must not contain the NUL character");
            else if (text?.Length > PhoneNumber.MaxLength)
                contact.Wrong(name, "has a number of more than 64 characters");
            else if (text is not null
                && PhoneNumber.Parse(text, platform, out var identifies) is { } number && !phones.Exists(p => p.Number == number))
                phones.Add(new ContactPhone(type, number, identifies));
        }

        return phones;
    }

    private static (string? Type, string? Number) ReadPhone(JsonFields phone)
    {
        phone.CheckNames(PhoneNames);
        return (phone.Text("phone_type", ShortText), phone.Text("phone_number", ShortText));
    }
}
