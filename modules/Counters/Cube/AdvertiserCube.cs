using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lips.Counters.Cells;
using Lips.Counters.Contracts;

namespace Lips.Counters.Cube;

/// <summary>
/// One advertiser's cells at one version. It never changes; a change makes another one, which shares all that stays the same. Beside the
/// cells by day a large one keeps them summed by month, over all time, over all campaigns, and of each day all together, so that years are
/// summed, and a day is found among them, in microseconds.
/// </summary>
internal sealed class AdvertiserCube
{
    // Up to so many cells a scan of all of them takes some microseconds, and more tables would take four times a small advertiser's
    // memory: it has about as many cells by month, and over all campaigns.
    private const int Large = 2048;

    // The day of a cell that stands for all days.
    private const int AllTime = 0;

    // Recent changes lie beside the tables, because to make a table anew costs as much as it has cells. A question looks at each of them,
    // so there is an end to it; then the older ones are put into the tables, and these stay, so that an earlier version can be asked for.
    private const int MaxRecent = 256;
    private const int LeastRecent = 64;

    // Changes to more days than these are an import; they are then forgotten one by one, and all days are taken for changed.
    private const int MaxChangedDays = 400;

    private const int BytesOfChangedDay = 40;

    private static readonly CellQuestion AllLive = CellQuestion.Of(new CellFilter());
    private static readonly CellQuestion AllArchived = CellQuestion.Of(new CellFilter { Archived = true });

    private readonly Tables tables;
    private readonly CellSums live;
    private readonly CellSums archived;

    // Shared with later cubes, which write behind what this one has of it.
    private readonly Recent[] recent;
    private readonly int recentCount;

    // The versions from here on are all known; those that several changes led over at once are not.
    private readonly long first;

    private AdvertiserCube(
        long version, long first, Tables tables, Recent[] recent, int recentCount, CellSums live, CellSums archived) =>
        (Version, this.first, this.tables, this.recent, this.recentCount, this.live, this.archived) = (
            version, first, tables, recent, recentCount, live, archived);

    /// <summary>The version that the cells are of.</summary>
    public long Version { get; }

    /// <summary>How many cells it has, about: new ones may count twice.</summary>
    public int Count => tables.Days.Count + recentCount;

    /// <summary>All cells, in the order of their keys.</summary>
    public IReadOnlyCollection<CellChange> Cells =>
        [.. tables.Days.With(CellTable.Of([.. recent.Take(recentCount).Select(r => r.Change)])).Cells];

    /// <summary>The memory that it takes, about.</summary>
    public long Bytes => 600 + (2 * CellSums.Bytes) + tables.Bytes + (recent.LongLength * Unsafe.SizeOf<Recent>());

    /// <summary>The cube of cells that were read.</summary>
    public static AdvertiserCube Of(long version, IReadOnlyCollection<CellChange> cells)
    {
        var (tables, live, archived) = (Tables.Of(version, cells), new CellSums(), new CellSums());
        tables.Sum(AllLive, live);
        tables.Sum(AllArchived, archived);
        return new AdvertiserCube(version, version, tables, [], 0, live, archived);
    }

    /// <summary>The cube after changes.</summary>
    /// <param name="version">The version that they lead to.</param>
    /// <param name="differences">What they add to cells, and take from them.</param>
    public AdvertiserCube With(long version, IReadOnlyCollection<CellChange> differences)
    {
        var (sumsOfLive, sumsOfArchived) = (live, archived);
        if (differences.Count > 0)
        {
            (sumsOfLive, sumsOfArchived) = (live.Copy(), archived.Copy());
            Add(sumsOfLive, sumsOfArchived, differences);
        }

        var known = version == Version + 1 ? first : version;
        if (recentCount + differences.Count > MaxRecent)
        {
            var all = recent.Take(recentCount).Concat(differences.Select(d => new Recent(d, version))).ToList();
            // Of one version all or none, so that each version from there on can be asked for.
            var last = all[Math.Max(0, all.Count - LeastRecent)].Version;
            var (older, kept) = (all.FindAll(r => r.Version <= last), all.FindAll(r => r.Version > last));
            return new AdvertiserCube(
                version, Math.Max(known, last), tables.With(last, older), [.. kept], kept.Count, sumsOfLive, sumsOfArchived);
        }

        var (room, count) = (recent, recentCount);
        if (count + differences.Count > room.Length)
            Array.Resize(ref room, Math.Max(count + differences.Count, 2 * count));
        foreach (var difference in differences)
            room[count++] = new Recent(difference, version);
        return new AdvertiserCube(version, known, tables, room, count, sumsOfLive, sumsOfArchived);
    }

