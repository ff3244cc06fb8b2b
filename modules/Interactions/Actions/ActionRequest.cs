using System.Text.Json;
using Lips.Interactions.Filter;
using Lips.Interactions.Listing;
using Lips.Interactions.Writing;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Actions;

/// <summary>What is done with interactions.</summary>
internal enum ActionType
{
    Update,
    Archive,
    Unarchive,
}

/// <summary>One action for many interactions (contract section 11), named by their ids or by a filter.</summary>
/// <param name="Type">What is done.</param>
/// <param name="Set">What an update sets.</param>
/// <param name="Ids">The interactions, each once; null where a filter names them.</param>
/// <param name="Filter">The filter; null where ids name them.</param>
/// <param name="Until">The row of the filter's list from which on, towards the oldest, interactions are meant.</param>
internal sealed record ActionRequest(
    ActionType Type, NewState? Set, IReadOnlyList<long>? Ids, FilterRequest? Filter, ListCursor? Until)
{
    /// <summary>The most interactions of one call.</summary>
    public const int Most = 500;

    private const string Name = "action";

    private static readonly JsonNames WrapperNames = new(Name);
    private static readonly JsonNames Names = new("type", "set", "ids", "filter", "until");

    /// <summary>Reads the body; what is wrong goes to the errors, and then the request is of no use.</summary>
    public static ActionRequest Read(JsonElement body, HttpContext http, ValidationErrors errors)
    {
        if (body.ValueKind != JsonValueKind.Object || !JsonFields.TryGet(body, Name, out var given)
            || given.ValueKind != JsonValueKind.Object)
        {
            errors.Add(Name, "is missing or not an object");
            return new ActionRequest(ActionType.Update, null, null, null, null);
        }

        new JsonFields(body, errors).CheckNames(WrapperNames);
        var fields = new JsonFields(given, errors);
        fields.CheckNames(Names);
        var type = ReadType(fields);
        var set = ReadSet(fields, type, errors);
        if (fields.Raw("ids") is null == fields.Raw("filter") is null)
            errors.Add("ids", "is missing: either ids or a filter says which interactions are meant");
        var (filter, until) = ReadFilter(fields, http, errors);
        return new ActionRequest(type ?? ActionType.Update, set, ReadIds(fields), filter, until);
    }

    private static ActionType? ReadType(JsonFields fields)
    {
        switch (fields.Text("type", 20))
        {
            case "update":
                return ActionType.Update;
            case "archive":
                return ActionType.Archive;
            case "unarchive":
                return ActionType.Unarchive;
            default:
                fields.Wrong("type", "must be update, archive or unarchive");
                return null;
        }
    }

    private static NewState? ReadSet(JsonFields fields, ActionType? type, ValidationErrors errors)
    {
        var given = fields.Raw("set");
        if (type != ActionType.Update)
        {
            if (given is not null)
                fields.Wrong("set", "is for updates");
            return null;
        }

        if (given is { ValueKind: JsonValueKind.Object } set)
            return NewState.Read(set, "set", errors, "set.");
        fields.Wrong("set", "is missing or not an object");
        return null;
    }

    private static IReadOnlyList<long>? ReadIds(JsonFields fields)
    {
        if (fields.Raw("ids") is not { } given)
            return null;
        if (given.ValueKind != JsonValueKind.Array || given.GetArrayLength() is 0 or > Most)
        {
            fields.Wrong("ids", "must be a list of 1 to 500 ids");
            return [];
        }

        var ids = new List<long>(given.GetArrayLength());
        foreach (var item in given.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Number && WholeNumber.TryParse(item.GetRawText(), out var id) && id > 0)
                ids.Add(id);
            else
                fields.Wrong("ids", "must be whole numbers");
        }

        return [.. ids.Distinct()];
    }

    /// <summary>
    /// The filter is an object with the parameters of the index. A name that is not one of them is an error here, always: without it more
    /// would be changed than is meant.
    /// </summary>
    private static (FilterRequest? Filter, ListCursor? Until) ReadFilter(JsonFields fields, HttpContext http, ValidationErrors errors)
    {
        var until = fields.Text("until", 200);
        if (fields.Raw("filter") is not { } given)
        {
            if (until is not null)
                fields.Wrong("until", "belongs to a filter");
            return (null, null);
        }

        var parameters = new List<(string Name, string Value)>();
        if (given.ValueKind != JsonValueKind.Object || !TryFlatten(given, "", parameters))
        {
            fields.Wrong("filter", "must be an object of texts, numbers, booleans and lists of them");
            return (null, null);
        }

        var query = QueryReader.Of(parameters);
        var filter = FilterRequest.Read(query, http.Caller());
        var order = ListOrder.Read(query, http.Caller());
        foreach (var name in query.Unknown)
            query.Errors.Add(QueryReader.Shown(name), "is not a parameter of the index");
        foreach (var (attribute, message) in query.Errors.Lines)
            errors.Add("filter." + attribute, message);
        if (until is null)
        {
            fields.Wrong("until", "is missing: the previous or next of the list, so that what comes in later stays as it is");
            return (filter, null);
        }

        var cursor = ListCursor.Parse(until);
        if (cursor is null)
            fields.Wrong("until", "must be the next or previous of an earlier answer");
        else if (query.Errors.None && cursor.List != ListCursor.ListOf(filter.Filter, order))
            fields.Wrong("until", "is of a list with another filter or order");
        return (filter, cursor);
    }

    private static bool TryFlatten(JsonElement given, string path, List<(string Name, string Value)> parameters)
    {
        foreach (var property in given.EnumerateObject())
        {
            if (JsonFields.NameOf(property) is not { } name)
                return false;
            name = path.Length == 0 ? name : $"{path}[{name}]";
            var values = property.Value.ValueKind == JsonValueKind.Array ? [.. property.Value.EnumerateArray()] : new[] { property.Value };
            foreach (var value in values)
            {
                switch (value.ValueKind)
                {
                    case JsonValueKind.Null:
                        break;
                    case JsonValueKind.Object when path.Length == 0:
                        if (!TryFlatten(value, name, parameters))
                            return false;
                        break;
                    case JsonValueKind.String when JsonFields.TextOf(value) is { } text:
                        parameters.Add((name, text));
                        break;
                    case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                        parameters.Add((name, value.GetRawText()));
                        break;
                    default:
                        return false;
                }
            }
        }

        return true;
    }
}
