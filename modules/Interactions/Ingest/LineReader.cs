using System.Buffers;
using System.IO.Pipelines;
using Lips.Kernel;

namespace Lips.Interactions.Ingest;

/// <summary>
/// Reads the lines of a stream one by one, holding no more than one of them; a line that is longer than <see
/// cref="Requests.MaxRecordBytes"/> is passed over without being held.
/// </summary>
internal sealed class LineReader(Stream stream) : IAsyncDisposable
{
    private readonly PipeReader pipe = PipeReader.Create(
        stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, minimumReadSize: 16 * 1024));
    private byte[] line = [];

    /// <summary>The number of the line read last, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>The line read last without its end; valid until the next read. Empty when it was too long.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Whether the line read last was passed over.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Goes to the next line; false at the end.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        IsTooLong = false;
        Line = default;
        while (true)
        {
            var read = await pipe.ReadAsync(cancellation);
            var buffer = read.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                Take(buffer.Slice(0, end));
                pipe.AdvanceTo(buffer.GetPosition(1, end));
                return true;
            }

            if (read.IsCompleted)
            {
                var isLine = buffer.Length > 0 || IsTooLong;
                Take(buffer);
                pipe.AdvanceTo(buffer.End);
                return isLine;
            }

            if (buffer.Length > Requests.MaxRecordBytes)
            {
                IsTooLong = true;
                pipe.AdvanceTo(buffer.End);
            }
            else
            {
                pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
    }

    public ValueTask DisposeAsync() => pipe.CompleteAsync();

    // Copied, so that the pipe's memory is free at once; the array is used again for every line.
    private void Take(ReadOnlySequence<byte> bytes)
    {
        Number++;
        IsTooLong |= bytes.Length > Requests.MaxRecordBytes;
        if (IsTooLong)
            return;
        if (line.Length < bytes.Length)
            line = new byte[Math.Max(4096, (int)Math.Min(bytes.Length * 2, Requests.MaxRecordBytes))];
        bytes.CopyTo(line);
        Line = line.AsMemory(0, (int)bytes.Length);
    }
}
