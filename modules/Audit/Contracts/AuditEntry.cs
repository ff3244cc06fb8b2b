using Lips.Kernel;

namespace Lips.Audit.Contracts;

/// <summary>What can be done that is kept in the trail.</summary>
public enum AuditAction
{
    /// <summary>An interaction was brought in by itself.</summary>
    Ingest,

    /// <summary>A batch of interactions was brought in.</summary>
    IngestBulk,

    /// <summary>Read, important or notes of an interaction have changed.</summary>
    Update,

    /// <summary>An interaction was archived.</summary>
    Archive,

    /// <summary>An interaction was brought back.</summary>
    Unarchive,

    /// <summary>A token was made.</summary>
    TokenCreate,

    /// <summary>A token was revoked.</summary>
    TokenRevoke,

    /// <summary>A token got another secret.</summary>
    TokenRotate,

    /// <summary>One of a token's two secrets was ended.</summary>
    TokenSecretEnd,

    /// <summary>The first admin token was made, or set to another secret by a setting.</summary>
    AdminTokenSet,

    /// <summary>Counters that were wrong were mended by an operator.</summary>
    CountersRebuild,

    /// <summary>Answers of interactions that were wrong were mended by an operator.</summary>
    InteractionsRebuild,
}

/// <summary>Who has done it.</summary>
/// <param name="TokenId">The token; null for somebody who has the machine and not a token.</param>
/// <param name="Address">What <see cref="ClientAddresses.Hash"/> made of the address; null when there is none.</param>
public sealed record AuditActor(long? TokenId, byte[]? Address)
{
    /// <summary>Somebody at the machine: a setting, a command.</summary>
    public static AuditActor Operator { get; } = new(null, null);
}

/// <summary>A change to keep in the trail. It holds no personal data: numbers, and names of fields without their values.</summary>
/// <param name="Action">What was done.</param>
public sealed record AuditEntry(AuditAction Action)
{
    /// <summary>The advertisers, each with how many of its things have changed; none for a token.</summary>
    public IReadOnlyList<KeyValuePair<GlobalId, int>> Advertisers { get; init; } = [];

    /// <summary>The interaction, when it is one and not a batch.</summary>
    public long? InteractionId { get; init; }

    /// <summary>The least and the greatest id of a batch. Ids in between may be of other batches.</summary>
    public (long First, long Last)? Batch { get; init; }

    /// <summary>Names of the fields that have changed.</summary>
    public string[] Fields { get; init; } = [];

    /// <summary>
    /// The interactions of a batch, each with the names of its own fields that have changed; none where a batch is large.
    /// </summary>
    public IReadOnlyList<(long Id, string[] Fields)> Interactions { get; init; } = [];

    /// <summary>The token that was made, changed or revoked.</summary>
    public long? SubjectTokenId { get; init; }

    /// <summary>A change of one interaction.</summary>
    public static AuditEntry Of(AuditAction action, GlobalId advertiser, long interactionId, params string[] fields) =>
        new(action) { Advertisers = [new(advertiser, 1)], InteractionId = interactionId, Fields = fields };

    /// <summary>A change of several interactions of an advertiser at once.</summary>
    /// <param name="action">What was done.</param>
    /// <param name="advertiser">Whose they are.</param>
    /// <param name="fields">Names of the fields that have changed in any of them.</param>
    /// <param name="interactions">Which, each with the names of its own.</param>
    public static AuditEntry OfSeveral(
        AuditAction action, GlobalId advertiser, string[] fields, IReadOnlyList<(long Id, string[] Fields)> interactions) =>
        new(action)
        {
            Advertisers = [new(advertiser, interactions.Count)],
            Batch = (interactions.Min(i => i.Id), interactions.Max(i => i.Id)),
            Fields = fields,
            Interactions = interactions,
        };

    /// <summary>A change of a token.</summary>
    public static AuditEntry OfToken(AuditAction action, long tokenId) => new(action) { SubjectTokenId = tokenId };
}

internal static class AuditActionNames
{
    public static IReadOnlyList<(AuditAction Action, string Name)> All { get; } =
    [
        (AuditAction.Ingest, "ingest"), (AuditAction.IngestBulk, "ingest_bulk"), (AuditAction.Update, "update"),
        (AuditAction.Archive, "archive"),
        (AuditAction.Unarchive, "unarchive"), (AuditAction.TokenCreate, "token_create"), (AuditAction.TokenRevoke, "token_revoke"),
        (AuditAction.TokenRotate, "token_rotate"), (AuditAction.TokenSecretEnd, "token_secret_end"),
        (AuditAction.AdminTokenSet, "admin_token_set"), (AuditAction.CountersRebuild, "counters_rebuild"),
        (AuditAction.InteractionsRebuild, "interactions_rebuild"),
    ];

    public static string Name(this AuditAction action) => All[(int)action].Name;
}
