using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Host.Http;

/// <summary><c>GET /health/live</c>: the process runs.</summary>
internal sealed class LiveEndpoint : IEndpoint
{
    public static void Configure(EndpointDefinition endpoint) => endpoint.On("GET", "/health/live").IsOpenToAll();

    public Task HandleAsync(HttpContext http) => Health.Answer(http, "live");
}

/// <summary><c>GET /health/ready</c>: the database is migrated and answers; else 503.</summary>
internal sealed class ReadyEndpoint(NpgsqlDataSource database, Startup startup) : IEndpoint
{
    private const int PatienceInSeconds = 2;

    public static void Configure(EndpointDefinition endpoint) => endpoint.On("GET", "/health/ready").IsOpenToAll();

    public async Task HandleAsync(HttpContext http)
    {
        if (!startup.IsDone || !await AnswersAsync(http.RequestAborted))
            await http.Unavailable();
        else
            await Health.Answer(http, "ready");
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            await using var lent = await database.LendAsync(cancellation);
            await using var command = new NpgsqlCommand("SELECT 1", lent.Connection) { CommandTimeout = PatienceInSeconds };
            await command.ExecuteNonQueryAsync(cancellation);
            return true;
        }
        catch (Exception e) when (LipsDatabase.IsAway(e))
        {
            return false;
        }
    }
}

internal static class Health
{
    public static Task Answer(HttpContext http, string status) => http.AnswerJson(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteString("status"u8, status);
        json.WriteEndObject();
    });
}

/// <summary>Answers 503 to all but the health endpoints until the database is prepared.</summary>
internal sealed class ReadinessMiddleware(RequestDelegate next, Startup startup)
{
    public Task InvokeAsync(HttpContext http)
    {
        var access = http.GetEndpoint()?.Metadata.GetMetadata<EndpointAccess>();
        return startup.IsDone || access is { Ability: Ability.None } ? next(http) : http.Unavailable();
    }
}
