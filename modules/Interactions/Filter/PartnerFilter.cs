using System.Globalization;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Lips.Interactions.Filter;

/// <summary>
/// Reads what a partner asks for: the filters of the partners' document and no others, and the advertisers of a campaign that was named alone
/// (contract section 4, build/decisions/0009-partners.md).
/// </summary>
internal sealed class PartnerFilter(NpgsqlDataSource database)
{
    private const string Advertiser = "global_master_advertiser_id";
    private const string Campaign = "global_master_campaign_id";

    // One more than may be asked for tells whether there are more.
    private const int Limit = InteractionFilter.MaxAdvertisers + 1;

    /// <summary>Reads the query string; an endpoint's own parameters by <paramref name="readMore"/>.</summary>
    /// <returns>Null after it has answered: 400, 422 or 403.</returns>
    public async ValueTask<Question<T>?> ReadAsync<T>(HttpContext http, Caller caller, Func<QueryReader, Caller, T> readMore)
        where T : notnull
    {
        if (await http.ReadQueryAsync() is not { } query)
            return null;
        var advertisers = query.GlobalIds(Advertiser, InteractionFilter.MaxAdvertisers);
        var campaigns = query.GlobalIds(Campaign, InteractionFilter.MaxValues);
        if (advertisers.Count == 0 && campaigns.Count == 0 && !query.Errors.Has(Advertiser) && !query.Errors.Has(Campaign))
        {
            query.Errors.Add(Advertiser, $"is missing: this or {Campaign} is required");
            query.Errors.Add(Campaign, $"is missing: this or {Advertiser} is required");
        }

        var numbers = PhoneNumbers.Read(query);
        var more = readMore(query, caller);
        query.RefuseUnknown(http.Request);
        if (!query.Errors.None)
        {
            await http.Invalid(query.Errors);
            return null;
        }

        if (!caller.MaySeeAll(advertisers) || (numbers.Count > 0 && !caller.Pii))
        {
            await http.NotAuthorized();
            return null;
        }

        if (advertisers.Count == 0)
            advertisers = await AdvertisersOfAsync(campaigns, caller, http.RequestAborted);
        if (advertisers.Count > InteractionFilter.MaxAdvertisers)
        {
            query.Errors.Add(Campaign, string.Create(CultureInfo.InvariantCulture, $"has more than {InteractionFilter.MaxAdvertisers} advertisers: name some by {Advertiser} too"));
            await http.Invalid(query.Errors);
            return null;
        }

        return new Question<T>(new InteractionFilter { Advertisers = advertisers, Campaigns = campaigns, Phones = PhoneNumbers.At(advertisers, numbers) }, more);
    }

    /// <summary>The statement that finds the advertisers of campaigns. Index: campaign_advertisers_by_campaign.</summary>
    /// <param name="campaigns">The campaigns.</param>
    /// <param name="caller">Whose advertisers are looked for; others are as if they were not there.</param>
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
            Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. campaigns.Select(c => c.Value)] }, new NpgsqlParameter<long> { TypedValue = Limit } },
        };
        if (caller.Advertisers is not null)
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. caller.Advertisers.Select(a => a.Value)] });
        return command;
    }

    private async Task<IReadOnlyList<GlobalId>> AdvertisersOfAsync(IReadOnlyList<GlobalId> campaigns, Caller caller, CancellationToken cancellation)
    {
        var advertisers = new List<GlobalId>();
        await using var lent = await database.LendAsync(cancellation);
        await using var command = Command(campaigns, caller);
        command.Connection = lent.Connection;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            advertisers.Add(GlobalId.FromValue(row.GetInt64(0)));
        return advertisers;
    }
}
