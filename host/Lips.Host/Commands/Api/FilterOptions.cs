using System.CommandLine;
using Lips.Client;

namespace Lips.Host.Commands.Api;

/// <summary>The filters of the API as options; what they mean and which values they have is the server's to say.</summary>
internal sealed class FilterOptions
{
    private readonly Option<string[]> advertisers = Many(
        "--advertiser", "id", "Of these advertisers, such as USA_123.", isRequired: true);
    private readonly Option<string[]> campaigns = Many("--campaign", "id", "Of these campaigns.");
    private readonly Option<string?> start = One("--start-date", "From this day or instant on.");
    private readonly Option<string?> end = One("--end-date", "Until this day, or instant.");
    private readonly Option<string?> zone = One("--time-zone", "What a day is, as America/New_York; UTC where nothing is said.");
    private readonly Option<string[]> types = Many("--type", "type", "Of these types: call, form, chat, booking, lsa, fpd.");
    private readonly Option<string[]> channels = Many(
        "--channel", "channel", "Of these channels: search, display, social, chat, other, none.");
    private readonly Option<bool> missed = new("--missed") { Description = "Only missed calls: those that lasted 0 seconds." };
    private readonly Option<bool?> archived = new("--archived") { Description = "Only archived ones; without it only others." };
    private readonly Option<bool?> read = new("--read") { Description = "Only read ones, or with false unread ones." };
    private readonly Option<bool?> important = new("--important") { Description = "Only important ones, or with false others." };
    private readonly Option<string[]> tags = Many("--tag", "tag", "With any of these tags.");
    private readonly Option<string?> search = One("--search", "With these words of names, e-mail, company or notes, or digits.");

    public IEnumerable<Symbol> All =>
        [advertisers, campaigns, start, end, zone, types, channels, missed, archived, read, important, tags, search];

    public InteractionFilter Of(ParseResult parsed) => new()
    {
        Advertisers = parsed.GetValue(advertisers),
        Campaigns = parsed.GetValue(campaigns),
        StartDate = parsed.GetValue(start),
        EndDate = parsed.GetValue(end),
        TimeZone = parsed.GetValue(zone),
        EventTypes = parsed.GetValue(types),
        Channels = parsed.GetValue(channels),
        MaxCallDuration = parsed.GetValue(missed) ? 0 : null,
        Archived = parsed.GetValue(archived),
        Read = parsed.GetValue(read),
        Important = parsed.GetValue(important),
        Tags = parsed.GetValue(tags),
        Search = parsed.GetValue(search),
    };

    private static Option<string?> One(string name, string description) => new(name) { Description = description };

    private static Option<string[]> Many(string name, string value, string description, bool isRequired = false) =>
        new(name) { Description = description, HelpName = value, AllowMultipleArgumentsPerToken = true, Required = isRequired };
}
