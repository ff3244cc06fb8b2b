using System.Globalization;
using System.Text;

namespace Lips.Host.Tests.Fuzz;

/// <summary>What a client does to the connection once a request is sent.</summary>
internal enum Ending
{
    /// <summary>Reads the answer and goes on.</summary>
    KeepAlive,

    /// <summary>Reads the answer and closes: what is left on the wire would be taken for another request.</summary>
    Close,

    /// <summary>Ends its side before the answer: the body is shorter than it said.</summary>
    HalfClose,
}

/// <summary>A request as it goes over the wire; a char of a text is a byte.</summary>
internal sealed record FuzzRequest(
    int Number, string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    public Ending Ending { get; init; }

    /// <summary>Whether the frame itself is broken, so that the server may cut the connection instead of answering.</summary>
    public bool MayBeCut => Ending == Ending.HalfClose || IsFrameBroken;

    public bool IsFrameBroken { get; init; }

    public string Version { get; init; } = "HTTP/1.1";

    /// <summary>All of it.</summary>
    public byte[] ToBytes()
    {
        var head = new StringBuilder().Append(Method).Append(' ').Append(Target).Append(' ').Append(Version).Append("\r\n");
        foreach (var (name, value) in Headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. Body];
    }

    /// <summary>How a failure shows it: how to send it again, and the beginning of it, escaped.</summary>
    public string Show(int seed)
    {
        var bytes = ToBytes();
        var shown = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"LIPS_FUZZ_SEED={seed}:{Number} sends it again; {bytes.Length} bytes: ");
        foreach (var b in bytes.AsSpan(0, Math.Min(bytes.Length, 4_000)))
            _ = b is >= 0x20 and < 0x7f and not (byte)'\\'
                ? shown.Append((char)b)
                : b is (byte)'\n' ? shown.Append("\\n\n") : shown.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        return shown.ToString();
    }
}
