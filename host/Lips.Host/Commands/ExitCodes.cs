using Lips.Client;
using Lips.Kernel;

namespace Lips.Host.Commands;

/// <summary>
/// What commands end with. <c>serve</c> has its own, which supervisors know: 1 for what a person must change first, 3 for a node that is
/// started again. <c>health</c> ends with 0 or 1, as containers ask.
/// </summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>Something differs, was rejected, or is refused for a reason that lies in the data.</summary>
    public const int Differs = 1;

    /// <summary>The arguments, a setting or the token are wrong.</summary>
    public const int WrongUse = 2;

    /// <summary>The server or the database is away: the same command may succeed later.</summary>
    public const int Away = 3;

    /// <summary>What a command ends with that failed so.</summary>
    public static int Of(Exception failure, string command) => failure switch
    {
        WrongUseException => WrongUse,
        LipsException { IsAway: true } => Away,
        LipsException or FileNotFoundException or DirectoryNotFoundException => WrongUse,
        _ when command is not ("verify" or "rebuild") => Differs,
        SettingException => WrongUse,
        _ => Away,
    };
}
