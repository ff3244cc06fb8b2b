using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Security.Cryptography;
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

/// <summary>
/// Reads a body that is gzip, of one member or several, to its very end. By itself <see cref="GZipStream"/> takes a body that is cut off
/// for a whole one, and leaves unread what stands behind the last member. So a member of our own is put behind the body, whose content
/// nobody can know. Where the body is whole, that content is all that comes once the body has ended; it is not passed on.
/// </summary>
internal sealed class GzipBody : ReadStream
{
    // Records that differ by little more than their ids are packed to a hundredth; gzip packs up to a thousandth, of what is no record.
    private const int MaxRatio = 200;
    private const int AnyRatio = 10 << 20;

    private static readonly byte[] Mark = RandomNumberGenerator.GetBytes(32);

    private readonly Input input;
    private readonly GZipStream gzip;
    private int marked;
    private long unpacked;

    /// <param name="body">As it comes in.</param>
    public GzipBody(Stream body)
    {
        input = new Input(body);
        gzip = new GZipStream(input, CompressionMode.Decompress, leaveOpen: true);
    }

    /// <inheritdoc />
    /// <exception cref="GzipException">The body is not whole, or unpacks to too much.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                var read = await gzip.ReadAsync(buffer, cancellationToken);
                unpacked += read;
                if (unpacked > AnyRatio && unpacked / MaxRatio > input.Packed)
                    throw new GzipException("unpacks to more than 200 times its size and 10 MiB") { IsTooLarge = true };
                if (!input.HasEnded)
                    return read > 0 ? read : throw new GzipException("has something behind the end of its gzip");
                // Of a body that is cut off, our own member is read as if it went on there. Nothing of that may be taken for the client's.
                if (!Mark.AsSpan(marked).StartsWith(buffer.Span[..read]) || (read == 0 && marked < Mark.Length))
                    throw new GzipException("ends early");
                marked += read;
                if (read == 0)
                    return 0;
            }
        }
        catch (InvalidDataException)
        {
            throw new GzipException(input.HasEnded ? "ends early" : "is not gzip, or is damaged");
        }
    }

    protected override void Dispose(bool disposing)
    {
        gzip.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The body, and behind it the mark.</summary>
    private sealed class Input(Stream body) : ReadStream
    {
        private static readonly byte[] Member = Compressed(Mark);

        private readonly MemoryStream member = new(Member, writable: false);

        public bool HasEnded { get; private set; }

        /// <summary>How much of the body was read.</summary>
        public long Packed { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!HasEnded && await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                Packed += read;
                return read;
            }

            HasEnded = true;
            return member.Read(buffer.Span);
        }

        private static byte[] Compressed(byte[] content)
        {
            var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
                gzip.Write(content);
            return compressed.ToArray();
        }
    }
}

/// <summary>A gzip body is not whole, or unpacks to too much.</summary>
/// <param name="what">Why, said so that it reads on from "The body".</param>
internal sealed class GzipException(string what) : Exception(what)
{
    /// <summary>Whether it unpacks to too much.</summary>
    public bool IsTooLarge { get; init; }
}

/// <summary>A stream that is only read, from its beginning to its end.</summary>
internal abstract class ReadStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();
}
