using Lips.Kernel;
using Npgsql;

namespace Lips.Interactions.Record;

/// <summary>Finds the advertisers of interactions, which never change; for all who ask at the same time in one query.</summary>
internal sealed class InteractionAdvertisers
{
    // Index: interactions_by_id.
    internal const string Select = "SELECT id, advertiser FROM interactions.interactions WHERE id = ANY($1)";

    private const int MostTogether = 1_000;

    private readonly NpgsqlDataSource database;
    private readonly Together<Waiter> waiters;

    public InteractionAdvertisers(NpgsqlDataSource database) => (this.database, waiters) = (database, new Together<Waiter>(MostTogether, atOnce: 1, FindAsync));

    /// <summary>
    /// The advertiser of an interaction. Null when there is no such interaction, or none of the caller's: the two are answered alike.
    /// </summary>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public async Task<GlobalId?> FindAsync(long id, Caller caller, CancellationToken cancellation)
    {
        var waiter = new Waiter(id);
        waiters.Add(waiter);
        return await waiter.Task.WaitAsync(cancellation) is { } advertiser && caller.MaySee(advertiser) ? advertiser : null;
    }

    private async Task FindAsync(List<Waiter> group)
    {
        try
        {
            var found = await ReadAsync([.. group.Select(w => w.Id).Distinct()]);
            group.ForEach(w => w.TrySetResult(found.TryGetValue(w.Id, out var advertiser) ? advertiser : null));
        }
        catch (Exception e)
        {
            group.ForEach(w => w.TrySetException(e));
        }
    }

    private async Task<Dictionary<long, GlobalId>> ReadAsync(long[] ids)
    {
        var found = new Dictionary<long, GlobalId>(ids.Length);
        await using var command = database.CreateCommand(Select);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = ids });
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            found.Add(row.GetInt64(0), GlobalId.FromValue(row.GetInt64(1)));
        return found;
    }

    private sealed class Waiter(long id) : TaskCompletionSource<GlobalId?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Id { get; } = id;
    }
}
