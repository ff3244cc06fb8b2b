using System.Buffers;
using Lips.Interactions.Record;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Lips.Interactions.ShowInteraction;

/// <summary><c>GET /contact_interactions/:id</c>: the object itself, archived or not (contract section 5). To partners an archived one is not there.</summary>
internal sealed class ShowInteractionEndpoint(NpgsqlDataSource database) : IEndpoint
{
    // The advertiser comes from the id alone, which is why this is not InteractionRows.SelectOne. Index: interactions_by_id.
    public const string Select =
        $"""
        SELECT {InteractionJson.Columns}, i.advertiser
        FROM interactions.interactions i
        WHERE i.id = $1
        """;

    public static void Configure(EndpointDefinition endpoint) => endpoint.On("GET", "/contact_interactions/{id}").ForPartnersToo().Requires(Ability.Read);

    public async Task HandleAsync(HttpContext http)
    {
        if (http.TryRouteId(out var id) && await ReadAsync(id, http.Caller(), http.RequestAborted) is { } body)
            await http.AnswerJson(StatusCodes.Status200OK, body);
        else
            await http.NotFound("There is no such interaction.");
    }

    private async Task<ReadOnlyMemory<byte>?> ReadAsync(long id, Caller caller, CancellationToken cancellation)
    {
        await using var lent = await database.LendAsync(cancellation);
        await using var command = new NpgsqlCommand(Select, lent.Connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = id } } };
        await using var row = await command.ExecuteReaderAsync(cancellation);
        if (!await row.ReadAsync(cancellation) || !caller.MaySee(GlobalId.FromValue(row.GetInt64(InteractionJson.ColumnCount))))
            return null;
        if (caller.Profile == Profile.Partner && InteractionJson.IsArchived(row))
            return null;
        var body = new ArrayBufferWriter<byte>();
        new InteractionJson(body, caller).Write(row);
        return body.WrittenMemory;
    }
}
