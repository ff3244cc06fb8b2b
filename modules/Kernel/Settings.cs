using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Lips.Kernel;

/// <summary>Reads settings; one that cannot be used ends the start with a line that names it.</summary>
public static class Settings
{
    /// <summary>How many requests may wait for the database, where nothing else is set.</summary>
    public const int UsualWaiting = 200;

    /// <summary>A whole number.</summary>
    /// <param name="settings">All settings.</param>
    /// <param name="name">Such as <c>Lips:RateLimit:Burst</c>.</param>
    /// <param name="usual">What it is when it is not set.</param>
    /// <param name="least">The least that it may be.</param>
    /// <param name="most">The most that it may be.</param>
    /// <exception cref="SettingException">It is no whole number from <paramref name="least"/> to <paramref name="most"/>.</exception>
    public static int Whole(this IConfiguration settings, string name, int usual, int least, int most)
    {
        if (settings[name] is not { Length: > 0 } text)
            return usual;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new SettingException(
                string.Create(CultureInfo.InvariantCulture, $"The setting {name} must be a whole number from {least} to {most}."));
    }

    /// <summary>
    /// How long an ordinary request may take: less than a proxy waits for (nginx: 60 s), unless it is set otherwise, so that the client
    /// gets our answer.
    /// </summary>
    /// <exception cref="SettingException">It is no whole number of seconds, or beyond an hour.</exception>
    public static TimeSpan RequestTime(this IConfiguration settings) =>
        TimeSpan.FromSeconds(settings.Whole("Lips:Limits:RequestSeconds", usual: 30, least: 1, most: 3_600));

    /// <summary>A number, with or without a decimal point.</summary>
    /// <param name="settings">All settings.</param>
    /// <param name="name">Such as <c>Lips:RateLimit:PerSecond</c>.</param>
    /// <param name="usual">What it is when it is not set.</param>
    /// <param name="least">The least that it may be.</param>
    /// <param name="most">The most that it may be.</param>
    /// <exception cref="SettingException">It is no number from <paramref name="least"/> to <paramref name="most"/>.</exception>
    public static double Number(this IConfiguration settings, string name, double usual, double least, double most)
    {
        if (settings[name] is not { Length: > 0 } text)
            return usual;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least
            && number <= most
            ? number
            : throw new SettingException(
                string.Create(CultureInfo.InvariantCulture, $"The setting {name} must be a number from {least} to {most}."));
    }

    /// <summary>A list: one text with commas or spaces between, or numbered settings below the name. Empty when it is not set.</summary>
    public static IReadOnlyList<string> List(this IConfiguration settings, string name)
    {
        var section = settings.GetSection(name);
        return [.. section.GetChildren().Select(c => c.Value).Prepend(section.Value)
            .SelectMany(
                text => text?.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])];
    }
}
