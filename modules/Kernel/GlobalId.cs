using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Lips.Kernel;

/// <summary>
/// A global master id: <c>PLATFORM_NUMBER</c>, such as <c>USA_123</c>. An advertiser's (gmaid) and a campaign's (gmcid)
/// have the same form (contract section 1).
/// </summary>
/// <remarks>
/// In the database it is one bigint, <c>platform × 10¹² + number</c>: eight bytes in every key, and still readable
/// (<c>USA_123</c> is <c>1000000000123</c>).
/// </remarks>
public readonly record struct GlobalId : IComparable<GlobalId>
{
    /// <summary>The largest number behind a platform: twelve digits.</summary>
    public const long MaxNumber = Scale - 1;

    private const long Scale = 1_000_000_000_000;

    private GlobalId(long value) => Value = value;

    /// <summary>The database's form of the id.</summary>
    public long Value { get; }

    /// <summary>The platform part.</summary>
    public Platform Platform => (Platform)(Value / Scale);

    /// <summary>The number part, from 1 to <see cref="MaxNumber"/>.</summary>
    public long Number => Value % Scale;

    /// <summary>The id that a value read from the database stands for.</summary>
    public static GlobalId FromValue(long value) => new(value);

    /// <summary>Reads the canonical form only: capitals, no leading zero, no spaces.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out GlobalId id)
    {
        id = default;
        if (text is null)
            return false;
        var cut = text.IndexOf('_', StringComparison.Ordinal);
        if (cut <= 0 || !Platforms.TryParse(text.AsSpan(0, cut), out var platform))
            return false;
        var digits = text.AsSpan(cut + 1);
        if (digits.Length is 0 or > 12 || digits[0] == '0' || digits.ContainsAnyExceptInRange('0', '9'))
            return false;
        id = new GlobalId(((long)platform * Scale) + long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture));
        return true;
    }

    /// <inheritdoc />
    public int CompareTo(GlobalId other) => Value.CompareTo(other.Value);

    /// <summary>The form that clients see, <c>USA_123</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Platform.Name()}_{Number}");
}

/// <summary>The platforms and their documented numbers (seed, table "Interaction", <c>platform_id</c>).</summary>
public enum Platform
{
    /// <summary>United States.</summary>
    Usa = 1,

    /// <summary>Canada.</summary>
    Can = 2,

    /// <summary>Australia.</summary>
    Aus = 3,

    /// <summary>United Kingdom.</summary>
    Gbr = 6,

    /// <summary>The platform of test advertisers.</summary>
    Test = 7,
}

/// <summary>Names of the platforms.</summary>
public static class Platforms
{
    /// <summary>The name that stands before the number in a <see cref="GlobalId"/>.</summary>
    public static string Name(this Platform platform) => platform switch
    {
        Platform.Usa => "USA",
        Platform.Can => "CAN",
        Platform.Aus => "AUS",
        Platform.Gbr => "GBR",
        Platform.Test => "TEST",
        _ => throw new ArgumentOutOfRangeException(nameof(platform), platform, "There is no such platform."),
    };

    internal static bool TryParse(ReadOnlySpan<char> name, out Platform platform)
    {
        platform = name switch
        {
            "USA" => Platform.Usa,
            "CAN" => Platform.Can,
            "AUS" => Platform.Aus,
            "GBR" => Platform.Gbr,
            "TEST" => Platform.Test,
            _ => 0,
        };
        return platform != 0;
    }
}
