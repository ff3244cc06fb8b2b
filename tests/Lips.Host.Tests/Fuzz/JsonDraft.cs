using System.Text;
using System.Text.Json;

namespace Lips.Host.Tests.Fuzz;

/// <summary>JSON that may be wrong in any place: an object with the same key twice, a value that is no JSON.</summary>
internal sealed class JsonDraft
{
    private readonly byte[]? raw;
    private readonly List<(byte[]? Key, JsonDraft Value)> items = [];
    private bool isObject;

    private JsonDraft(byte[]? raw) => this.raw = raw;

    /// <summary>Takes over what is right, to be changed.</summary>
    public static JsonDraft Of(JsonElement element)
    {
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            return new JsonDraft(Encoding.UTF8.GetBytes(element.GetRawText()));
        var draft = new JsonDraft(null) { isObject = element.ValueKind == JsonValueKind.Object };
        if (draft.isObject)
            draft.items.AddRange(element.EnumerateObject().Select(p => ((byte[]?)Encoding.UTF8.GetBytes(p.Name), Of(p.Value))));
        else
            draft.items.AddRange(element.EnumerateArray().Select(e => ((byte[]?)null, Of(e))));
        return draft;
    }

    public static JsonDraft Of(object value) => Of(JsonSerializer.SerializeToElement(value));

    /// <summary>Adds a member behind all others.</summary>
    public void Add(string key, JsonDraft value) => items.Add((Encoding.UTF8.GetBytes(key), value));

    /// <summary>The value of a member.</summary>
    public JsonDraft Member(string key) => items.First(i => i.Key.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(key))).Value;

    /// <summary>Changes one place, anywhere.</summary>
    public void Mutate(Draw draw)
    {
        var places = new List<(JsonDraft Owner, int Index)>();
        Collect(places);
        if (places.Count == 0)
            return;
        var (owner, index) = draw.Pick(places);
        var (key, value) = owner.items[index];
        switch (draw.Below(12))
        {
            case 0:
                owner.items.RemoveAt(index);
                break;
            case 1:
                owner.items.Insert(draw.Below(owner.items.Count + 1), (key, new JsonDraft(Hostile.Json(draw))));
                break;
            case 2:
                owner.items.Add((key, value));
                break;
            case 3 when owner.isObject:
                owner.items[index] = (Key(draw), value);
                break;
            case 4 when owner.isObject:
                owner.items.Insert(draw.Below(owner.items.Count + 1), (Key(draw), new JsonDraft(Hostile.Json(draw))));
                break;
            case 5:
                var wrapped = new JsonDraft(null);
                wrapped.items.Add((null, value));
                owner.items[index] = (key, wrapped);
                break;
            case 6:
                owner.isObject = !owner.isObject;
                break;
            default:
                owner.items[index] = (key, new JsonDraft(Hostile.Json(draw)));
                break;
        }
    }

    public byte[] ToBytes()
    {
        var bytes = new MemoryStream();
        WriteTo(bytes);
        return bytes.ToArray();
    }

    private static byte[] Key(Draw draw) =>
        Hostile.Latin1(draw.Of(
            "id", "a", "", "contact_interaction", "\\u0000", "\\ud800", "\xff", "\xed\xa0\x80", "__proto__", "$type",
            "global_master_advertiser_id", "occured_at", "READ", "call_duration", "form"));

    private void Collect(List<(JsonDraft Owner, int Index)> places)
    {
        for (var i = 0; i < items.Count; i++)
        {
            places.Add((this, i));
            items[i].Value.Collect(places);
        }
    }

    private void WriteTo(MemoryStream bytes)
    {
        if (raw is not null)
        {
            bytes.Write(raw);
            return;
        }

        bytes.WriteByte((byte)(isObject ? '{' : '['));
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                bytes.WriteByte((byte)',');
            if (isObject)
            {
                bytes.WriteByte((byte)'"');
                bytes.Write(items[i].Key ?? "0"u8);
                bytes.Write("\":"u8);
            }

            items[i].Value.WriteTo(bytes);
        }

        bytes.WriteByte((byte)(isObject ? '}' : ']'));
    }
}
