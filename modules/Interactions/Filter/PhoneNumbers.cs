using Lips.Interactions.Record;
using Lips.Kernel;

namespace Lips.Interactions.Filter;

/// <summary>The filter <c>event_params[phone_numbers]</c>.</summary>
internal static class PhoneNumbers
{
    private const string Name = "event_params[phone_numbers]";

    /// <summary>Reads the numbers as they were written; what is none goes to the reader's errors.</summary>
    public static IReadOnlyList<string> Read(QueryReader query)
    {
        var values = InteractionFilter.Many(query, Name);
        // Whether it is a number at all is the same everywhere.
        foreach (var _ in values.Where(v => v.Length > PhoneNumber.MaxLength || PhoneNumber.Parse(v, Platform.Test) is null))
            query.Errors.Add(Name, "must be phone numbers, with at least one digit and at most 64 characters");
        return values;
    }

    /// <summary>Which country a number without a code belongs to is the advertiser's platform's business.</summary>
    /// <returns>Null when there are no numbers: no such filter.</returns>
    public static IReadOnlyList<(GlobalId Advertiser, PhoneNumber Number)>? At(IReadOnlyList<GlobalId> advertisers, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return null;
        var numbers = new List<(GlobalId, PhoneNumber)>();
        foreach (var value in values)
        {
            foreach (var advertiser in advertisers)
            {
                if (Parse(value, advertiser.Platform) is { } number && !numbers.Contains((advertiser, number)))
                    numbers.Add((advertiser, number));
            }
        }

        return numbers;
    }

    // A query string makes a space of a plus sign. It is none where a number comes of it only without.
    private static PhoneNumber? Parse(string value, Platform platform) =>
        value.StartsWith(' ') && PhoneNumber.Parse("+" + value, platform) is { Number: ['+', ..] } number
            ? number
            : PhoneNumber.Parse(value, platform);
}
