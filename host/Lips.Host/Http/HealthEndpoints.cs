using FastEndpoints;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.AspNetCore.Authorization;
using Npgsql;

namespace Lips.Host.Http;

/// <summary><c>GET /health/live</c>: the process runs.</summary>
internal sealed class LiveEndpoint : EndpointWithoutRequest
{
    public override void Configure()
    {
        Verbs(FastEndpoints.Http.GET, FastEndpoints.Http.HEAD);
        Routes("/health/live");
        AllowAnonymous();
        Summary(s => s.Summary = "Whether the process runs.");
    }

    public override Task HandleAsync(CancellationToken cancellation) => Health.Answer(HttpContext, "live");
}

/// <summary><c>GET /health/ready</c>: the database is migrated and answers; else 503.</summary>
internal sealed class ReadyEndpoint(NpgsqlDataSource database, Startup startup) : EndpointWithoutRequest
{
    private const int PatienceInSeconds = 2;

    public override void Configure()
    {
        Verbs(FastEndpoints.Http.GET, FastEndpoints.Http.HEAD);
        Routes("/health/ready");
        AllowAnonymous();
        Summary(s => s.Summary = "Whether the database is migrated and answers.");
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        if (!startup.IsDone || !await AnswersAsync(cancellation))
            await HttpContext.Unavailable();
        else
            await Health.Answer(HttpContext, "ready");
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
    public Task InvokeAsync(HttpContext http) =>
        startup.IsDone || http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null ? next(http) : http.Unavailable();
}
