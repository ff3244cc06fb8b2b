using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.Record;

/// <summary>Whose interactions are; that never changes.</summary>
internal sealed class InteractionAdvertisers(NpgsqlDataSource database)
{
    // Index: interactions_by_id.
    internal const string Select = "SELECT id, advertiser FROM interactions.interactions WHERE id = ANY($1)";

    /// <summary>Whether there is such an interaction, and it is one of the caller's: what is not is answered as what there is not.</summary>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public async Task<bool> IsThereAsync(long id, Caller caller, CancellationToken cancellation)
    {
        await using var lent = await database.LendAsync(cancellation);
        await using var command = new NpgsqlCommand(Select, lent.Connection) { Parameters = { new NpgsqlParameter<long[]> { TypedValue = [id] } } };
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) && caller.MaySee(GlobalId.FromValue(row.GetInt64(1)));
    }
}
