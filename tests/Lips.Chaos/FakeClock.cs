using System.Globalization;

namespace Lips.Chaos;

/// <summary>A wall clock of one node, by libfaketime of Debian, that can be set. Its monotonic clock goes on as it is.</summary>
internal sealed class FakeClock : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lips-clock-");
    private readonly string library;

    private FakeClock(string library)
    {
        this.library = library;
        Set(TimeSpan.Zero);
    }

    /// <summary>What the node's environment must have.</summary>
    public IEnumerable<(string Name, string Value)> Settings =>
    [
        ("LD_PRELOAD", library),
        ("FAKETIME_TIMESTAMP_FILE", OffsetFile),
        // In seconds: the file is not read for each question.
        ("FAKETIME_CACHE_DURATION", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
        ("NO_FAKE_STAT", "1"),
    ];

    private string OffsetFile => Path.Combine(folder.FullName, "offset");

    /// <summary>Null where the library is not installed.</summary>
    public static FakeClock? TryFind() =>
        Directory.Exists("/usr/lib")
        && Directory.EnumerateDirectories("/usr/lib").Select(place => Path.Combine(place, "faketime", "libfaketimeMT.so.1"))
            .FirstOrDefault(File.Exists) is { } library
            ? new FakeClock(library)
            : null;

    /// <summary>Sets it so much ahead of the true one, or behind it.</summary>
    public void Set(TimeSpan ahead)
    {
        // The node never reads half of it.
        var next = OffsetFile + ".new";
        File.WriteAllText(next, ahead.TotalSeconds.ToString("+0;-0;+0", CultureInfo.InvariantCulture));
        File.Move(next, OffsetFile, overwrite: true);
    }

    /// <inheritdoc />
    public void Dispose() => folder.Delete(recursive: true);
}
