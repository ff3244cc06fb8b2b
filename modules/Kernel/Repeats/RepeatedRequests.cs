using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Lips.Kernel.Repeats;

/// <summary>A request that may come again, who may ask it, and the headers that every answer to it has.</summary>
public sealed class RepeatedRequest
{
    // Made anew with each answer.
    private static readonly HashSet<string> Changing = new(StringComparer.OrdinalIgnoreCase) { "Content-Length", "Content-Type", "Date", "ETag", "Link" };

    /// <param name="repeatable">Answers it.</param>
    /// <param name="credential">Lets it in.</param>
    /// <param name="response">An answer to it, with all its headers.</param>
    public RepeatedRequest(IRepeatable repeatable, ICredential credential, HttpResponse response)
    {
        (Repeatable, Credential) = (repeatable, credential);
        var lines = response.Headers.Where(h => !Changing.Contains(h.Key)).SelectMany(h => h.Value.Select(value => $"{h.Key}: {value}\r\n"));
        Headers = Encoding.Latin1.GetBytes(string.Concat(lines));
    }

    internal byte[] Headers { get; }

    internal IRepeatable Repeatable { get; }

    internal ICredential Credential { get; }
}

/// <summary>
/// The requests of a node that may come again, by the bytes of their heads. The bytes are the credential's too, so no two callers share one. What is not asked again is let
/// go of with all others when there are too many.
/// </summary>
public sealed class RepeatedRequests
{
    /// <summary>The longest head that is kept, in bytes.</summary>
    public const int LongestHead = 2_048;

    // With the longest heads some 20 MB, with usual ones 4. To know which was used the longest ago would cost each request.
    private const int Capacity = 8_192;

    private readonly ConcurrentDictionary<byte[], RepeatedRequest> known = new(HeadComparer.Instance);
    private readonly ConcurrentDictionary<byte[], RepeatedRequest>.AlternateLookup<ReadOnlySpan<byte>> byHead;

    /// <summary>None yet.</summary>
    public RepeatedRequests() => byHead = known.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>Finds the request with exactly this head.</summary>
    public bool TryFind(ReadOnlySpan<byte> head, [NotNullWhen(true)] out RepeatedRequest? request) => byHead.TryGetValue(head, out request);

    /// <summary>Keeps a request under its head.</summary>
    public void Keep(byte[] head, RepeatedRequest request)
    {
        if (known.Count >= Capacity)
            known.Clear();
        known[head] = request;
    }

    /// <summary>Lets go of a request.</summary>
    public void Remove(byte[] head) => known.TryRemove(head, out _);

    private sealed class HeadComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly HeadComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        // As a string's, seeded at random in each process; an odd byte at the end is a line feed.
        public int GetHashCode(ReadOnlySpan<byte> alternate) => string.GetHashCode(MemoryMarshal.Cast<byte, char>(alternate));

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
