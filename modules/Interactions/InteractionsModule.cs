using Lips.Counters.Contracts;
using Lips.Interactions.Actions;
using Lips.Interactions.Archive;
using Lips.Interactions.Contracts;
using Lips.Interactions.ExportCsv;
using Lips.Interactions.Filter;
using Lips.Interactions.History;
using Lips.Interactions.Ingest;
using Lips.Interactions.ListAdvertisers;
using Lips.Interactions.ListChanges;
using Lips.Interactions.Listing;
using Lips.Interactions.ListInteractions;
using Lips.Interactions.Migrations;
using Lips.Interactions.Series;
using Lips.Interactions.Serving;
using Lips.Interactions.ShowInteraction;
using Lips.Interactions.StreamTotals;
using Lips.Interactions.Totals;
using Lips.Interactions.Unarchive;
using Lips.Interactions.UpdateInteraction;
using Lips.Interactions.Writing;
using Lips.Kernel.Database;
using Lips.Kernel.Reference;
using Microsoft.Extensions.DependencyInjection;

namespace Lips.Interactions;

/// <summary>The Interactions module: the record itself, one slice a use case.</summary>
public static class InteractionsModule
{
    /// <summary>Adds the module's services.</summary>
    public static IServiceCollection AddInteractions(this IServiceCollection services) => services
        .AddSingleton(ModuleSchema.Of<InteractionsContext>(
            InteractionsContext.Schema, o => new InteractionsContext(o), ReadPhonesAgain.Migration))
        .AddSingleton<InteractionReader>()
        .AddSingleton<ChangeBatcher>()
        .AddSingleton<CountInteractions>()
        .AddSingleton<AnswerVerification>()
        .AddSingleton<PartnerFilter>()
        .AddSingleton<AnchorCache>()
        .AddSingleton<DeepPage>()
        .AddSingleton<ActionSelection>()
        .AddSingleton<PageReader>()
        .AddSingleton(new CountedRows(
            """
            SELECT occurred_at, campaign, kind, channel, wpc_id IS NOT NULL AS has_wpc, read, important, archived_at IS NOT NULL AS archived
            FROM interactions.interactions WHERE advertiser = $1
            """,
            // From each to the next, instead of over all rows. Index: interactions_pkey.
            """
            WITH RECURSIVE one AS (
                SELECT min(advertiser) AS advertiser FROM interactions.interactions
                UNION ALL
                SELECT (SELECT min(i.advertiser) FROM interactions.interactions i WHERE i.advertiser > one.advertiser) FROM one
                    WHERE one.advertiser IS NOT NULL
            )
            SELECT advertiser FROM one WHERE advertiser IS NOT NULL
            """));

    /// <summary>The schemas of the module's answers, for the reference.</summary>
    public static IReadOnlyList<NamedSchema> Schemas { get; } =
    [
        .. InteractionSchemas.All, ListInteractionsReference.Page, ListInteractionsReference.CursorPage,
        ListInteractionsReference.PartnerPage, ListAdvertisersReference.Page, ListChangesReference.Page,
        UpdateInteractionReference.Change, UpdateInteractionReference.Updated,
        .. IngestReference.Schemas, SeriesReference.Answer, ActionsReference.Action, ActionsReference.Done, HistoryReference.Page,
    ];

    /// <summary>The module's endpoints.</summary>
    public static IReadOnlyList<Type> Endpoints { get; } =
    [
        typeof(ListInteractionsEndpoint),
        typeof(TotalsEndpoint),
        typeof(StreamTotalsEndpoint),
        typeof(SeriesEndpoint),
        typeof(ExportCsvEndpoint),
        typeof(ListChangesEndpoint),
        typeof(ListAdvertisersEndpoint),
        typeof(ShowInteractionEndpoint),
        typeof(HistoryEndpoint),
        typeof(UpdateInteractionEndpoint),
        typeof(ActionsEndpoint),
        typeof(ArchiveEndpoint),
        typeof(UnarchiveEndpoint),
        typeof(IngestOneEndpoint),
        typeof(IngestBulkEndpoint),
    ];
}
