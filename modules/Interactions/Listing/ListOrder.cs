using System.Globalization;
using Lips.Kernel;

namespace Lips.Interactions.Listing;

/// <summary>What a list is sorted by.</summary>
internal enum SortBy
{
    OccurredAt,
    Important,
}

/// <summary>The order in which a list is read.</summary>
/// <param name="By">What it is sorted by. By importance, the newest come first in each of the halves.</param>
/// <param name="Descending">Whether the list begins with the newest, or with the important.</param>
/// <param name="Backward">Whether it is read from its end.</param>
internal readonly record struct ListOrder(SortBy By, bool Descending, bool Backward = false)
{
    /// <summary>The same for the same order only.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{(int)By}.{(Descending ? 1 : 0)}{(Backward ? "b" : "")}");

    /// <summary>Whether newer ones are read before older ones, by importance within a half.</summary>
    public bool NewestFirst => (By == SortBy.Important || Descending) != Backward;

    /// <summary>Whether the important are read before the others.</summary>
    public bool ImportantFirst => Descending != Backward;

    /// <summary>Reads the parameters; what is wrong goes to the reader's errors.</summary>
    public static ListOrder Read(QueryReader query, Caller caller)
    {
        var isPartner = caller.Profile == Profile.Partner;
        // The partners' document knows no sorting.
        var by = isPartner ? null : query.Single("sort_by")?.ToUpperInvariant();
        var direction = isPartner ? null : query.Single("sort_dir")?.ToUpperInvariant();
        if (by is not (null or "IMPORTANT" or "OCCURRED_AT"))
            query.Errors.Add("sort_by", "must be important or occurred_at");
        if (direction is not (null or "ASC" or "DESC"))
            query.Errors.Add("sort_dir", "must be asc or desc");
        return new ListOrder(
            by == "IMPORTANT" ? SortBy.Important : SortBy.OccurredAt,
            // Without either parameter the newest come first; with one of them the default direction is ascending (the seed's table).
            direction == "DESC" || (direction is null && by is null));
    }

    /// <summary>The order as SQL, of the rows of a table.</summary>
    /// <param name="alias">The table; <c>t</c> is that of tags.</param>
    public string Sql(string alias)
    {
        var time = NewestFirst ? "DESC" : "ASC";
        if (alias == "t")
            return $"t.occurred_at {time}, t.interaction_id {time}";
        var importance = By == SortBy.Important ? $"{alias}.important {(ImportantFirst ? "DESC" : "ASC")}, " : "";
        return $"{importance}{alias}.occurred_at {time}, {alias}.id {time}";
    }
}
