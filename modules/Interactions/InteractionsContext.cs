using Microsoft.EntityFrameworkCore;

namespace Lips.Interactions;

internal sealed class InteractionsContext(DbContextOptions<InteractionsContext> options) : DbContext(options)
{
    public const string Schema = "interactions";
}
