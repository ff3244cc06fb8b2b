using Lips.Counters.Cube;
using Lips.Counters.Grains;
using Lips.Kernel;
using Npgsql;

namespace Lips.Counters.Contracts;

/// <summary>
/// The live counters: exact on every node, without a scan, and usually without a query. Each advertiser's are in a grain somewhere in the
/// cluster; where that is in this process, they are read without a message.
/// </summary>
public sealed class LiveCounters
{
    // A call to a grain is made again soon: one that was on a silo that died is elsewhere in a second. Longer it is not waited for.
    private static readonly TimeSpan BetweenCalls = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(1);

    private readonly SiloHolds holds;
    private readonly CountersSilo silo;
    private readonly TotalsWatch watch;
    private readonly Visits visits;
    private readonly TimeSpan patience;

    internal LiveCounters(SiloHolds holds, CountersSilo silo, TotalsWatch watch, TimeSpan patience) =>
        (this.holds, this.silo, this.watch, this.patience, visits) = (holds, silo, watch, patience, new Visits(holds));

    /// <summary>
    /// Reads the counters of advertisers. What is read reflects every change that was acknowledged, by any node, before this call.
    /// </summary>
    /// <param name="advertisers">Whose.</param>
    /// <param name="filter">What is counted; null for the versions alone.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="NpgsqlException">The counters did not answer in time: there is no answer then, rather than an old one.</exception>
    public ValueTask<LiveReading> ReadAsync(
        IReadOnlyList<GlobalId> advertisers, CellFilter? filter, CancellationToken cancellation)
    {
        var question = filter is null ? null : CellQuestion.Of(filter);
        if (advertisers.Count == 1 && TryRead(advertisers[0].Value, question) is { } only)
            return ValueTask.FromResult(new LiveReading(advertisers, [only]));
        return new ValueTask<LiveReading>(ReadAllAsync(advertisers, question, cancellation));
    }

    /// <summary>The counters of advertisers at the versions that a statement has read.</summary>
    /// <param name="reading">A reading, of which the counters are not of these versions.</param>
    /// <param name="filter">What is counted; null for nothing.</param>
    /// <param name="versions">The versions, in the order of the reading's advertisers.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Null when the counters of one are not known.</returns>
    public async Task<LiveReading?> ReadAtAsync(
        LiveReading reading, CellFilter? filter, IReadOnlyList<long> versions, CancellationToken cancellation)
    {
        var question = filter is null ? null : CellQuestion.Of(filter);
        var answers = new CountsAnswer[versions.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            var (advertiser, version) = (reading.Advertisers[i].Value, versions[i]);
            answers[i] = await CallAsync(advertiser, question, version, cancellation);
            if (answers[i].Result != CountsResult.Counted || answers[i].Epoch != reading.Epoch)
                return null;
        }

        return new LiveReading(reading.Advertisers, answers);
    }

    /// <summary>Finds the day on which a row of a list in the order of time stands: first its month, then the day in it.</summary>
    /// <param name="reading">The reading that the list was counted with.</param>
    /// <param name="filter">What the list selects.</param>
    /// <param name="important">Only the important, only the others, or null for all.</param>
    /// <param name="descending">Whether the newest come first.</param>
    /// <param name="skip">How many rows stand before the row; fewer than the filter selects.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Null when the counters do not know the reading's versions any more.</returns>
    public async ValueTask<LiveDay?> FindDayAsync(
        LiveReading reading, CellFilter filter, bool? important, bool descending, long skip, CancellationToken cancellation)
    {
        var question = CellQuestion.Of(filter, important);
        if (await MonthsAsync(reading, question, cancellation) is not { } sums)
            return null;
        var months = sums.Keys.Order().ToArray();
        var before = skip;
        var month = months[Walk(months.Length, descending, place => sums[months[place]], ref before)];

        if (await DaysAsync(reading, question, month, cancellation) is not { } days)
            return null;
        var day = Walk(31, descending, place => days.Sum(d => d.Sums[place]), ref before);
        return LiveDay.Of(days, month, day, before, days.Sum(d => d.Sums[day]));
    }

