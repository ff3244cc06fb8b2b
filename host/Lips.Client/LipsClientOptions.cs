namespace Lips.Client;

/// <summary>Where the service is, and how it is called.</summary>
public sealed class LipsClientOptions
{
    /// <summary>The service's address, such as <c>https://lips.example</c>; a path in it goes before every route.</summary>
    public required Uri Address { get; init; }

    /// <summary>The token's secret.</summary>
    public required string Token { get; init; }

    /// <summary>The token's key for the partner profile; null for the full one.</summary>
    public string? ApiKey { get; init; }

    /// <summary>How often a request that is safe to repeat is sent again; 0 for never.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>The pause before the first retry; the next ones grow, with some chance in them.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause. A service that asks for a longer one (<c>Retry-After</c>) is not asked again.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an answer may take to begin.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How long a stream may be silent before it is opened again. The service says something every 15 seconds.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>What sends the requests; null for a <see cref="SocketsHttpHandler"/>. The client disposes of it.</summary>
    public HttpMessageHandler? Handler { get; init; }
}
