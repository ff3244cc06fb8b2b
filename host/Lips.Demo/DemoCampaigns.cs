using System.Globalization;

namespace Lips.Demo;

/// <summary>A campaign of one advertiser; <paramref name="Tracking"/> is the number that its visitors see.</summary>
internal sealed record DemoCampaign(string Id, string Name, string Channel, string Tracking);

/// <summary>What one advertiser runs: its campaigns, its site, its own phone.</summary>
internal sealed class DemoCampaigns
{
    private static readonly (string Name, string Channel)[] Plan =
    [
        ("Boats | Boats | Boats", "search"),
        ("Search | Brand | Harbor", "search"),
        ("Search | Service & Winter Storage", "search"),
        ("Display | Spring Boat Show", "display"),
        ("Display | Retargeting", "display"),
        ("Social | Weekend Rentals", "social"),
        ("Social | Used Boats", "social"),
        ("Chat | Website", "chat"),
        ("Directory Listings", "other"),
    ];

    private readonly DemoCampaign[] _all;

    public DemoCampaigns(string advertiser)
    {
        var separator = advertiser.IndexOf('_', StringComparison.Ordinal);
        var (platform, number) = (advertiser[..separator], int.Parse(advertiser.AsSpan(separator + 1), CultureInfo.InvariantCulture));
        _all = [.. Plan.Select((entry, i) => new DemoCampaign(
            string.Create(CultureInfo.InvariantCulture, $"{platform}_{3115231 + number + (i * 1013)}"),
            entry.Name,
            entry.Channel,
            DemoPhones.Tracking(1 + i)))];
        Site = "https://www." + advertiser.ToLowerInvariant().Replace('_', '-') + "-boats.example";
        Front = DemoPhones.Tracking(0);
    }

    public string Site { get; }

    /// <summary>The advertiser's own phone, where all calls end.</summary>
    public string Front { get; }

    /// <summary>A campaign of the channel; without a channel rarely any.</summary>
    public DemoCampaign? For(string? channel, SplitMix64 random)
    {
        if (channel is null)
            return random.Chance(300) ? random.Pick(_all) : null;
        var first = Array.FindIndex(_all, campaign => campaign.Channel == channel);
        var last = Array.FindLastIndex(_all, campaign => campaign.Channel == channel);
        // The lower of two draws: the first of a channel is its biggest.
        return _all[Math.Min(random.Between(first, last), random.Between(first, last))];
    }

    /// <summary>The number that the visitors of a campaign see; the advertiser's own where there is no campaign.</summary>
    public string Number(string? campaignId) => Array.Find(_all, campaign => campaign.Id == campaignId)?.Tracking ?? Front;

    public DemoCampaign Any(SplitMix64 random) => random.Pick(_all);
}
