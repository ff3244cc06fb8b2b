using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Listing;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.Actions;

/// <summary>
/// Finds the interactions that an action with a filter is for: the next 500, newest first, that are not yet as they shall become. So an
/// action that is called again and again comes to an end.
/// </summary>
internal sealed class ActionSelection(Connections database, LiveCounters counters, DeepPage deep)
{
    private static readonly ListOrder NewestFirst = new(SortBy.OccurredAt, Descending: true);

    /// <summary>Finds them.</summary>
    /// <returns>The interactions with their advertisers, and whether there are more.</returns>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public async Task<(IReadOnlyDictionary<long, GlobalId> Found, bool HasMore)> FindAsync(
        ActionRequest request, CancellationToken cancellation)
    {
        if (Narrowed(request) is not { } filter)
            return (new Dictionary<long, GlobalId>(), false);
        var until = request.Until!;
        var slice = new ListSlice(filter, NewestFirst, ActionRequest.Most)
        {
            Start = until.Time >= filter.Until ? null : new ListStart(until.Time, until.Id, 0, null),
            Newest = until.Newest,
            Unlike = request.Set,
            HasKeys = true,
        };
        for (var attempt = 1; attempt <= CountInteractions.Tries && DaySplit.Of(filter) is { } split; attempt++)
        {
            var reading = await counters.ReadAsync(filter.Advertisers, split.Days, cancellation);
            var (areKnown, days) = await deep.FindDaysAsync(slice, split, new SplitCounts(reading, null, null), cancellation);
            if (!areKnown)
                continue;
            var (found, hasMore, versions) = await ReadAsync(slice with { Days = days }, cancellation);
            // Of other versions another day may have one.
            if (days is null || reading.Versions.SequenceEqual(versions))
                return (found, hasMore);
        }

        var (all, more, _) = await ReadAsync(slice, cancellation);
        return (all, more);
    }

    /// <summary>Those that a filter still selects, in the connection's transaction.</summary>
    public static async Task<List<long>> StillSelectedAsync(
        NpgsqlConnection connection, InteractionFilter filter, IReadOnlyDictionary<long, GlobalId> found, CancellationToken cancellation)
    {
        var sql = new FilterSql(filter);
        var (advertisers, ids) = (
            sql.Parameter(found.Values.Select(a => a.Value).ToArray()), sql.Parameter(found.Keys.ToArray()));
        sql.AddConditions(Driver.None);
        await using var command = sql.Command($"""
            SELECT i.id FROM unnest({advertisers}, {ids}) AS f(advertiser, id)
            JOIN interactions.interactions i ON i.advertiser = f.advertiser AND i.id = f.id
            WHERE true{sql.Where}
            """);
        command.Connection = connection;
        var selected = new List<long>(found.Count);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            selected.Add(row.GetInt64(0));
        return selected;
    }

    /// <summary>
    /// The filter with what the action will change: interactions that are so already need not be found. Null when it selects none.
    /// </summary>
    private static InteractionFilter? Narrowed(ActionRequest request)
    {
        var filter = request.Filter!.Filter;
        switch (request.Type)
        {
            case ActionType.Archive:
                return filter.Archived ? null : filter;
            case ActionType.Unarchive:
                return filter.Archived ? filter : null;
            default:
                // One alone lets the counters name the days.
                if (request.Set is { IsRead: { } read, IsImportant: null, SetsNotes: false })
                    return filter.IsRead == read ? null : filter with { IsRead = !read };
                return filter;
        }
    }

    private Task<(Dictionary<long, GlobalId> Found, bool HasMore, long[] Versions)> ReadAsync(
        ListSlice slice, CancellationToken cancellation) =>
        database.RunAsync(async connection =>
        {
            await using var command = ListSql.KeysCommand(slice);
            command.Connection = connection;
            await using var row = await command.ExecuteReaderAsync(cancellation);
            await row.ReadAsync(cancellation);
            var advertisers = await row.GetFieldValueAsync<long[]>(0, cancellation);
            var versions = await row.GetFieldValueAsync<long[]>(1, cancellation);
            var ids = await row.GetFieldValueAsync<long[]>(2, cancellation);
            var found = ids.Zip(advertisers, (id, advertiser) => KeyValuePair.Create(id, GlobalId.FromValue(advertiser)));
            return (new Dictionary<long, GlobalId>(found.Take(slice.Rows)), ids.Length > slice.Rows, versions);
        }, cancellation);
}
