using System.Globalization;

namespace Lips.Postgres;

/// <summary>What a server writes into <c>postmaster.pid</c>. Parts that it has not written yet are 0 and empty.</summary>
internal sealed record PidFile(int Pid, int Port, string SocketFolder)
{
    public const string Name = "postmaster.pid";

    /// <summary>The file of this data folder, or null when there is none.</summary>
    public static PidFile? Read(string dataFolder)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(Path.Combine(dataFolder, Name));
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        return new PidFile(Number(lines, 0), Number(lines, 3), lines.ElementAtOrDefault(4) ?? "");
    }

    private static int Number(string[] lines, int index) =>
        int.TryParse(lines.ElementAtOrDefault(index), CultureInfo.InvariantCulture, out var number) ? number : 0;
}