    /// <summary>What is to be added to the cells of this cube so that they are as they were read.</summary>
    public List<CellChange> DifferencesTo(IReadOnlyCollection<CellChange> cells)
    {
        var differences = new List<CellChange>(cells.Count);
        foreach (var (key, tally) in cells)
        {
            var held = tables.Days[key];
            for (var i = 0; i < recentCount; i++)
            {
                if (recent[i].Change.Key == key)
                    held += recent[i].Change.Difference;
            }

            differences.Add(new CellChange(key, tally - held));
        }

        return differences;
    }

    /// <summary>The cube as it was at an earlier version; null when that is no longer known, or not yet.</summary>
    public AdvertiserCube? At(long version)
    {
        if (version == Version)
            return this;
        if (version > Version || version < first)
            return null;
        var count = recentCount;
        while (count > 0 && recent[count - 1].Version > version)
            count--;
        var (liveThen, archivedThen) = (live.Copy(), archived.Copy());
        Add(liveThen, archivedThen, recent.Take(recentCount).Skip(count).Select(r => r.Change with { Difference = -r.Change.Difference }));
        return new AdvertiserCube(version, first, tables, recent[..count], count, liveThen, archivedThen);
    }

    /// <summary>
    /// The version since which no cell of the day has changed, as far as this cube knows: that of its loading, or of the last change, even
    /// one that left the same numbers, for one interaction may have taken another's place.
    /// </summary>
    public long ChangedAt(int day)
    {
        for (var i = recentCount - 1; i >= 0; i--)
        {
            if (recent[i].Change.Key.Day == day)
                return recent[i].Version;
        }

        return tables.ChangedAt(day);
    }

    /// <summary>Sums what the question asks for. Not to be changed: it may be the cube's own.</summary>
    public CellSums Sum(CellQuestion question)
    {
        if (question.SelectsAll)
            return question.Archived ? archived : live;
        var sums = new CellSums();
        tables.Sum(question, sums);
        for (var i = 0; i < recentCount; i++)
        {
            if (IsSelected(question, recent[i].Change.Key))
                sums.Add(recent[i].Change.Key, question.Of(recent[i].Change.Difference));
        }

        return sums;
    }

    /// <summary>How many the question selects in each month that it has cells of; a month is named by its first day.</summary>
    public Dictionary<int, long> SumMonths(CellQuestion question)
    {
        var sums = new Dictionary<int, long>();
        tables.SumMonths(question, sums);
        for (var i = 0; i < recentCount; i++)
        {
            if (IsSelected(question, recent[i].Change.Key))
                CollectionsMarshal.GetValueRefOrAddDefault(sums, Months.Of(recent[i].Change.Key.Day), out _) +=
                    question.CountOf(recent[i].Change.Difference);
        }

        return sums;
    }

    /// <summary>How many the question selects on each day of a month: 31 sums.</summary>
    /// <param name="question">The question.</param>
    /// <param name="month">The first day of the month.</param>
    public long[] SumDays(CellQuestion question, int month)
    {
        var sums = new long[31];
        tables.SumDays(question, month, sums);
        for (var i = 0; i < recentCount; i++)
        {
            if (IsSelected(question, recent[i].Change.Key) && Months.Of(recent[i].Change.Key.Day) == month)
                sums[recent[i].Change.Key.Day - month] += question.CountOf(recent[i].Change.Difference);
        }

        return sums;
    }

    /// <summary>Sums what the question asks for in each of several ranges of days.</summary>
    /// <param name="question">The question.</param>
    /// <param name="bounds">Days, ascending: each range is from one to the next.</param>
    public CellSums[] SumRanges(CellQuestion question, int[] bounds)
    {
        var sums = new CellSums[bounds.Length - 1];
        for (var range = 0; range < sums.Length; range++)
            tables.Sum(question.Within(bounds[range], bounds[range + 1]), sums[range] = new CellSums());
        for (var i = 0; i < recentCount; i++)
        {
            var (key, difference) = recent[i].Change;
            var range = RangeOf(key.Day, bounds);
            if (range >= 0 && range < sums.Length && IsSelected(question, key))
                sums[range].Add(key, question.Of(difference));
        }

        return sums;
    }

    private static int RangeOf(int day, int[] bounds)
    {
        var at = Array.BinarySearch(bounds, day);
        return at >= 0 ? at : ~at - 1;
    }

    private static bool IsSelected(CellQuestion question, in CellKey key) =>
        key.Day >= question.From && key.Day < question.Until && question.Selects(key);

    private static void Add(CellSums live, CellSums archived, IEnumerable<CellChange> changes)
    {
        foreach (var (key, difference) in changes)
        {
            live.Add(key, AllLive.Of(difference));
            archived.Add(key, AllArchived.Of(difference));
        }
    }

