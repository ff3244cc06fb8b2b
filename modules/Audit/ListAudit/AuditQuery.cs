using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;

namespace Lips.Audit.ListAudit;

/// <summary>
/// The query of a page. Each filter by itself walks one index from the start of the page to its end. Several actions or advertisers are a
/// walk each, merged. Filters beside the one that is walked drop rows on the way. <c>PlanTests</c> proves the plans.
/// </summary>
internal sealed class AuditQuery
{
    private readonly AuditContext context;
    private readonly int rows;
    private readonly DateTime at;
    private readonly long id;
    private readonly DateTime from;

    private AuditQuery(AuditContext context, AuditFilter filter)
    {
        this.context = context;
        rows = filter.Limit + 1;
        // The end and the cursor both say "before": one bound lets the walk begin there.
        var place = filter.Before ?? AuditCursor.End;
        if (filter.Until < place.At)
            place = new AuditCursor(filter.Until.Value, 0);
        (at, id) = place;
        // Npgsql sends the least DateTime as -infinity.
        from = filter.From ?? DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc);
    }

    /// <summary>The entries of the page, newest first, and one more when there is one.</summary>
    public static IQueryable<Entry> Of(AuditContext context, AuditFilter filter)
    {
        var query = new AuditQuery(context, filter);
        return filter switch
        {
            { Advertisers: { Count: > 0 } own } => query.OfAdvertisers([.. own.Select(a => a.Value)], filter with { Advertisers = [] }),
            { InteractionId: { } one } => query.OfInteraction(one, filter with { InteractionId = null }),
            { TokenId: { } token } => query.Walks([token], nameof(Entry.TokenId), filter with { TokenId = null }),
            { Actions.Count: > 0 } => query.Walks([.. filter.Actions], nameof(Entry.Action), filter with { Actions = [] }),
            _ => query.All(),
        };
    }

    // Index: entries_pkey.
    private IQueryable<Entry> All() => Newest(context.Entries
        .Where(e => EF.Functions.LessThan(ValueTuple.Create(e.At, e.Id), ValueTuple.Create(at, id)) && e.At >= from));

    private IQueryable<Entry> Newest(IQueryable<Entry> entries) =>
        entries.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(rows);

    private IQueryable<Entry> Walks<TValue>(TValue[] values, string column, AuditFilter rest) =>
        Newest(Each(values).SelectMany(Walk<Entry, TValue>(Met(rest), column)));

    /// <summary>Entries of one advertiser and those of several are two walks. Then each entry is looked up once.</summary>
    private IQueryable<Entry> OfAdvertisers(long[] advertisers, AuditFilter rest)
    {
        const string column = nameof(Entry.Advertiser);
        var ofOne = Each(advertisers).SelectMany(Walk<Entry, long>(Met(rest), column)).Select(e => new { e.At, e.Id });
        var ofSeveral = Each(advertisers).SelectMany(Walk<EntryAdvertiser, long>(OfSeveral(rest), column)).Select(a => new { a.At, a.Id });
        return LookUp(ofOne.Concat(ofSeveral).Distinct().Select(p => new Place { At = p.At, Id = p.Id }));
    }

    /// <summary>Entries of one interaction, and those of a batch with it, are two walks.</summary>
    private IQueryable<Entry> OfInteraction(long interaction, AuditFilter rest)
    {
        const string column = nameof(Entry.InteractionId);
        var ofOne = Each([interaction]).SelectMany(Walk<Entry, long>(Met(rest), column)).Select(e => new { e.At, e.Id });
        var met = Met(rest);
        var batches = rest is { TokenId: null, Actions.Count: 0 }
            ? context.EntryInteractions
            : context.EntryInteractions.Where(i => met.Where(e => e.At == i.At && e.Id == i.Id).Select(_ => true).FirstOrDefault());
        var ofBatch = Each([interaction]).SelectMany(Walk<EntryInteraction, long>(batches, column)).Select(i => new { i.At, i.Id });
        return LookUp(ofOne.Concat(ofBatch).Select(p => new Place { At = p.At, Id = p.Id }));
    }

    private IQueryable<Entry> LookUp(IQueryable<Place> places) =>
        places.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(rows)
            // One look-up by entries_pkey each. EF Core would make a join of equalities, and the planner might scan the trail for that.
            .SelectMany(p => context.Entries
                .Where(e => e.At >= p.At && e.At <= p.At && e.Id >= p.Id && e.Id <= p.Id).OrderBy(e => e.At).ThenBy(e => e.Id).Take(1))
            .OrderByDescending(e => e.At).ThenByDescending(e => e.Id);

    /// <summary>A scalar subquery instead of EXISTS, which the planner would make a join of.</summary>
    private IQueryable<EntryAdvertiser> OfSeveral(AuditFilter rest)
    {
        var met = Met(rest);
        return rest is { InteractionId: null, TokenId: null, Actions.Count: 0 }
            ? context.EntryAdvertisers
            : context.EntryAdvertisers.Where(a => met.Where(e => e.At == a.At && e.Id == a.Id).Select(_ => true).FirstOrDefault());
    }

    /// <summary>The entries that meet the filters beside the walked one.</summary>
    private IQueryable<Entry> Met(AuditFilter rest)
    {
        IQueryable<Entry> entries = context.Entries;
        if (rest.InteractionId is { } interaction)
        {
            entries = entries.Where(e => e.InteractionId == interaction || context.EntryInteractions
                .Where(i => i.InteractionId == interaction && i.At == e.At && i.Id == e.Id).Select(_ => true).FirstOrDefault());
        }

        if (rest.TokenId is { } token)
            entries = entries.Where(e => e.TokenId == token);
        string[] actions = [.. rest.Actions];
        return actions.Length > 0 ? entries.Where(e => actions.Contains(e.Action)) : entries;
    }

    /// <summary>
    /// A walk down the index that begins with the column: entries_by_action, entries_by_token, entries_by_advertiser,
    /// entries_by_interaction, entry_advertisers_pkey.
    /// </summary>
    /// <remarks>
    /// Not <c>column = value</c>: the list's order is then that of entries_pkey too, and for a rare value the planner may take that and
    /// read the whole trail. As the bounds of a range, in an order that begins with the column, only this index will do.
    /// </remarks>
    private Expression<Func<TValue, IEnumerable<TRow>>> Walk<TRow, TValue>(IQueryable<TRow> table, string column)
        where TRow : class, IPlaced =>
        value => table
            .Where(r => EF.Property<object?>(r, column) != null
                && EF.Functions.LessThan(ValueTuple.Create(EF.Property<TValue>(r, column), r.At, r.Id), ValueTuple.Create(value, at, id))
                && EF.Functions.GreaterThanOrEqual(ValueTuple.Create(EF.Property<TValue>(r, column), r.At), ValueTuple.Create(value, from)))
            .OrderByDescending(r => EF.Property<TValue>(r, column)).ThenByDescending(r => r.At).ThenByDescending(r => r.Id).Take(rows);

    private IQueryable<T> Each<T>(T[] values) => context.Database.SqlQuery<T>($"SELECT v AS \"Value\" FROM unnest({values}) AS v");

    private sealed class Place
    {
        public DateTime At { get; init; }

        public long Id { get; init; }
    }
}
