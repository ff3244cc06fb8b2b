using System.Runtime.CompilerServices;
using System.Text.Json;
using Lips.Client.Sending;

namespace Lips.Client;

// Bringing interactions in.
public sealed partial class LipsClient
{
    /// <summary>Brings an interaction in, exactly once: by its external ids, or by the key.</summary>
    /// <param name="interaction">The interaction.</param>
    /// <param name="idempotencyKey">
    /// Of an interaction without external ids: the same key with the same interaction adds nothing. Null for a new one, which still keeps
    /// the retries of this call apart from a second interaction.
    /// </param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Its id, whether it is new, and the interaction where the token may read.</returns>
    public async Task<AddedInteraction> AddAsync(
        NewInteraction interaction, string? idempotencyKey = null, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Post, new Query(List)).IsSafe(true);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey ?? Guid.NewGuid().ToString("N"));
        request.Content = Json(new Bodies.NewInteractionBody(interaction), LipsJson.Default.NewInteractionBody);
        using var answer = await SendAsync(request, cancellation);
        var json = await ReadAsync(answer, LipsJson.Default.JsonElement, cancellation);
        var isNew = answer.StatusCode == System.Net.HttpStatusCode.Created;
        try
        {
            return json.TryGetProperty("event_type", out _) && json.Deserialize(LipsJson.Default.Interaction) is { } whole
                ? new AddedInteraction(whole.Id, isNew, whole)
                : new AddedInteraction(json.Deserialize(LipsJson.Default.StoredInteraction)!.Id, isNew, null);
        }
        catch (JsonException e)
        {
            throw new LipsException("The answer is none that this client knows.", e) { Status = answer.StatusCode };
        }
    }

    /// <summary>Brings many interactions in, in parts of up to 1,000, each of which is sent again until it is answered.</summary>
    /// <param name="interactions">The interactions, taken one after the other as they are sent.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Cancels; what was committed stays.</param>
    /// <returns>What became of all of them.</returns>
    public Task<UploadProgress> UploadAsync(
        IAsyncEnumerable<NewInteraction> interactions, UploadOptions? options = null, CancellationToken cancellation = default) =>
        UploadAsync(LinesOf(interactions, cancellation), options, cancellation);

    /// <summary>Brings the lines of NDJSON in, an interaction each.</summary>
    /// <param name="ndjson">The lines, UTF-8. Memory stays flat, however long it is.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Cancels; what was committed stays.</param>
    public Task<UploadProgress> UploadAsync(Stream ndjson, UploadOptions? options = null, CancellationToken cancellation = default) =>
        UploadAsync(LinesIn.ReadAsync(ndjson, cancellation), options, cancellation);

    /// <summary>Brings lines in, each the JSON of an interaction. A line is no longer used when the next is asked for.</summary>
    /// <exception cref="ArgumentException">The lines before the checkpoint are not those that led to it.</exception>
    /// <inheritdoc cref="UploadAsync(IAsyncEnumerable{NewInteraction}, UploadOptions?, CancellationToken)"/>
    public async Task<UploadProgress> UploadAsync(
        IAsyncEnumerable<ReadOnlyMemory<byte>> lines, UploadOptions? options = null, CancellationToken cancellation = default)
    {
        var part = new UploadPart(options?.Name ?? Guid.NewGuid().ToString("N"));
        var resume = Checkpoint.Parse(options?.ResumeFrom);
        var done = new UploadProgress
        {
            Line = 0,
            Received = 0,
            Created = 0,
            Duplicates = 0,
            Rejected = 0,
            Ignored = 0,
            Errors = [],
            Checkpoint = part.Checkpoint,
        };
        await foreach (var line in lines.WithCancellation(cancellation))
        {
            part.Add(line.Span);
            if (part.IsFull)
                done = await HandOverAsync(part, resume, done, options, cancellation);
        }

        if (part.Lines > 0)
            done = await HandOverAsync(part, resume, done, options, cancellation);
        return done.Line >= resume.Line ? done : throw Checkpoint.Wrong();
    }

    private async Task<UploadProgress> HandOverAsync(
        UploadPart part, Checkpoint resume, UploadProgress done, UploadOptions? options, CancellationToken cancellation)
    {
        part.Close();
        if (part.LastLine <= resume.Line)
        {
            if (part.LastLine == resume.Line && part.Checkpoint != resume.Text)
                throw Checkpoint.Wrong();
            done = done with { Line = part.LastLine, Checkpoint = part.Checkpoint };
            part.Clear();
            return done;
        }

        // A line was added to the part that was the last one.
        if (part.FirstLine <= resume.Line)
            throw Checkpoint.Wrong();
        var report = await SendAsync(part, cancellation);
        done = done with
        {
            Line = part.LastLine,
            Received = done.Received + report.Received,
            Created = done.Created + report.Created,
            Duplicates = done.Duplicates + report.Duplicates,
            Rejected = done.Rejected + report.Rejected,
            Ignored = done.Ignored + report.Ignored,
            Errors = [.. report.Errors.Select(error => new UploadError(
                part.FirstLine - 1 + error.Line,
                part.Text(error.Line),
                new LipsError { Attribute = error.Attribute, Message = error.Message }))],
            Checkpoint = part.Checkpoint,
        };
        part.Clear();
        options?.Progress?.Report(done);
        return done;
    }

    private Task<BulkReport> SendAsync(UploadPart part, CancellationToken cancellation)
    {
        var request = Request(HttpMethod.Post, new Query(List + "/bulk")).IsSafe(true);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", part.Key);
        request.Content = Content(part.ToArray(), "application/x-ndjson");
        return ReadAsync(request, LipsJson.Default.BulkReport, cancellation);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> LinesOf(
        IAsyncEnumerable<NewInteraction> interactions, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var interaction in interactions.WithCancellation(cancellation))
            yield return JsonSerializer.SerializeToUtf8Bytes(interaction, LipsJson.Default.NewInteraction);
    }
}

/// <summary>An interaction that was brought in.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IsNew">False when it was there already.</param>
/// <param name="Interaction">As it is stored; null for a token that may not read.</param>
public sealed record AddedInteraction(long Id, bool IsNew, Interaction? Interaction);
