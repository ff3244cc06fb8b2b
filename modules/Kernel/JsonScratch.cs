using System.Buffers;
using System.Text.Json;

namespace Lips.Kernel;

/// <summary>A JSON writer and its buffer, kept by each thread for the next small answer.</summary>
public sealed class JsonScratch
{
    private const int LargestKept = 64 * 1024;

    [ThreadStatic]
    private static JsonScratch? kept;

    private readonly ArrayBufferWriter<byte> body = new(1024);
    private readonly Utf8JsonWriter json;

    private JsonScratch() => json = new Utf8JsonWriter(body, JsonAnswer.WriterOptions);

    /// <summary>Writes JSON, the way that every answer is written.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write) => Write(write, static (json, write) => write(json));

    /// <inheritdoc cref="Write(Action{Utf8JsonWriter})"/>
    public static byte[] Write<T>(T what, Action<Utf8JsonWriter, T> write)
    {
        var scratch = Take();
        var json = scratch.Compose(what, write).ToArray();
        scratch.Return();
        return json;
    }

    /// <summary>Takes the thread's own. Taken and not shared: what an answer writes may write another.</summary>
    public static JsonScratch Take()
    {
        var scratch = kept ?? new JsonScratch();
        kept = null;
        return scratch;
    }

    /// <summary>Writes JSON, the way that every answer is written.</summary>
    /// <param name="what">What it tells.</param>
    /// <param name="write">Writes it.</param>
    /// <returns>The bytes, until <see cref="Return"/>.</returns>
    public ReadOnlySpan<byte> Compose<T>(T what, Action<Utf8JsonWriter, T> write)
    {
        write(json, what);
        json.Flush();
        return body.WrittenSpan;
    }

    /// <summary>Gives it back, on the same thread.</summary>
    public void Return()
    {
        if (body.Capacity > LargestKept)
            return;
        body.ResetWrittenCount();
        json.Reset();
        kept = this;
    }
}
