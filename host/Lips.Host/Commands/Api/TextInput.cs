using System.IO.Pipelines;
using System.Text;

namespace Lips.Host.Commands.Api;

/// <summary>Texts as other programs write them.</summary>
internal static class TextInput
{
    /// <summary>UTF-8 that fails where bytes are no text, which else would be brought in as question marks.</summary>
    public static readonly Encoding Strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The same in UTF-8 where it is UTF-16 with a mark, as some shells write what is sent to a file.</summary>
    public static async Task<Stream> Utf8Async(Stream input, CancellationToken cancellation)
    {
        var reader = PipeReader.Create(input);
        var begun = await reader.ReadAtLeastAsync(2, cancellation);
        var start = begun.Buffer;
        Encoding? other = (start.Length < 2 ? 0 : (start.FirstSpan[0] << 8) | start.Slice(1).FirstSpan[0]) switch
        {
            0xFFFE => Encoding.Unicode,
            0xFEFF => Encoding.BigEndianUnicode,
            _ => null,
        };
        reader.AdvanceTo(start.Start);
        return other is null ? reader.AsStream() : Encoding.CreateTranscodingStream(reader.AsStream(), other, Strict);
    }
}
