using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Lips.Client.Sending;

/// <summary>The lines of a stream, without their ends.</summary>
internal static class LinesIn
{
    // The service rejects a longer one, and needs no more of it to say so.
    private const int LongestLine = (1 << 20) + 1;

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 << 10, leaveOpen: true));
        var line = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                Append(line, rest.Slice(0, end));
                yield return line.WrittenMemory;
                line.ResetWrittenCount();
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            Append(line, rest);
            reader.AdvanceTo(read.Buffer.End);
            if (!read.IsCompleted)
                continue;
            await reader.CompleteAsync();
            if (line.WrittenCount > 0)
                yield return line.WrittenMemory;
            yield break;
        }
    }

    private static void Append(ArrayBufferWriter<byte> line, ReadOnlySequence<byte> bytes)
    {
        var room = LongestLine - line.WrittenCount;
        foreach (var piece in bytes.Length > room ? bytes.Slice(0, room) : bytes)
            line.Write(piece.Span);
    }
}
