using Lips.Access.Tokens;
using Lips.Audit.Contracts;
using Lips.Kernel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lips.Access;

/// <summary>
/// The first admin token (contract section 8): the one of the setting <c>Lips:AdminToken</c>; without it one is made at the first start,
/// printed once, and kept in the home folder for its owner's eyes.
/// </summary>
public sealed partial class AdminToken
{
    /// <summary>The file in the home folder that holds a token made at the first start.</summary>
    public const string FileName = "admin-token";

    private const int ShortestSetting = 16;

    // Not through EF Core: every start comes here, and to build its model takes longer than all else that a start does.
    private const string Set =
        """
        INSERT INTO access.tokens (name, secret_hash, bootstrap_hash, advertisers, abilities, trusted, pii, bootstrap, created_at)
        VALUES ('admin', $1, $1, NULL, $2, true, true, true, $3)
        ON CONFLICT (bootstrap) WHERE bootstrap
        DO UPDATE SET secret_hash = excluded.secret_hash, bootstrap_hash = excluded.secret_hash, secret_created_at = $3, revoked_at = NULL,
            secret_id = tokens.secrets_made + 1, secrets_made = tokens.secrets_made + 1,
            second_secret_id = NULL, second_secret_hash = NULL, second_secret_created_at = NULL
        WHERE $4 AND coalesce(tokens.bootstrap_hash, tokens.secret_hash) <> excluded.secret_hash
        RETURNING id
        """;

    private readonly IConfiguration settings;
    private readonly ILogger<AdminToken> log;
    private readonly TimeProvider clock;
    private readonly NpgsqlDataSource database;
    private readonly AuditTrail trail;

    internal AdminToken(IConfiguration settings, ILogger<AdminToken> log, TimeProvider clock, NpgsqlDataSource database, AuditTrail trail)
    {
        this.trail = trail;
        this.settings = settings;
        this.log = log;
        this.clock = clock;
        this.database = database;
    }

    /// <summary>The token that the settings say; null when they say none.</summary>
    /// <exception cref="SettingException">It is too short to be safe, or has a space.</exception>
    public static string? Read(IConfiguration settings)
    {
        if (settings["Lips:AdminToken"] is not { Length: > 0 } given)
            return null;
        return given.Length >= ShortestSetting && !given.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
            ? given
            : throw new SettingException($"The setting Lips:AdminToken must have at least {ShortestSetting} characters and no spaces.");
    }

    /// <summary>Makes sure that there is an admin token. Called once the database is migrated; safe on many nodes at once.</summary>
    /// <param name="home">The home folder; made when it is missing and needed.</param>
    /// <param name="print">Prints a line for the person who started the program; the only time that the token is shown.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>The token, where this node knows it.</returns>
    /// <exception cref="SettingException">The setting is too short to be safe, or has a space.</exception>
    public async Task<string?> EnsureAsync(string home, Action<string> print, CancellationToken cancellation)
    {
        var setToken = Read(settings);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (setToken is { } given)
        {
            await using var setting = await connection.BeginTransactionAsync(cancellation);
            await SetAsync(connection, given, replace: true, cancellation);
            await setting.CommitAsync(cancellation);
            return given;
        }

        var file = Path.Combine(home, FileName);
        if (File.Exists(file))
        {
            var kept = (await File.ReadAllTextAsync(file, cancellation)).Trim();
            if (kept.Length == 0)
                return null;
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            var isOurs = await SetAsync(connection, kept, replace: false, cancellation);
            await transaction.CommitAsync(cancellation);
            if (!isOurs)
                FileIsOfAnother(file);
            return isOurs ? kept : null;
        }

        await using var any = new NpgsqlCommand("SELECT EXISTS (SELECT FROM access.tokens WHERE bootstrap)", connection);
        return (bool)(await any.ExecuteScalarAsync(cancellation))! ? null : await MakeAsync(connection, file, print, cancellation);
    }

    /// <summary>
    /// Makes a token and keeps it, if no other node is first. The unique key holds the others until the file is there, so that they can
    /// share the home folder; and a token that is in the database is always in the file too, wherever this is cut off.
    /// </summary>
    private async Task<string?> MakeAsync(NpgsqlConnection connection, string file, Action<string> print, CancellationToken cancellation)
    {
        var secret = Token.NewSecret("lips_");
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await SetAsync(connection, secret, replace: false, cancellation))
            return null;
        await KeepAsync(file, secret, cancellation);
        await transaction.CommitAsync(cancellation);
        print($"The admin token, shown this once and kept in {file}: {secret}");
        return secret;
    }

    /// <summary>
    /// Inside a transaction, stores the token unless another is there already, which <paramref name="replace"/> lets it take the place of.
    /// The one that was set last changes nothing: what became of it since (revoked, or its secret ended) stays as it is, however often
    /// nodes start with that setting.
    /// </summary>
    /// <returns>Whether the token is the stored one now.</returns>
    private async Task<bool> SetAsync(NpgsqlConnection connection, string secret, bool replace, CancellationToken cancellation)
    {
        var hash = Token.Hash(secret);
        await using var set = new NpgsqlCommand(Set, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<byte[]> { TypedValue = hash },
                new NpgsqlParameter<int> { TypedValue = (int)(Ability.Read | Ability.Write | Ability.Ingest | Ability.Admin) },
                new NpgsqlParameter<DateTime> { TypedValue = UtcTime.CutToMilliseconds(clock.GetUtcNow().UtcDateTime) },
                new NpgsqlParameter<bool> { TypedValue = replace },
            },
        };
        if (await set.ExecuteScalarAsync(cancellation) is long id)
            await trail.WriteAsync(connection, AuditActor.Operator, AuditEntry.OfToken(AuditAction.AdminTokenSet, id), cancellation);
        await using var has = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM access.tokens WHERE bootstrap AND (secret_hash = $1 OR second_secret_hash = $1))", connection)
        {
            Parameters = { new NpgsqlParameter<byte[]> { TypedValue = hash } },
        };
        return (bool)(await has.ExecuteScalarAsync(cancellation))!;
    }

    // Written beside its place and moved there, so that nobody reads half of it.
    private static async Task KeepAsync(string file, string secret, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var beside = $"{file}.{Guid.NewGuid():N}";
        try
        {
            await WritePrivateAsync(beside, secret, cancellation);
            File.Move(beside, file);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private static async Task WritePrivateAsync(string file, string secret, CancellationToken cancellation)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.WriteThrough };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var stream = new FileStream(file, options);
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(secret + "\n"), cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The admin token in {File} is not the one of this database; set Lips:AdminToken to replace it.")]
    private partial void FileIsOfAnother(string file);
}
