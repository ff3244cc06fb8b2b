using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Host;

/// <summary>Whether this node is to be sent requests.</summary>
/// <param name="schema">Whether the database is what this version can serve.</param>
public sealed class Readiness(SchemaCheck schema)
{
    private const int PatienceInSeconds = 2;

    private volatile bool isLeaving;

    /// <summary>Whether it serves for a while still and then ends: connections close with their next answer.</summary>
    public bool IsLeaving => isLeaving;

    /// <summary>Says so from now on.</summary>
    public void Leave() => isLeaving = true;

    /// <summary>Why it is not to be sent any, as a sentence; null when it is.</summary>
    public async Task<string?> WhyNotAsync(CancellationToken cancellation)
    {
        if (isLeaving)
            return "The node is stopping.";
        try
        {
            return await WhyTooOldAsync(cancellation);
        }
        catch (PostgresException e) when (!LipsDatabase.IsAway(e))
        {
            return $"The database refuses to say what it is migrated to: {e.MessageText}.";
        }
        catch (NpgsqlException)
        {
            return "The database cannot be reached; try again.";
        }
    }

    /// <summary>Why this version cannot serve the database; null when it can.</summary>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public async Task<string?> WhyTooOldAsync(CancellationToken cancellation) =>
        await schema.FindUnknownAsync(PatienceInSeconds, cancellation) is { } migration
            ? $"The database has the migration {migration}, beside which this version cannot serve: start a newer version."
            : null;
}