    private readonly record struct Recent(CellChange Change, long Version);

    /// <summary>The cells without the recent changes, and their sums.</summary>
    private sealed class Tables
    {
        private readonly CellTable? months;
        private readonly CellTable? all;
        private readonly CellTable? allCampaigns;
        private readonly CellTable? wholeDays;
        private readonly Dictionary<int, long> changedDays;
        private readonly long changedBefore;

        private Tables(
            CellTable days, CellTable? months, CellTable? all, CellTable? allCampaigns, CellTable? wholeDays,
            Dictionary<int, long> changedDays, long changedBefore) =>
            (Days, this.months, this.all, this.allCampaigns, this.wholeDays, this.changedDays, this.changedBefore) = (
                days, months, all, allCampaigns, wholeDays, changedDays, changedBefore);

        public CellTable Days { get; }

        public long Bytes => Days.Bytes + (months?.Bytes ?? 0) + (all?.Bytes ?? 0) + (allCampaigns?.Bytes ?? 0) + (wholeDays?.Bytes ?? 0)
            + (changedDays.Count * BytesOfChangedDay);

        public static Tables Of(long version, IReadOnlyCollection<CellChange> cells) =>
            new Tables(CellTable.Empty, null, null, null, null, [], version).WithCells(cells, [], version);

        public Tables With(long version, List<Recent> changes)
        {
            var days = new Dictionary<int, long>(changedDays);
            foreach (var change in changes)
                days[change.Change.Key.Day] = change.Version;
            var isForgotten = days.Count > MaxChangedDays;
            return WithCells([.. changes.Select(c => c.Change)], isForgotten ? [] : days, isForgotten ? version : changedBefore);
        }

        public long ChangedAt(int day) => Math.Max(changedBefore, changedDays.GetValueOrDefault(day));

        public void Sum(CellQuestion question, CellSums sums)
        {
            if (all is not null && question.SelectsAllTime)
            {
                all.Sum(question, sums, AllTime, AllTime + 1);
                return;
            }

            var days = DaysFor(question);
            var (first, last) = WholeMonths(question);
            days.Sum(question, sums, question.From, first);
            months?.Sum(question, sums, first, last);
            days.Sum(question, sums, last, question.Until);
        }

        public void SumMonths(CellQuestion question, Dictionary<int, long> sums)
        {
            if (wholeDays is not null && question.SelectsWholeDays)
            {
                wholeDays.SumMonths(question, question.From, question.Until, sums);
                return;
            }

            var days = DaysFor(question);
            var (first, last) = WholeMonths(question);
            days.SumMonths(question, question.From, first, sums);
            months?.SumMonths(question, first, last, sums);
            days.SumMonths(question, last, question.Until, sums);
        }

        public void SumDays(CellQuestion question, int month, Span<long> sums)
        {
            var table = wholeDays is not null && question.SelectsWholeDays ? wholeDays : DaysFor(question);
            table.SumDays(question, Math.Max(month, question.From), Math.Min(Months.After(month), question.Until), month, sums);
        }

        private CellTable DaysFor(CellQuestion question) => question.SelectsAllCampaigns ? allCampaigns ?? Days : Days;

        /// <summary>The whole months of the question's range, where there are any and they are summed; else all comes before.</summary>
        private (int First, int Last) WholeMonths(CellQuestion question)
        {
            if (months is null)
                return (question.Until, question.Until);
            var first = question.From == int.MinValue ? int.MinValue : Months.After(question.From - 1);
            var last = question.Until > DateOnly.MaxValue.DayNumber ? int.MaxValue : Months.Of(question.Until);
            return first < last ? (first, last) : (question.Until, question.Until);
        }

        private Tables WithCells(IReadOnlyCollection<CellChange> changes, Dictionary<int, long> daysThatChanged, long before)
        {
            var more = CellTable.Of(changes);
            var days = Days.With(more);
            if (days.Count <= Large)
                return new Tables(days, null, null, null, null, daysThatChanged, before);
            var rest = months is null ? days : more;
            var byMonth = rest.Summed(key => key with { Day = Months.Of(key.Day) });
            var byDay = rest.Summed(key => key with { Campaign = 0 });
            return new Tables(
                days,
                (months ?? CellTable.Empty).With(byMonth),
                (all ?? CellTable.Empty).With(byMonth.Summed(key => key with { Day = AllTime })),
                (allCampaigns ?? CellTable.Empty).With(byDay),
                (wholeDays ?? CellTable.Empty).With(byDay.Summed(key => new CellKey { Day = key.Day })),
                daysThatChanged,
                before);
        }
    }
}
