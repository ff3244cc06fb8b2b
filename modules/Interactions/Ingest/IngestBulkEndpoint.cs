using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using FastEndpoints;
using Lips.Audit.Contracts;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lips.Interactions.Ingest;

/// <summary>
/// <c>POST /contact_interactions/bulk</c>: NDJSON of any size (contract section 7). Lines are read and checked into a batch while the one
/// before it is written, in two lanes, each with half of the advertisers: so at most four batches are in memory, and each is a transaction
/// of its own.
/// </summary>
internal sealed class IngestBulkEndpoint(AdvertiserWrites writes, AuditTrail trail, TimeProvider clock) : EndpointWithoutRequest
{
    // Large enough that a transaction's fixed cost is small beside its rows, small enough that other writers of the same advertiser wait
    // a fraction of a second for it.
    private const int BatchRecords = 2_000;
    private const long BatchBytes = 4 << 20;

    // What writes one waits for the other half of the time: for the node as it matches records, for the database as it stores them. Two
    // keep both busy.
    private const int Lanes = 2;

    public override void Configure()
    {
        Post("/contact_interactions/bulk");
        Policies(Allow.Ingest);
        Definition.TakesLong();
        Definition.Describe(IngestReference.Bulk);
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        var http = HttpContext;
        if (http.Request.ContentType is not { } type || !Requests.IsMediaType(type, "application/x-ndjson"))
        {
            await http.Status(StatusCodes.Status415UnsupportedMediaType, "The body must be application/x-ndjson.");
            return;
        }

        var encoding = http.Request.Headers.ContentEncoding.ToString();
        // RFC 9110, 8.4.1.3: they are the same.
        var isGzip = encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase)
            || encoding.Equals("x-gzip", StringComparison.OrdinalIgnoreCase);
        if (!isGzip && encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            await http.Status(StatusCodes.Status415UnsupportedMediaType, "The body may be encoded with gzip, and with nothing else.");
            return;
        }

        var errors = new ValidationErrors();
        var key = IdempotencyHeader.Read(http.Request, errors);
        if (!errors.None)
        {
            await http.Invalid(errors);
            return;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        var report = new BulkReport { IsStrict = http.Prefers(Requests.Strict) };
        try
        {
            await using var body = isGzip ? new GzipBody(http.Request.Body) : http.Request.Body;
            await ReadAsync(body, http.Caller(), trail.ActorOf(http), key, report, http.RequestAborted);
        }
        catch (GzipException e)
        {
            await http.Status(
                e.IsTooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest,
                $"The body {e.Message}: {report}. Sending it again is safe for records with external ids or an Idempotency-Key.");
            return;
        }

        if (report.Refusal is { } refusal)
        {
            errors.Add("contact_interaction", refusal);
            await http.Invalid(errors);
            return;
        }

        await http.AnswerJson(StatusCodes.Status200OK, report.WriteTo);
    }

    private async Task ReadAsync(
        Stream body, Caller caller, AuditActor actor, string? key, BulkReport report, CancellationToken cancellation)
    {
        await using var lines = new LineReader(body);
        var lanes = Enumerable.Range(0, Lanes).Select(_ => new Lane(batch => WriteAsync(batch, actor, cancellation))).ToArray();
        try
        {
            while (await lines.ReadAsync(cancellation))
            {
                if (Check(lines, caller, key, report) is not { } input)
                {
                    if (report.EndsAtUselessLine(lines.Number))
                        break;
                    continue;
                }

                report.Useful++;
                var lane = lanes[(int)(input.Advertiser.Value % Lanes)];
                lane.Add(lines.Number, input, lines.Line.Length);
                if (lane.IsFull)
                    await lane.HandOverAsync(report);
            }

            // A body that is one batch is one transaction. Not once a lane has handed something over: what an advertiser sent first is
            // written first.
            if (lanes.Sum(lane => lane.Records) <= BatchRecords && !lanes.Any(lane => lane.HasHandedOver))
                lanes[0].Join(lanes[1..]);
            foreach (var lane in lanes)
                await lane.HandOverAsync(report);
        }
        finally
        {
            // What was handed over is finished, whatever became of the reading or of another lane.
            await Task.WhenAll(lanes.Select(lane => lane.FinishAsync(report)));
        }
    }

    /// <summary>Reads a line.</summary>
    /// <returns>Null when it is blank, or was rejected in the report.</returns>
    private static InteractionInput? Check(LineReader lines, Caller caller, string? key, BulkReport report)
    {
        var errors = new ValidationErrors(report.IsStrict);
        var line = Trim(lines.Line, isFirst: lines.Number == 1);
        if (line.IsEmpty && !lines.IsTooLong)
            return null;
        InteractionInput? input = null;
        report.Received++;
        if (lines.IsTooLong)
            errors.Add("contact_interaction", "is a line of more than 1 MiB");
        else
            input = Parse(line, caller, key is null ? null : string.Create(CultureInfo.InvariantCulture, $"{key}/{lines.Number}"), errors);
        report.Ignored += errors.Ignored;
        if (input is not null)
            return input;
        LipsMeter.Ingested("rejected");
        report.Reject(lines.Number, errors.Lines);
        return null;
    }

