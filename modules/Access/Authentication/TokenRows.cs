using Lips.Access.Tokens;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;
using NpgsqlTypes;

namespace Lips.Access.Authentication;

/// <summary>A token as it was read, and the mark of that version of its row.</summary>
/// <param name="Token">The token.</param>
/// <param name="Mark">Another after every change of the row.</param>
internal sealed record TokenRow(Token Token, uint Mark);

/// <summary>The statements of the token cache, by hand because they run all the time and for many tokens at once.</summary>
internal sealed class TokenRows(Connections database)
{
    /// <summary>The mark of no row.</summary>
    public const uint NoMark = 0;

    // A question that hangs would let all tokens go stale; the next may have a better connection.
    private const int PatienceInSeconds = 2;

    private const string Columns =
        """
        t.id, t.name, t.secret_hash, t.api_key_hash, t.advertisers, t.abilities, t.trusted, t.pii, t.bootstrap, t.expires_at, t.created_at,
            t.last_used_at, t.revoked_at, t.xmin,
        t.second_secret_hash
        """;

    // Indexes: tokens_secret_hash_key and tokens_second_secret_hash_key, together.
    private const string ByHash = $"SELECT {Columns} FROM access.tokens t WHERE t.secret_hash = $1 OR t.second_secret_hash = $1";

    // Rows that are as they were are not sent. Index: tokens_pkey.
    private const string Changed =
        $"""
        SELECT {Columns}, h.id
        FROM unnest($1, $2) AS h(id, mark) LEFT JOIN access.tokens t ON t.id = h.id
        WHERE t.xmin IS DISTINCT FROM h.mark
        """;

    // In the order of ids and past what another holds: it is noting the same, or the token is being revoked. Nodes so never wait for each
    // other.
    private const string Used =
        """
        WITH used AS (
            SELECT t.id, u.minute FROM unnest($1, $2) AS u(id, minute) JOIN access.tokens t ON t.id = u.id
            WHERE t.last_used_at IS NULL OR t.last_used_at < u.minute
            ORDER BY t.id FOR NO KEY UPDATE OF t SKIP LOCKED
        )
        UPDATE access.tokens t SET last_used_at = used.minute FROM used WHERE t.id = used.id
        """;

    /// <summary>The token with this hash of its secret; null when there is none.</summary>
    public Task<TokenRow?> FindAsync(byte[] hash) => database.RunBesideAsync(async connection =>
    {
        await using var command = new NpgsqlCommand(ByHash, connection) { CommandTimeout = PatienceInSeconds };
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync() ? Read(row) : null;
    }, CancellationToken.None);

    /// <summary>Those of the tokens whose rows are no longer as marked, by id; null for one that is no longer there.</summary>
    public Task<Dictionary<long, TokenRow?>> ChangedAsync(long[] ids, uint[] marks, CancellationToken cancellation) =>
        database.RunBesideAsync(async connection =>
        {
            var changed = new Dictionary<long, TokenRow?>();
            await using var command = new NpgsqlCommand(Changed, connection) { CommandTimeout = PatienceInSeconds };
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = ids });
            command.Parameters.Add(new NpgsqlParameter { Value = marks, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Xid });
            await using var row = await command.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
                changed[row.GetInt64(15)] = ReadOrNull(row); // twice for a token that is used by both of its secrets
            return changed;
        }, cancellation);

    /// <summary>Notes the minutes of the last uses, later ones only.</summary>
    public Task NoteUsesAsync(long[] ids, DateTime[] minutes, CancellationToken cancellation) =>
        database.RunBesideAsync(async connection =>
        {
            await using var command = new NpgsqlCommand(Used, connection) { CommandTimeout = PatienceInSeconds };
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = ids });
            command.Parameters.Add(new NpgsqlParameter { Value = minutes, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
            await command.ExecuteNonQueryAsync(cancellation);
        }, cancellation);

    private static TokenRow? ReadOrNull(NpgsqlDataReader row) => row.IsDBNull(0) ? null : Read(row);

    private static TokenRow Read(NpgsqlDataReader row)
    {
        var token = new Token
        {
            Id = row.GetInt64(0),
            Name = row.GetString(1),
            SecretHash = row.GetFieldValue<byte[]>(2),
            ApiKeyHash = row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3),
            Advertisers = row.IsDBNull(4) ? null : row.GetFieldValue<long[]>(4),
            Abilities = (Ability)row.GetInt32(5),
            Trusted = row.GetBoolean(6),
            Pii = row.GetBoolean(7),
            Bootstrap = row.GetBoolean(8),
            ExpiresAt = Time(9),
            CreatedAt = row.GetDateTime(10),
            LastUsedAt = Time(11),
            RevokedAt = Time(12),
            SecondSecretHash = row.IsDBNull(14) ? null : row.GetFieldValue<byte[]>(14),
        };
        return new TokenRow(token, row.GetFieldValue<uint>(13));

        DateTime? Time(int column) => row.IsDBNull(column) ? null : row.GetDateTime(column);
    }
}
