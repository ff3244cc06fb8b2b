using System.Text;

namespace Lips.Host.Http;

/// <summary>
/// Decodes a Content-Length of digits and nothing else (RFC 9110, 8.6). Kestrel also takes a sign: a proxy that reads <c>+2</c> in another
/// way would then see other requests on the connection than we do. Its own number is all that it shows of the header, so this is where to
/// look at it.
/// </summary>
internal sealed class ContentLengthEncoding : ASCIIEncoding
{
    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        if (bytes.Length <= chars.Length && !bytes.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return base.GetChars(bytes, chars);
        // No number; Kestrel answers 400.
        chars[0] = '?';
        return 1;
    }
}
