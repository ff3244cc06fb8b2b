namespace Lips.Counters.Contracts;

/// <summary>
/// Where the interactions are that counters count. The module that keeps them gives this, so that cells can be compared with a recount; the
/// only statements of Counters that read another module's table.
/// </summary>
/// <param name="Sql">
/// Selects, of the advertiser <c>$1</c>: <c>occurred_at, campaign, kind, channel, has_wpc, read, important, archived</c>, one row an
/// interaction.
/// </param>
/// <param name="Advertisers">Selects all advertisers that have interactions.</param>
public sealed record CountedRows(string Sql, string Advertisers);