    /// <summary>
    /// Finds the days of a list, in the order of time, that have rows: for a list that selects few of many interactions, so that it reads
    /// those days and no others.
    /// </summary>
    /// <param name="reading">The reading that the list was counted with.</param>
    /// <param name="filter">What the list selects.</param>
    /// <param name="descending">Whether the newest come first.</param>
    /// <param name="from">The day to begin with; null for the first.</param>
    /// <param name="rows">How many rows are wanted beyond those of <paramref name="from"/>.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Null when the counters do not know the reading's versions any more.</returns>
    public async ValueTask<IReadOnlyList<DateOnly>?> FindDaysAsync(
        LiveReading reading, CellFilter filter, bool descending, DateOnly? from, long rows, CancellationToken cancellation)
    {
        var question = CellQuestion.Of(filter);
        if (from is { } first)
            question = descending ? question.Within(int.MinValue, first.DayNumber + 1) : question.Within(first.DayNumber, int.MaxValue);
        if (await MonthsAsync(reading, question, cancellation) is not { } months)
            return null;
        var found = new List<DateOnly>();
        foreach (var month in descending ? months.Keys.OrderDescending() : months.Keys.Order())
        {
            if (rows <= 0)
                break;
            if (months[month] == 0)
                continue;
            if (await DaysAsync(reading, question, month, cancellation) is not { } days)
                return null;
            for (var step = 0; step < 31 && rows > 0; step++)
            {
                var place = descending ? 30 - step : step;
                var day = DateOnly.FromDayNumber(month + place);
                if (days.Sum(d => d.Sums[place]) is not (> 0 and var sum))
                    continue;
                found.Add(day);
                rows -= day == from ? 0 : sum;
            }
        }

        return found;
    }

    /// <summary>Sums a filter in each of several ranges of days.</summary>
    /// <param name="reading">The reading of whose versions they shall be.</param>
    /// <param name="filter">What is counted.</param>
    /// <param name="bounds">UTC days, ascending: each range is from one to the next.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>One less than the bounds; null when the counters do not know the reading's versions any more.</returns>
    public async ValueTask<Counts[]?> CountRangesAsync(
        LiveReading reading, CellFilter filter, IReadOnlyList<DateOnly> bounds, CancellationToken cancellation)
    {
        var question = CellQuestion.Of(filter);
        int[] days = [.. bounds.Select(b => b.DayNumber)];
        var counts = Array.ConvertAll(new Counts[days.Length - 1], _ => new Counts());
        for (var i = 0; i < reading.Advertisers.Count; i++)
        {
            var (advertiser, version) = (reading.Advertisers[i].Value, reading.Versions[i]);
            var sums = FindAt(advertiser, version, out var cube) is not null
                ? cube!.SumRanges(question, days)
                : await TryCallAsync(advertiser, grain => grain.CountRanges(question, days, version), cancellation);
            if (sums is null)
                return null;
            for (var range = 0; range < sums.Length; range++)
                sums[range].AddTo(counts[range]);
        }

        return counts;
    }

    /// <summary>A piece of a day, which the counters do not count, as a place of a list.</summary>
    /// <param name="reading">The reading that the list was counted with.</param>
    /// <param name="day">The day.</param>
    /// <param name="before">How many rows of the piece stand before the row that was looked for.</param>
    /// <param name="count">How many rows the piece has.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Null when the counters do not know the reading's versions any more.</returns>
    public async ValueTask<LiveDay?> PieceOfDayAsync(
        LiveReading reading, DateOnly day, long before, long count, CancellationToken cancellation)
    {
        var month = Months.Of(day.DayNumber);
        return await DaysAsync(reading, CellQuestion.Of(new CellFilter()), month, cancellation) is { } days
            ? LiveDay.Of(days, month, day.DayNumber - month, before, count)
            : null;
    }

    /// <summary>
    /// Begins to watch advertisers, for who wants to know of changes without asking again and again. Begin before the first reading: what
    /// changes after that is told.
    /// </summary>
    public LiveWatcher Watch(IReadOnlyList<GlobalId> advertisers) => watch.Add([.. advertisers.Select(a => a.Value)]);

    private CountsAnswer? TryRead(long advertiser, CellQuestion? question)
    {
        if (holds.Find(advertiser) is not { } hold || !hold.TryServe(out var held))
            return null;
        hold.AskedAt = Environment.TickCount64;
        return AdvertiserCountersGrain.AnswerOf(held, question, null);
    }

    private async Task<LiveReading> ReadAllAsync(
        IReadOnlyList<GlobalId> advertisers, CellQuestion? question, CancellationToken cancellation)
    {
        var since = Environment.TickCount64;
        while (true)
        {
            var answers = await Task.WhenAll(advertisers.Select(a => ReadOneAsync(a.Value)));
            // All of an answer is of one history.
            if (Array.TrueForAll(answers, a => a.Epoch == answers[0].Epoch))
                return new LiveReading(advertisers, answers);
            if (Environment.TickCount64 - since > patience.TotalMilliseconds)
                throw NoAnswer();
            await Task.Delay(BetweenCalls, cancellation);
        }

        async Task<CountsAnswer> ReadOneAsync(long advertiser) => TryRead(advertiser, question)
            ?? await CallAsync(advertiser, question, null, cancellation);
    }

