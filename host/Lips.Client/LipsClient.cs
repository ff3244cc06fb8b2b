using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lips.Client.Sending;

namespace Lips.Client;

/// <summary>
/// The HTTP API of LIPS. Safe to use from many threads at once; one is enough for a program. Every method throws
/// <see cref="LipsException"/> where the service refuses or does not answer, and <see cref="OperationCanceledException"/> where it is
/// cancelled. Requests that are safe to repeat are sent again by themselves (<see cref="LipsClientOptions.Retries"/>).
/// </summary>
public sealed partial class LipsClient : IDisposable
{
    private const string List = "contact_interactions";
    private const string Representation = "return=representation";

    private readonly LipsClientOptions options;
    private readonly HttpClient http;
    private readonly Uri root;

    /// <summary>Connects to nothing yet.</summary>
    /// <exception cref="ArgumentException">The address is not one of http or https, or the token cannot be sent.</exception>
    public LipsClient(LipsClientOptions options)
    {
        if (!options.Address.IsAbsoluteUri || options.Address.Scheme is not ("http" or "https"))
            throw new ArgumentException("The address must be like https://lips.example.", nameof(options));
        if (options.Token.Length == 0 || options.Token.Any(c => c is <= ' ' or > '~'))
            throw new ArgumentException("The token must be visible ASCII characters without spaces.", nameof(options));
        this.options = options;
        var address = options.Address.GetLeftPart(UriPartial.Path);
        root = new Uri(address.EndsWith('/') ? address : address + "/");
        // A redirect would be to another service, which shall not get the token.
        http = new HttpClient(Retries.Around(options.Handler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }, options))
        {
            // The pipeline has its own for each attempt, and a stream ends when it ends.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>How the model is written as JSON: by the names of the API, without what is null.</summary>
    public static JsonSerializerOptions JsonOptions => LipsJson.Default.Options;

    /// <inheritdoc />
    public void Dispose() => http.Dispose();

    /// <summary>All of what is read part by part: each part says where the next begins, the last says null.</summary>
    private static async IAsyncEnumerable<T> AllAsync<TPart, T>(
        Func<string?, CancellationToken, Task<TPart>> readAsync, Func<TPart, (IReadOnlyList<T> Items, string? Next)> takeApart,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? place = null;
        do
        {
            (var items, place) = takeApart(await readAsync(place, cancellation));
            foreach (var item in items)
                yield return item;
        }
        while (place is not null);
    }

    private Task<T> GetAsync<T>(Query target, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        ReadAsync(Request(HttpMethod.Get, target), type, cancellation);

    private async Task<T> ReadAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using (request)
        {
            using var answer = await SendAsync(request, cancellation);
            return await ReadAsync(answer, type, cancellation);
        }
    }

    private async Task DoAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using (request)
            (await SendAsync(request, cancellation)).Dispose();
    }

    private HttpRequestMessage Request(HttpMethod method, Query target, string? ifMatch = null)
    {
        var request = new HttpRequestMessage(method, new Uri(root, target.ToString()))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
        };
        request.Headers.TryAddWithoutValidation("Authorization", "token " + options.Token);
        if (options.ApiKey is { } key)
            request.Headers.TryAddWithoutValidation("x-api-key", key);
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        // All but POST are the same when they come twice. With If-Match the second would be refused because of the first, and the caller
        // would hear that nothing was changed.
        return request.IsSafe(method != HttpMethod.Post && ifMatch is null);
    }

    private static HttpContent Json<T>(T value, JsonTypeInfo<T> type) => Content(JsonSerializer.SerializeToUtf8Bytes(value, type));

    private static ByteArrayContent Content(byte[] json, string type = "application/json")
    {
        // Bytes, so that it can be sent again.
        var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return content;
    }

    /// <summary>The one way to the service.</summary>
    /// <returns>An answer of the 200s, its body not read yet.</returns>
    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (Exception e) when (IsLost(e, cancellation))
        {
            throw Lost(e);
        }

        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw await Refusal.ReadAsync(answer, cancellation);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
            return await JsonSerializer.DeserializeAsync(body, type, cancellation)
                ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new LipsException(
                $"{LipsException.StatusText(answer.StatusCode)}, and its body is none that this client knows.", e)
            {
                Status = answer.StatusCode,
            };
        }
        catch (Exception e) when (IsLost(e, cancellation))
        {
            throw Lost(e);
        }
    }

    private static bool IsLost(Exception e, CancellationToken cancellation) =>
        e is HttpRequestException or IOException or Polly.Timeout.TimeoutRejectedException
        || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    // The messages of these name addresses and reasons, never what was sent.
    private static LipsException Lost(Exception e) => new($"The service does not answer: {e.Message}", e);
}
