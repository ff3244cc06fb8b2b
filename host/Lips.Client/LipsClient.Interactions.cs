using System.Text.Json;
using System.Text.Json.Nodes;
using Lips.Client.Sending;

namespace Lips.Client;

// Lists, one interaction, and changes.
public sealed partial class LipsClient
{
    /// <summary>A page of a list, with its counts.</summary>
    /// <param name="filter">Which interactions.</param>
    /// <param name="page">From 1; past the last page it is empty.</param>
    /// <param name="perPage">1 to 500; null for the usual.</param>
    /// <param name="order">In which order.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<InteractionPage> GetPageAsync(
        InteractionFilter filter, int page = 1, int? perPage = null, ListOptions? order = null, CancellationToken cancellation = default) =>
        GetAsync(
            Listed(filter, order).Add("page", page).Add("per_page", perPage), LipsJson.Default.InteractionPage, cancellation);

    /// <summary>A page of the partner profile. The client needs a key.</summary>
    /// <param name="filter">Which interactions: what is not for partners is not heeded.</param>
    /// <param name="page">From 1.</param>
    /// <param name="perPage">1 to 500; null for the usual.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<PartnerInteractionPage> GetPartnerPageAsync(
        InteractionFilter filter, int page = 1, int? perPage = null, CancellationToken cancellation = default) =>
        GetAsync(
            filter.AddTo(new Query(List)).Add("page", page).Add("per_page", perPage),
            LipsJson.Default.PartnerInteractionPage,
            cancellation);

    /// <summary>Some of a list, by cursor: nothing is skipped or given twice when others arrive meanwhile.</summary>
    /// <param name="filter">Which interactions.</param>
    /// <param name="limit">How many: 1 to 500.</param>
    /// <param name="after">The <c>Next</c> of the part before; null for the beginning.</param>
    /// <param name="before">The <c>Previous</c> of the part behind.</param>
    /// <param name="at">An instant: the list begins there.</param>
    /// <param name="order">In which order.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<InteractionCursorPage> GetCursorPageAsync(
        InteractionFilter filter, int limit, string? after = null, string? before = null, DateTimeOffset? at = null,
        ListOptions? order = null, CancellationToken cancellation = default) =>
        GetAsync(
            Listed(filter, order).Add("limit", limit).Add("after", after).Add("before", before)
                .Add("at", at?.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture)),
            LipsJson.Default.InteractionCursorPage, cancellation);

    /// <summary>All of a list, read by cursors as it is taken.</summary>
    /// <param name="filter">Which interactions.</param>
    /// <param name="order">In which order.</param>
    /// <param name="limit">How many are read at once: 1 to 500.</param>
    /// <param name="cancellation">Cancels.</param>
    public IAsyncEnumerable<Interaction> ListAsync(
        InteractionFilter filter, ListOptions? order = null, int limit = 500, CancellationToken cancellation = default) =>
        AllAsync(
            (after, token) => GetCursorPageAsync(filter, limit, after, order: order, cancellation: token),
            page => (page.ContactInteractions, page.HasMore ? page.Next : null),
            cancellation);

    /// <summary>An interaction, archived or not.</summary>
    public async Task<Interaction> GetAsync(long id, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Get, One(id));
        return await TaggedAsync(request, cancellation);
    }

    /// <summary>An interaction in the partner profile. The client needs a key.</summary>
    public Task<PartnerInteraction> GetPartnerAsync(long id, CancellationToken cancellation = default) =>
        GetAsync(One(id), LipsJson.Default.PartnerInteraction, cancellation);

    /// <summary>Changes an interaction.</summary>
    /// <param name="id">Which one.</param>
    /// <param name="change">What it sets.</param>
    /// <param name="ifMatch">
    /// The version that was seen: with another one nothing is changed, and the exception's status is 412. It is not sent again by itself
    /// then, since the second time would be refused because of the first.
    /// </param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>The interaction as it is now.</returns>
    public async Task<Interaction> UpdateAsync(
        long id, InteractionChange change, string? ifMatch = null, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Put, One(id), ifMatch);
        request.Headers.TryAddWithoutValidation("Prefer", Representation);
        var body = JsonSerializer.SerializeToNode(new Bodies.InteractionChange(change), LipsJson.Default.InteractionChangeBody)!;
        request.Content = Content(WithoutNotes(body, body["contact_interaction"], change));
        return await TaggedAsync(request, cancellation);
    }

    /// <summary>Archives an interaction; one that is archived stays so.</summary>
    public Task ArchiveAsync(long id, string? ifMatch = null, CancellationToken cancellation = default) =>
        DoAsync(Request(HttpMethod.Delete, One(id), ifMatch), cancellation);

    /// <summary>Brings an archived interaction back; one that is not archived stays so.</summary>
    public Task UnarchiveAsync(long id, string? ifMatch = null, CancellationToken cancellation = default) =>
        DoAsync(Request(HttpMethod.Put, One(id, "/unarchive"), ifMatch), cancellation);

    /// <summary>Changes up to 500 interactions at once. Safe to repeat; with a filter, while there are more.</summary>
    public async Task<InteractionActionDone> ActAsync(InteractionAction action, CancellationToken cancellation = default)
    {
        var body = JsonSerializer.SerializeToNode(new Bodies.InteractionAction(action), LipsJson.Default.InteractionActionBody)!;
        var request = Request(HttpMethod.Post, new Query(List + "/actions")).IsSafe(true);
        request.Content = Content(WithoutNotes(body, body["action"]!["set"], action.Set));
        return (await ReadAsync(request, LipsJson.Default.InteractionActionDoneBody, cancellation)).Action;
    }

    /// <summary>What was done to an interaction, newest first.</summary>
    public IAsyncEnumerable<HistoryEntry> ListHistoryAsync(long id, CancellationToken cancellation = default) => AllAsync(
        (before, token) => GetAsync(One(id, "/history").Add("limit", 500).Add("before", before), LipsJson.Default.HistoryPage, token),
        page => (page.History, page.HasMore ? page.Next : null),
        cancellation);

    private static Query One(long id, string rest = "") => new(FormattableString.Invariant($"{List}/{id}{rest}"));

    private static Query Listed(InteractionFilter filter, ListOptions? order)
    {
        order ??= ListOptions.Usual;
        return filter.AddTo(new Query(List)).Add("sort_by", order.SortBy).Add("sort_dir", order.SortDir)
            .Add("fields", order.IsSummary ? "summary" : null);
    }

    private async Task<Interaction> TaggedAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var answer = await SendAsync(request, cancellation);
        var interaction = await ReadAsync(answer, LipsJson.Default.Interaction, cancellation);
        interaction.ETag = answer.Headers.ETag?.ToString();
        return interaction;
    }

    // Null means that they are removed; what is left out stays as it is.
    private static byte[] WithoutNotes(JsonNode body, JsonNode? set, InteractionChange? change)
    {
        if (change?.RemovesNotes == true)
            set!["notes"] = null;
        return JsonSerializer.SerializeToUtf8Bytes(body, LipsJson.Default.JsonNode);
    }
}
