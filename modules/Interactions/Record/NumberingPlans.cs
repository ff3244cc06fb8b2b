using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Lips.Kernel;
using PhoneNumbers;

namespace Lips.Interactions.Record;

/// <summary>Which digits are a number of which country, by libphonenumber.</summary>
internal static class NumberingPlans
{
    // Fewer digits than any number can have that fits, and more.
    private const int Fewest = 5;
    private const int Most = 18;

    // A national number shorter than this must be of a range that is in use, as "13 12 34" and "0800 1111" are: mostly so few digits are a
    // local number without its area code.
    private const int Short = 9;

    private static readonly PhoneNumberUtil Library = PhoneNumberUtil.GetInstance();

    private static readonly ConcurrentDictionary<int, Regex> Patterns = new();

    /// <summary>Reads a number as it is dialled from the platform's country, or with its plus sign from anywhere.</summary>
    /// <param name="dialled">Digits, with or without a plus sign before them.</param>
    /// <param name="platform">Whose country it is.</param>
    /// <param name="national">The number without the country's code, also when it does not fit; null when there is no such country.</param>
    /// <returns>E.164; null when it does not fit its country's rule.</returns>
    /// <remarks>
    /// The rule is the length and the general form of the country's numbers, and not libphonenumber's IsValidNumber: that refuses numbers
    /// kept for fiction (07700 900123), and changes with each of its releases as area codes are assigned. What is stored would then differ
    /// from what is asked for.
    /// </remarks>
    public static string? ToE164(string dialled, Platform platform, out string? national)
    {
        national = null;
        if (dialled.Length is < Fewest or > Most)
            return null;
        PhoneNumbers.PhoneNumber number;
        try
        {
            number = Library.Parse(dialled, RegionOf(platform));
        }
        catch (NumberParseException)
        {
            return null;
        }

        national = Library.GetNationalSignificantNumber(number);
        var fits = Library.IsPossibleNumberWithReason(number) == PhoneNumberUtil.ValidationResult.IS_POSSIBLE
            && Patterns.GetOrAdd(number.CountryCode, PatternOf).IsMatch(national)
            && (national.Length >= Short || Library.IsValidNumber(number));
        return fits ? Library.Format(number, PhoneNumberFormat.E164) : null;
    }

    private static string RegionOf(Platform platform) => platform switch
    {
        Platform.Can => "CA",
        Platform.Aus => "AU",
        Platform.Gbr => "GB",
        _ => "US",
    };

    private static Regex PatternOf(int countryCode)
    {
        var region = Library.GetRegionCodeForCountryCode(countryCode);
        // 001 stands for the codes that belong to no country.
        var plan = region == "001" ? Library.GetMetadataForNonGeographicalRegion(countryCode) : Library.GetMetadataForRegion(region);
        return new Regex(
            $"^(?:{plan.GeneralDesc.NationalNumberPattern})$",
            RegexOptions.Compiled | RegexOptions.CultureInvariant,
            TimeSpan.FromSeconds(1));
    }
}