    private static InteractionInput? Parse(ReadOnlyMemory<byte> line, Caller caller, string? key, ValidationErrors errors)
    {
        if (!Utf8.IsValid(line.Span))
        {
            errors.Add("contact_interaction", "is not UTF-8");
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(line, Requests.JsonOptions);
            if (!InteractionParser.TryUnwrap(document.RootElement, errors, out var record))
                record = document.RootElement;
            var input = InteractionParser.Parse(record, errors);
            if (input is not null && !caller.MaySee(input.Advertiser))
            {
                errors.Add("global_master_advertiser_id", "is not one of this token's advertisers");
                return null;
            }

            if (input is not null && key is not null)
                input.Key = IdempotencyHeader.Of(caller, key, record);
            return input;
        }
        catch (JsonException)
        {
            var fault = JsonFault.Of(line.Span);
            errors.Add("contact_interaction", string.Create(CultureInfo.InvariantCulture, $"{fault.What} (byte {fault.Byte})"));
            return null;
        }
    }

    private async Task<IReadOnlyList<IngestOutcome>> WriteAsync(Batch batch, AuditActor actor, CancellationToken cancellation)
    {
        if (batch.Inputs.Count == 0)
            return [];
        var now = UtcTime.CutToMilliseconds(clock.GetUtcNow().UtcDateTime);
        return await writes.RunAsync(batch.Inputs.Select(i => i.Advertiser),
            (write, token) => IngestBatch.AddAsync(write, batch.Inputs, now, Audit, token), cancellation);

        Npgsql.NpgsqlBatchCommand Audit(NewInteractions added) =>
            trail.Statement(
                actor, new AuditEntry(AuditAction.IngestBulk) { Advertisers = added.Advertisers, Batch = (added.FirstId, added.LastId) });
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> line, bool isFirst) =>
        (isFirst ? Requests.WithoutMark(line) : line).Trim(" \t\r"u8);

    /// <summary>
    /// The advertisers of a lane are written one batch after the other, the next one being read meanwhile; other lanes at the same time.
    /// </summary>
    private sealed class Lane(Func<Batch, Task<IReadOnlyList<IngestOutcome>>> writeAsync)
    {
        private Batch batch = new();
        private Batch written = new();
        private Task<IReadOnlyList<IngestOutcome>> writing = Task.FromResult<IReadOnlyList<IngestOutcome>>([]);

        public bool IsFull => batch.IsFull;

        /// <summary>How many came this way.</summary>
        public long Records { get; private set; }

        public void Add(long line, InteractionInput input, int length)
        {
            Records++;
            batch.Add(line, input, length);
        }

        public bool HasHandedOver { get; private set; }

        /// <summary>Takes over what others have read, none of which has handed anything over.</summary>
        public void Join(IEnumerable<Lane> others)
        {
            foreach (var other in others)
            {
                batch.Add(other.batch);
                other.batch = new Batch();
            }
        }

        /// <summary>Begins to write what was read, once what was handed over before is written.</summary>
        public async Task HandOverAsync(BulkReport report)
        {
            HasHandedOver = true;
            await FinishAsync(report);
            (written, batch) = (batch, new Batch());
            writing = writeAsync(written);
        }

        /// <summary>Waits until what was handed over is written, and reports it once.</summary>
        public async Task FinishAsync(BulkReport report)
        {
            var outcomes = await writing;
            lock (report)
                written.Report(outcomes, report);
            written = new Batch();
            writing = Task.FromResult<IReadOnlyList<IngestOutcome>>([]);
        }
    }

    /// <summary>Checked records that are written together.</summary>
    private sealed class Batch
    {
        private readonly List<long> lines = [];
        private long bytes;

        public List<InteractionInput> Inputs { get; } = [];

        public bool IsFull => Inputs.Count >= BatchRecords || bytes >= BatchBytes;

        public void Add(long line, InteractionInput input, int length)
        {
            lines.Add(line);
            Inputs.Add(input);
            bytes += length;
        }

        public void Add(Batch other)
        {
            lines.AddRange(other.lines);
            Inputs.AddRange(other.Inputs);
            bytes += other.bytes;
        }

        public void Report(IReadOnlyList<IngestOutcome> outcomes, BulkReport report)
        {
            for (var i = 0; i < outcomes.Count; i++)
                report.Add(lines[i], outcomes[i]);
        }
    }
}
