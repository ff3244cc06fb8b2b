using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Lips.Host.Commands.Api;

/// <summary>Texts as other programs write them.</summary>
internal static class TextInput
{
    /// <summary>UTF-8 that fails where bytes are no text, which else would be brought in as question marks.</summary>
    public static readonly Encoding Strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// The text without its byte order mark, and in UTF-8 where the mark says UTF-16, as some shells write what is sent to a file.
    /// </summary>
    public static async Task<Stream> Utf8Async(Stream input, CancellationToken cancellation)
    {
        var reader = PipeReader.Create(input);
        var begun = (await reader.ReadAtLeastAsync(3, cancellation)).Buffer;
        var (other, mark) = begun.Slice(0, Math.Min(3, begun.Length)).ToArray() switch
        {
            [0xEF, 0xBB, 0xBF] => (null, 3),
            [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
            [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
            _ => ((Encoding?)null, 0),
        };
        reader.AdvanceTo(begun.GetPosition(mark));
        return other is null ? reader.AsStream() : Encoding.CreateTranscodingStream(reader.AsStream(), other, Strict);
    }
}
