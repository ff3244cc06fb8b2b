using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lips.Client.Sending;

/// <summary>
/// The lines that are sent together. Where a part ends follows from the lines alone, so an upload that is begun again has the same parts,
/// and each the same key: a hash of the upload's name and all lines up to its end. So the service knows lines that it has already.
/// </summary>
internal sealed class UploadPart
{
    // The service reports the first 1,000 rejected lines of a body, so all of them.
    private const int MostLines = 1_000;
    private const int MostBytes = 4 << 20;

    private readonly ArrayBufferWriter<byte> bytes = new();
    private readonly byte[] hash;

    public UploadPart(string name) => hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));

    public int Lines { get; private set; }

    public long LastLine { get; private set; }

    public long FirstLine => LastLine - Lines + 1;

    public bool IsFull => Lines >= MostLines || bytes.WrittenCount >= MostBytes;

    /// <summary>Of a part that is closed.</summary>
    public string Key => "lips-" + Convert.ToHexStringLower(hash);

    /// <summary>Of a part that is closed.</summary>
    public string Checkpoint => new Checkpoint(LastLine, Convert.ToHexStringLower(hash)).Text;

    public void Add(ReadOnlySpan<byte> line)
    {
        bytes.Write(line);
        bytes.Write("\n"u8);
        Lines++;
        LastLine++;
    }

    public void Close()
    {
        using var running = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        running.AppendData(hash);
        running.AppendData(bytes.WrittenSpan);
        running.GetHashAndReset(hash);
    }

    /// <summary>A line of the part; null for one that it does not have.</summary>
    /// <param name="line">From 1.</param>
    public string? Text(long line)
    {
        if (line < 1 || line > Lines)
            return null;
        var rest = bytes.WrittenSpan;
        for (; line > 1; line--)
            rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)'\n')]);
    }

    public byte[] ToArray() => bytes.WrittenSpan.ToArray();

    public void Clear()
    {
        bytes.ResetWrittenCount();
        Lines = 0;
    }
}

/// <summary>A place in an upload, and a hash of all that is before it.</summary>
/// <param name="Line">The last line before it.</param>
/// <param name="Hash">The hash.</param>
internal sealed record Checkpoint(long Line, string Hash)
{
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Line}-{Hash}");

    /// <summary>Reads one.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static Checkpoint Parse(string? text)
    {
        if (text is null)
            return new Checkpoint(0, "");
        return text.Split('-') is [var line, var hash]
            && long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new Checkpoint(number, hash)
            : throw Wrong();
    }

    public static ArgumentException Wrong() =>
        new("The lines before the checkpoint are not those that led to it: the upload must begin anew.");
}
