using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Lips.Kernel.Database;

/// <summary>
/// The database role that nodes connect as, where it is not the one that owns the schemas: it reads and writes rows and changes no table
/// (build/decisions/0012-roles.md).
/// </summary>
/// <param name="Name">The role.</param>
/// <param name="Password">What it gets when it is made; null for none, where the server asks for none.</param>
public sealed record ApplicationRole(string Name, string? Password)
{
    // PostgreSQL's own default.
    private const int Iterations = 4096;

    /// <summary>The role of a connection string, unless that is the owner's own; null then, or when it names none.</summary>
    public static ApplicationRole? Of(string connectionString, string ownerConnectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return settings.Username is { Length: > 0 } name && name != new NpgsqlConnectionStringBuilder(ownerConnectionString).Username
            ? new ApplicationRole(name, settings.Password)
            : null;
    }

    /// <summary>
    /// Makes the role where it is missing, and gives it what the modules need: all at once, so that a node that serves never lacks
    /// anything.
    /// </summary>
    /// <param name="owner">A connection of the owner, outside of a transaction.</param>
    /// <param name="grants">The modules' grants.</param>
    /// <param name="cancellation">Cancels.</param>
    internal async Task GrantAsync(NpgsqlConnection owner, IEnumerable<string> grants, CancellationToken cancellation)
    {
        var role = $"\"{Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        if (!await ExistsAsync(owner, cancellation))
            await MakeAsync(owner, role, cancellation);
        await using var transaction = await owner.BeginTransactionAsync(cancellation);
        foreach (var text in grants)
        {
            await using var grant = new NpgsqlCommand(text.Replace(":\"role\"", role, StringComparison.Ordinal), owner, transaction);
            await grant.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>
    /// What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5803), made here, so that the password itself is in no statement and so in
    /// no log.
    /// </summary>
    public static string Verifier(string password, ReadOnlySpan<byte> salt)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormKC)), salt, Iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        var keys = $"{Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${keys}";
    }

    private async Task<bool> ExistsAsync(NpgsqlConnection owner, CancellationToken cancellation)
    {
        await using var find = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", owner)
        { Parameters = { new() { Value = Name } } };
        return await find.ExecuteScalarAsync(cancellation) is true;
    }

    private async Task MakeAsync(NpgsqlConnection owner, string role, CancellationToken cancellation)
    {
        // Base64 and digits: nothing in it needs quoting.
        var password = Password is { Length: > 0 } ? $" PASSWORD '{Verifier(Password, RandomNumberGenerator.GetBytes(16))}'" : "";
        try
        {
            await using var make = new NpgsqlCommand($"CREATE ROLE {role} LOGIN{password}", owner);
            await make.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
        {
            // Roles are the server's and not the database's: somebody who migrates another database of it was first.
        }
    }
}
