using Microsoft.EntityFrameworkCore;

namespace Lips.Access.Contracts;

/// <summary>What tokens are called, for answers that say who has done something.</summary>
public sealed class TokenNames
{
    private readonly IDbContextFactory<AccessContext> contexts;

    internal TokenNames(IDbContextFactory<AccessContext> contexts) => this.contexts = contexts;

    /// <summary>The names of tokens, the revoked too. Nobody ever deletes one.</summary>
    /// <param name="ids">Their ids.</param>
    /// <exception cref="Npgsql.NpgsqlException">The database did not answer.</exception>
    public async Task<IReadOnlyDictionary<long, string>> ReadAsync(IReadOnlyCollection<long> ids)
    {
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        return await context.Tokens.AsNoTracking().Where(t => ids.Contains(t.Id))
            .ToDictionaryAsync(t => t.Id, t => t.Name, CancellationToken.None);
    }
}
