using Lips.Counters.Cells;
using Lips.Counters.Grains;
using Lips.Kernel;
using Npgsql;

namespace Lips.Counters.Contracts;

/// <summary>The writer's transaction, with its advertisers locked.</summary>
public sealed class AdvertiserWrite
{
    private readonly LockedAdvertisers locked;
    private readonly HolderCalls calls;
    private readonly SortedSet<long> changed = [];
    private readonly HashSet<long> distrusted = [];
    private readonly CellChanges cells = new();
    private Dictionary<long, Task> told = [];

    internal AdvertiserWrite(NpgsqlConnection connection, LockedAdvertisers locked, HolderCalls calls)
    {
        Connection = connection;
        (this.locked, this.calls) = (locked, calls);
        Last = new NpgsqlBatch(connection);
    }

    /// <summary>The connection, inside the transaction.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Statements whose answer the work does not need: they are sent together with the commit, in one round trip.</summary>
    public NpgsqlBatch Last { get; }

    /// <summary>Whether the advertiser is locked: only then may anything of it be changed.</summary>
    public bool Holds(GlobalId advertiser) => locked.Contains(advertiser.Value);

    /// <summary>
    /// The version that the advertiser has once this commits, if something of it was said to have changed: what changed rows are stamped
    /// with.
    /// </summary>
    public long NextVersion(GlobalId advertiser) => NextVersion(advertiser.Value);

    /// <summary>Says that something that a client can see of the advertiser's interactions has changed, beyond what is counted.</summary>
    public void Changed(GlobalId advertiser) => changed.Add(advertiser.Value);

    /// <summary>Sends what <see cref="Last"/> holds now, for work that wants to read what it has written.</summary>
    public async Task SendAsync(CancellationToken cancellation)
    {
        if (Last.BatchCommands.Count == 0)
            return;
        await Last.ExecuteNonQueryAsync(cancellation);
        Last.BatchCommands.Clear();
    }

    /// <summary>Counts an interaction that is new.</summary>
    public void Added(in CountedInteraction interaction)
    {
        cells.Add(interaction);
        Changed(interaction.Advertiser);
    }

    /// <summary>Counts an interaction that has changed.</summary>
    public void Changed(in CountedInteraction before, in CountedInteraction after)
    {
        cells.Change(before, after);
        Changed(after.Advertiser);
    }

