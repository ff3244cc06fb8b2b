using Lips.Audit.Contracts;
using Lips.Kernel;

namespace Lips.Audit.ListAudit;

/// <summary>What is asked of the trail.</summary>
internal sealed record AuditFilter
{
    private const int MaxLimit = 500;
    private const int DefaultLimit = 100;
    private const int MaxAdvertisers = 100;

    public long? TokenId { get; init; }

    public long? InteractionId { get; init; }

    public IReadOnlyList<string> Actions { get; init; } = [];

    public IReadOnlyList<GlobalId> Advertisers { get; init; } = [];

    public DateTime? From { get; init; }

    public DateTime? Until { get; init; }

    public AuditCursor? Before { get; init; }

    public int Limit { get; init; } = DefaultLimit;

    /// <summary>Reads the query; what is wrong goes to its errors.</summary>
    public static AuditFilter Read(QueryReader query, Caller caller)
    {
        var advertisers = query.GlobalIds("global_master_advertiser_id", MaxAdvertisers);
        // Each advertiser is a seek of its own, so their number is held to what other requests may name.
        if (advertisers.Count == 0 && caller.Advertisers?.Count > MaxAdvertisers && !query.Errors.Has("global_master_advertiser_id"))
            query.Errors.Add("global_master_advertiser_id", "is missing: this token has more than 100 advertisers");
        var from = query.TimeBound("start_date", isEnd: false);
        var until = query.TimeBound("end_date", isEnd: true);
        if (from >= until)
            query.Errors.Add("start_date", "must not be after end_date");
        var before = query.Single("before");
        var cursor = before is null ? null : AuditCursor.Parse(before);
        if (before is not null && cursor is null)
            query.Errors.Add("before", "must be the next of an earlier answer");
        return new AuditFilter
        {
            TokenId = query.Id("token_id"),
            InteractionId = query.Id("contact_interaction_id"),
            Actions = ReadActions(query),
            Advertisers = advertisers.Count == 0 && caller.Advertisers is { } own ? [.. own] : advertisers,
            From = from,
            Until = until,
            Before = cursor,
            Limit = query.Integer("limit", 1, MaxLimit, "must be between 1 and 500") ?? DefaultLimit,
        };
    }

    private static IReadOnlyList<string> ReadActions(QueryReader query)
    {
        var actions = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var value in query.Many("action"))
        {
            if (AuditActionNames.All.Any(a => a.Name == value))
                actions.Add(value);
            else
                query.Errors.Add(
                    "action", $"must be one of {string.Join(", ", AuditActionNames.All.Select(a => a.Name))}: {QueryReader.Shown(value)}");
        }

        return [.. actions];
    }
}
