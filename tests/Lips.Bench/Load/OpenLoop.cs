using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lips.Bench.Load;

/// <summary>
/// Load at a given rate: requests come at times that are fixed beforehand, whether or not earlier ones were answered, and their latency
/// counts from those times. So a server that stalls is charged for all that came meanwhile, which wrk, whose connections wait for their
/// answers, leaves out. One thread and plain sockets, so that it takes little of the machine that it measures.
/// </summary>
internal static class OpenLoop
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Sends requests.</summary>
    /// <param name="server">The server.</param>
    /// <param name="next">Gives the next request, as bytes; each is sent with headers of its own.</param>
    /// <param name="perSecond">The rate.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="status">Of the expected answers.</param>
    /// <exception cref="BenchException">An answer was not the expected one, or they did not come.</exception>
    public static Task<LoadRun> RunAsync(Server server, Func<byte[]> next, double perSecond, int seconds, int status) =>
        Task.Factory.StartNew(
            () => Run(server.Address, next, perSecond, (int)(perSecond * seconds), status, Wrk.Connections, null),
            TaskCreationOptions.LongRunning);

    /// <summary>Sends requests on many connections to a server that may refuse some with 503.</summary>
    /// <param name="server">The server.</param>
    /// <param name="next">Gives the next request, as bytes; each is sent with headers of its own.</param>
    /// <param name="perSecond">The rate; what is beyond what the connections can take is as many as they can.</param>
    /// <param name="total">How many requests.</param>
    /// <param name="connections">On how many connections.</param>
    /// <exception cref="BenchException">An answer was neither 200 nor 503, or they did not come.</exception>
    public static Task<LoadRun> OverloadAsync(Server server, Func<byte[]> next, double perSecond, int total, int connections)
    {
        var refusals = new List<double>(total);
        return Task.Factory.StartNew(
            () => Run(server.Address, next, perSecond, total, 200, connections, refusals), TaskCreationOptions.LongRunning);
    }

    /// <summary>A request with GET as bytes, which may be sent again.</summary>
    public static byte[] Get(Server server, Target target, string token) => Encoding.ASCII.GetBytes(
        $"GET {target.Path} HTTP/1.1\r\nHost: {server.Address.Authority}\r\nAuthorization: token {token}\r\n{OwnHeaders.Lines}"
        + (target.Header is null ? "\r\n" : $"{target.Header}: {target.Value}\r\n\r\n"));

    /// <summary>An update of an interaction as bytes.</summary>
    public static byte[] Put(Server server, long id, bool read)
    {
        var body = read ? "{\"contact_interaction\":{\"read\":true}}" : "{\"contact_interaction\":{\"read\":false}}";
        return Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"PUT /contact_interactions/{id} HTTP/1.1\r\nHost: {server.Address.Authority}\r\n")
            + $"Authorization: token {World.Token}\r\n{OwnHeaders.Lines}"
            + string.Create(
                CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }

    private static LoadRun Run(
        Uri address, Func<byte[]> next, double perSecond, int total, int status, int count, List<double>? refusals)
    {
        var connections = Enumerable.Range(0, count).Select(_ => new Connection(address, status, refusals is not null)).ToList();
        try
        {
            var latencies = new List<double>(total);
            var idle = new Stack<Connection>(connections);
            var bySocket = connections.ToDictionary(c => c.Socket);
            var readable = new List<Socket>();
            var start = Stopwatch.GetTimestamp();
            for (var sent = 0; latencies.Count + (refusals?.Count ?? 0) < total;)
            {
                for (; sent < total && idle.Count > 0 && DueIn(sent) <= 0; sent++)
                    idle.Pop().Send(OwnHeaders.Renew(next()), Due(sent));
                readable.Clear();
                readable.AddRange(bySocket.Keys);
                // Also those that nothing is expected of: the call is the clock, too.
                Socket.Select(
                    readable, null, null, (int)(sent < total && idle.Count > 0 ? Math.Clamp(DueIn(sent) * 1e6, 0, 10_000) : 10_000));
                foreach (var socket in readable)
                {
                    if (!bySocket[socket].Receive())
                        continue;
                    (bySocket[socket].IsRefused ? refusals! : latencies).Add(
                        Stopwatch.GetElapsedTime(bySocket[socket].Due).TotalMilliseconds);
                    idle.Push(bySocket[socket]);
                }

                if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(total / perSecond) + Patience)
                    throw new BenchException($"The run is void: of {total} requests {total - latencies.Count} were not answered in time.");
            }

            var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            latencies.Sort();
            refusals?.Sort();
            return new LoadRun(latencies.Count / elapsed, At(latencies, 0.5), At(latencies, 0.99), latencies.Count)
            {
                Refused = refusals?.Count ?? 0,
                RefusedP99 = refusals?.Count > 0 ? At(refusals, 0.99) : 0,
            };

            static double At(List<double> sorted, double part) => sorted[(int)(sorted.Count * part)];

            long Due(int number) => start + (long)(number / perSecond * Stopwatch.Frequency);

            double DueIn(int number) => (double)(Due(number) - Stopwatch.GetTimestamp()) / Stopwatch.Frequency;
        }
        finally
        {
            foreach (var connection in connections)
                connection.Dispose();
        }
    }

    /// <summary>A connection with at most one request under way.</summary>
    private sealed class Connection : IDisposable
    {
        private readonly int status;
        private readonly bool mayRefuse;
        private byte[] buffer = new byte[64 * 1024];
        private int length;

        public Connection(Uri address, int status, bool mayRefuse)
        {
            (this.status, this.mayRefuse) = (status, mayRefuse);
            Socket.Connect(IPAddress.Parse(address.Host), address.Port);
        }

        public Socket Socket { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        /// <summary>Whether the last answer was 503.</summary>
        public bool IsRefused { get; private set; }

        /// <summary>When the request was to be sent, as a time stamp.</summary>
        public long Due { get; private set; }

        public void Send(byte[] request, long due)
        {
            Due = due;
            length = 0;
            Socket.Send(request);
        }

        /// <summary>Takes what has come.</summary>
        /// <returns>Whether the answer is whole.</returns>
        public bool Receive()
        {
            if (length == buffer.Length)
                Array.Resize(ref buffer, 2 * length);
            var read = Socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None);
            length += read;
            if (read == 0)
                throw new BenchException("The run is void: a connection was closed.");
            var head = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            return head >= 0 && length >= head + 4 + BodyOf(buffer.AsSpan(0, head));
        }

        public void Dispose() => Socket.Dispose();

        private int BodyOf(ReadOnlySpan<byte> head)
        {
            var text = Encoding.ASCII.GetString(head);
            IsRefused = mayRefuse && text.StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal);
            var isExpected = IsRefused
                || text.StartsWith(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} "), StringComparison.Ordinal);
            if (!isExpected)
                throw new BenchException(
                    $"The run is void: an answer was not {status}, but {Encoding.UTF8.GetString(buffer, 0, length)}");
            const string name = "\r\nContent-Length: ";
            var start = text.IndexOf(name, StringComparison.OrdinalIgnoreCase);
            if (start >= 0)
                return int.Parse(text[(start + name.Length)..].Split('\r')[0], CultureInfo.InvariantCulture);
            // Without a length it is either without a body, or in chunks, of which the last is empty.
            return status == 304 || buffer.AsSpan(0, length).EndsWith("\r\n0\r\n\r\n"u8) ? 0 : int.MaxValue / 2;
        }
    }
}