    /// <summary>
    /// Says that the advertiser's cells were written anew: what is held of them in memory, or put away, is not to be trusted.
    /// </summary>
    public void Rebuilt(GlobalId advertiser)
    {
        Changed(advertiser);
        Last.BatchCommands.Add(new("UPDATE counters.advertisers SET rebuilt = version + 1 WHERE advertiser = $1")
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = advertiser.Value } },
        });
        distrusted.Add(advertiser.Value);
    }

    /// <summary>
    /// Ends when what was committed of the advertiser may be acknowledged, changes that change nothing included (rule `noop-tells`).
    /// Usually it has ended already.
    /// </summary>
    /// <exception cref="NpgsqlException">The database did not answer: the change stays, and must not be acknowledged.</exception>
    public Task MayAcknowledgeAsync(GlobalId advertiser) => told.GetValueOrDefault(advertiser.Value, Task.CompletedTask);

    internal Task MayAcknowledgeAsync() => Task.WhenAll(told.Values);

    internal async Task CommitAsync(CancellationToken cancellation)
    {
        if (cells.Statement(NextVersion) is { } count)
            Last.BatchCommands.Add(count);
        if (changed.Count > 0)
        {
            Last.BatchCommands.Add(
                new NpgsqlBatchCommand("UPDATE counters.advertisers SET version = version + 1 WHERE advertiser = ANY($1)")
                {
                    Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. changed] } },
                });
            BeginRun([.. changed.Where(advertiser => !locked.IsOfThisRun(advertiser))]);
        }

        Last.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        try
        {
            await Last.ExecuteNonQueryAsync(cancellation);
        }
        catch (NpgsqlException e) when (AdvertiserWrites.IsEndOfSession(e))
        {
            throw new NpgsqlException("The connection broke during the commit: it is unknown whether anything was changed.", e);
        }

        await Last.DisposeAsync();
        told = locked.Advertisers.ToDictionary(advertiser => advertiser, TellAsync);
    }

    private async Task TellAsync(long advertiser)
    {
        // Of a server that has just started (rule `quiet`); the holder is told meanwhile.
        var quiet = Task.Delay(locked.Quiet);
        var isChanged = changed.Contains(advertiser);
        if (locked.HolderOf(advertiser) is { } holder && (isChanged || calls.Rules.NoopTells))
        {
            var version = isChanged ? NextVersion(advertiser) : NextVersion(advertiser) - 1;
            if (distrusted.Contains(advertiser))
                await calls.RevokeAsync(advertiser, holder);
            else
                await calls.TellAsync(new Commit(advertiser, holder, version, isChanged ? cells.Of(advertiser) : null), quiet);
        }

        await quiet;
    }

    private long NextVersion(long advertiser) => locked.VersionOf(advertiser) + 1;

    /// <summary>Notes that these advertisers' versions are this run's from now on: once a run and advertiser.</summary>
    private void BeginRun(long[] advertisers)
    {
        if (advertisers.Length == 0)
            return;
        Last.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
            WITH begun AS (UPDATE counters.advertisers SET run = {AdvertiserVersions.Run}
                WHERE advertiser = ANY($1) RETURNING advertiser, version, run)
            INSERT INTO counters.runs (advertiser, first_version, run) SELECT advertiser, version, run FROM begun
            ON CONFLICT ON CONSTRAINT runs_pkey DO UPDATE SET run = excluded.run
            """)
        {
            Parameters = { new NpgsqlParameter<long[]> { TypedValue = advertisers } },
        });
    }
}

/// <summary>What a writer knows of the advertisers that it has locked.</summary>
internal sealed class LockedAdvertisers
{
    private readonly Dictionary<long, (long Version, bool IsOfThisRun)> versions = [];
    private readonly Dictionary<long, Holder> holders = [];
    private long quietUntil;

    /// <summary>How many there are.</summary>
    public int Count => versions.Count;

    /// <summary>All of them.</summary>
    public IEnumerable<long> Advertisers => versions.Keys;

    /// <summary>
    /// How long nothing may be acknowledged, because silos may still serve what an earlier history of the database had: rule `quiet`.
    /// </summary>
    public TimeSpan Quiet => TimeSpan.FromMilliseconds(Math.Max(0, quietUntil - Environment.TickCount64));

    /// <summary>Whether an advertiser is locked.</summary>
    public bool Contains(long advertiser) => versions.ContainsKey(advertiser);

    /// <summary>The version that the writer found.</summary>
    public long VersionOf(long advertiser) => versions[advertiser].Version;

    /// <summary>Whether that version was written since the server started.</summary>
    public bool IsOfThisRun(long advertiser) => versions[advertiser].IsOfThisRun;

    /// <summary>Who holds the advertiser's counters; null for nobody.</summary>
    public Holder? HolderOf(long advertiser) => holders.TryGetValue(advertiser, out var holder) ? holder : null;

    /// <summary>Reads two results: the versions of those that are locked, and the holders of these or more.</summary>
    public async Task ReadAsync(NpgsqlDataReader row, CancellationToken cancellation)
    {
        while (await row.ReadAsync(cancellation))
        {
            versions.Add(row.GetInt64(0), (row.GetInt64(1), row.GetBoolean(2)));
            quietUntil = Environment.TickCount64 + (long)(LeaseTimes.Over.TotalMilliseconds - (row.GetDouble(3) * 1000));
        }

        await row.NextResultAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            holders.Add(row.GetInt64(0), new Holder(row.GetInt64(1), row.GetString(2)));
    }
}
