using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.Filter;

/// <summary>
/// The filters of the partners' document and no others, and the advertisers of a campaign that was named alone (contract section 4,
/// build/decisions/0009-partners.md).
/// </summary>
internal sealed class PartnerFilter(Connections database)
{
    private const string Advertiser = "global_master_advertiser_id";
    private const string Campaign = "global_master_campaign_id";

    // One more than may be asked for tells whether there are more.
    private const int Limit = InteractionFilter.MaxAdvertisers + 1;

    /// <summary>
    /// Reads the filter; what is wrong goes to the reader's errors. Without an advertiser those of the campaigns are still to be found.
    /// </summary>
    public static InteractionFilter Read(QueryReader query)
    {
        var advertisers = query.GlobalIds(Advertiser, InteractionFilter.MaxAdvertisers);
        var campaigns = query.GlobalIds(Campaign, InteractionFilter.MaxValues);
        if (advertisers.Count == 0 && campaigns.Count == 0 && !query.Errors.Has(Advertiser) && !query.Errors.Has(Campaign))
        {
            query.Errors.Add(Advertiser, $"is missing: this or {Campaign} is required");
            query.Errors.Add(Campaign, $"is missing: this or {Advertiser} is required");
        }

        return new InteractionFilter { Advertisers = advertisers, Campaigns = campaigns, Numbers = PhoneNumbers.Read(query) };
    }

    /// <summary>The advertisers of the filter's campaigns that the caller may see; others are as if they were not there.</summary>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public Task<List<GlobalId>> AdvertisersAsync(InteractionFilter filter, Caller caller, CancellationToken cancellation) =>
        database.RunAsync(async connection =>
        {
            var advertisers = new List<GlobalId>();
            await using var command = Command(filter.Campaigns, caller);
            command.Connection = connection;
            await using var row = await command.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
                advertisers.Add(GlobalId.FromValue(row.GetInt64(0)));
            return advertisers;
        }, cancellation);

    /// <summary>The 422 of campaigns that have too many advertisers.</summary>
    public static ValidationErrors TooMany()
    {
        var errors = new ValidationErrors();
        errors.Add(Campaign, $"has more than {InteractionFilter.MaxAdvertisers} advertisers: name some by {Advertiser} too");
        return errors;
    }

    /// <summary>The statement that finds the advertisers of campaigns. Index: campaign_advertisers_by_campaign.</summary>
    internal static NpgsqlCommand Command(IReadOnlyList<GlobalId> campaigns, Caller caller)
    {
        var condition = caller.Advertisers is null ? "" : " AND c.advertiser = ANY($3)";
        var command = new NpgsqlCommand(
            $"""
            SELECT DISTINCT a.advertiser
            FROM unnest($1) AS g(campaign)
            CROSS JOIN LATERAL (
                SELECT c.advertiser FROM interactions.campaign_advertisers c
                WHERE c.campaign = g.campaign{condition} ORDER BY c.advertiser LIMIT $2
            ) a
            ORDER BY a.advertiser LIMIT $2
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<long[]> { TypedValue = [.. campaigns.Select(c => c.Value)] },
                new NpgsqlParameter<long> { TypedValue = Limit },
            },
        };
        if (caller.Advertisers is not null)
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. caller.Advertisers.Select(a => a.Value)] });
        return command;
    }
}