    private async ValueTask<Dictionary<int, long>?> MonthsAsync(
        LiveReading reading, CellQuestion question, CancellationToken cancellation)
    {
        var sums = new Dictionary<int, long>();
        for (var i = 0; i < reading.Advertisers.Count; i++)
        {
            if (await MonthsAsync(reading.Advertisers[i].Value, question, reading.Versions[i], cancellation) is not { } ofOne)
                return null;
            foreach (var (start, sum) in ofOne)
                sums[start] = sums.GetValueOrDefault(start) + sum;
        }

        return sums;
    }

    private async ValueTask<Dictionary<int, long>?> MonthsAsync(
        long advertiser, CellQuestion question, long version, CancellationToken cancellation) =>
        FindAt(advertiser, version, out var cube) is not null
            ? cube!.SumMonths(question)
            : await TryCallAsync(advertiser, grain => grain.CountMonths(question, version), cancellation);

    private async ValueTask<DaysAnswer[]?> DaysAsync(LiveReading reading, CellQuestion question, int month, CancellationToken cancellation)
    {
        var days = new DaysAnswer[reading.Advertisers.Count];
        for (var i = 0; i < days.Length; i++)
        {
            if (await DaysAsync(reading.Advertisers[i].Value, question, month, reading.Versions[i], cancellation) is not { } ofOne)
                return null;
            days[i] = ofOne;
        }

        return days;
    }

    private async ValueTask<DaysAnswer?> DaysAsync(
        long advertiser, CellQuestion question, int month, long version, CancellationToken cancellation) =>
        FindAt(advertiser, version, out var cube) is { } hold
            ? AdvertiserCountersGrain.DaysOf(hold, cube!, question, month)
            : await TryCallAsync(advertiser, grain => grain.CountDays(question, month, version), cancellation);

    /// <summary>Asks the grain, wherever it is then; where it does not answer, the database.</summary>
    private async Task<CountsAnswer> CallAsync(long advertiser, CellQuestion? question, long? at, CancellationToken cancellation)
    {
        if (visits.MayCall(advertiser))
        {
            for (var since = Environment.TickCount64; Environment.TickCount64 - since < Longest().TotalMilliseconds;)
            {
                var answer = await TryCallAsync(advertiser, grain => grain.Count(question, at), cancellation);
                if (answer.Result is CountsResult.Counted or CountsResult.Unknown)
                {
                    visits.End(advertiser);
                    return answer;
                }

                if (answer.Result == CountsResult.Away)
                {
                    // In this process, it has just asked the database.
                    if (holds.Find(advertiser) is not null)
                        throw NoAnswer();
                    break;
                }

                await Task.Delay(BetweenCalls, cancellation);
            }
        }

        // A grain of this process is not dead but loads many cells: a visit would load them beside it.
        TimeSpan Longest() => holds.Find(advertiser) is { IsGone: false } ? patience : LongestCall;

        try
        {
            return AdvertiserCountersGrain.AnswerOf(await visits.ReadAsync(advertiser).WaitAsync(patience, cancellation), question, at);
        }
        catch (TimeoutException)
        {
            throw NoAnswer();
        }
    }

    /// <summary>Calls a grain once.</summary>
    /// <returns>The default when it did not answer: its silo died, or cannot be reached.</returns>
    private async Task<T?> TryCallAsync<T>(
        long advertiser, Func<IAdvertiserCountersGrain, ValueTask<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return silo.Grains is { } grains
                ? await ask(grains.GetGrain<IAdvertiserCountersGrain>(advertiser)).AsTask().WaitAsync(LongestCall, cancellation)
                : default;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            return default;
        }
    }

    private AdvertiserHold? FindAt(long advertiser, long version, out AdvertiserCube? cube)
    {
        foreach (var hold in new[] { holds.Find(advertiser), visits.Find(advertiser) })
        {
            if ((cube = hold?.At(version)) is not null)
                return hold;
        }

        cube = null;
        return null;
    }

    private static NpgsqlException NoAnswer() => new("The counters did not answer in time.", new TimeoutException());

    private static int Walk(int count, bool descending, Func<int, long> sumOf, ref long skip)
    {
        for (var step = 0; step < count; step++)
        {
            var place = descending ? count - 1 - step : step;
            var sum = sumOf(place);
            if (skip < sum)
                return place;
            skip -= sum;
        }

        throw new ArgumentOutOfRangeException(nameof(skip), "A row that the filter selects stands on one of the days.");
    }
}
