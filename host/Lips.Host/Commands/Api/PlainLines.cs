using System.Runtime.CompilerServices;
using System.Text;

namespace Lips.Host.Commands.Api;

/// <summary>The lines of a text.</summary>
internal static class PlainLines
{
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        Stream input, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var reader = new StreamReader(input, Encoding.UTF8, leaveOpen: true);
        while (await reader.ReadLineAsync(cancellation) is { } line)
            yield return Encoding.UTF8.GetBytes(line);
    }
}
