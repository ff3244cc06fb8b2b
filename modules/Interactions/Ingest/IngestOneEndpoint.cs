using System.Buffers;
using System.Globalization;
using System.Text.Json;
using FastEndpoints;
using Lips.Audit.Contracts;
using Lips.Counters.Contracts;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Lips.Interactions.Ingest;

/// <summary><c>POST /contact_interactions</c>: brings one interaction in (contract section 7).</summary>
internal sealed class IngestOneEndpoint(AdvertiserWrites writes, AuditTrail trail, TimeProvider clock) : Endpoint<InteractionInput>
{
    public override void Configure()
    {
        Post("/contact_interactions");
        Policies(Allow.Ingest);
        RequestBinder(new JsonBinder<InteractionInput>(Read));
        Definition.Describe(IngestReference.One);
    }

    public override async Task HandleAsync(InteractionInput input, CancellationToken cancellation)
    {
        var http = HttpContext;
        var caller = http.Caller();
        if (!caller.MaySee(input.Advertiser))
        {
            await http.NotAuthorized("advertiser");
            return;
        }

        var actor = trail.ActorOf(http);
        var (outcome, stored) = await writes.RunAsync(
            [input.Advertiser], (write, token) => StoreAsync(write, input, caller, actor, token), cancellation);
        LipsMeter.Ingested(outcome.Word);
        if (outcome.Result == IngestResult.KeyOfAnotherBody)
        {
            var errors = new ValidationErrors();
            errors.Add(IdempotencyHeader.Name, "came with another body before");
            await http.Invalid(errors);
            return;
        }

        http.Response.Headers.Location = string.Create(CultureInfo.InvariantCulture, $"/contact_interactions/{outcome.Id}");
        await http.AnswerJson(outcome.Result == IngestResult.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK, stored);
    }

    private static InteractionInput Read(JsonElement body, HttpContext http, ValidationErrors errors)
    {
        var key = IdempotencyHeader.Read(http.Request, errors);
        InteractionParser.TryUnwrap(body, errors, out var record);
        var input = InteractionParser.Parse(record, errors);
        if (!errors.None)
            LipsMeter.Ingested("rejected");
        if (input is not null && key is not null)
            input.Key = IdempotencyHeader.Of(http.Caller(), key, record);
        return input!;
    }

    /// <summary>Stores the record and reads the answer in the same transaction: once it is committed nothing can fail any more.</summary>
    private async Task<(IngestOutcome Outcome, ReadOnlyMemory<byte> Stored)> StoreAsync(
        AdvertiserWrite write, InteractionInput input, Caller caller, AuditActor actor, CancellationToken cancellation)
    {
        var now = UtcTime.CutToMilliseconds(clock.GetUtcNow().UtcDateTime);
        var outcomes = await IngestBatch.AddAsync(
            write, [input], now, added =>
                trail.Statement(actor, AuditEntry.Of(AuditAction.Ingest, input.Advertiser, added.FirstId)), cancellation);
        var outcome = outcomes[0];
        if (outcome.Result == IngestResult.KeyOfAnotherBody)
            return (outcome, default);
        await write.SendAsync(cancellation);
        return (outcome, await ReadAsync(write.Connection, input.Advertiser, outcome.Id, caller, cancellation));
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(
        NpgsqlConnection connection, GlobalId advertiser, long id, Caller caller, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>();
        if (!caller.May(Ability.Read))
        {
            JsonAnswer.WriteTo(body, json =>
            {
                json.WriteStartObject();
                json.WriteNumber("id"u8, id);
                json.WriteEndObject();
            });
            return body.WrittenMemory;
        }

        await using var command = new NpgsqlCommand(InteractionReader.SelectOne, connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = advertiser.Value }, new NpgsqlParameter<long> { TypedValue = id } },
        };
        await using var row = await command.ExecuteReaderAsync(cancellation);
        if (!await row.ReadAsync(cancellation))
            throw new InvalidOperationException("An interaction that was just stored is not there.");
        new InteractionJson(body, caller).Write(row);
        return body.WrittenMemory;
    }
}
