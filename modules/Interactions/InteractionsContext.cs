using System.Text.Json;
using Lips.Interactions.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Lips.Interactions;

/// <summary>
/// The record as EF Core knows it; its statements are written by hand. A test compares this with what the migrations make, in both directions.
/// </summary>
internal sealed class InteractionsContext(DbContextOptions<InteractionsContext> options) : DbContext(options)
{
    public const string Schema = "interactions";

    private const string Unarchived = "archived_at IS NULL";
    private const string Archived = "archived_at IS NOT NULL";

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.HasDefaultSchema(Schema);
        model.HasSequence<long>("contact_ids");
        model.HasSequence<long>("interaction_ids");
        Contacts(model);
        Interactions(model);
        BesideInteractions(model);
        foreach (var property in model.Model.GetEntityTypes().SelectMany(e => e.GetProperties()))
        {
            property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            property.ValueGenerated = ValueGenerated.Never;
        }
    }

    private static void Contacts(ModelBuilder model)
    {
        model.Entity<Contact>(contact =>
        {
            contact.ToTable("contacts");
            contact.HasKey(c => new { c.Advertiser, c.Id }).HasName("contacts_pkey");
            contact.HasIndex(c => new { c.Advertiser, c.EmailKey }, "contacts_email_key").IsUnique().HasFilter("email_key IS NOT NULL");
        });
        model.Entity<ContactPhone>(phone =>
        {
            phone.ToTable("contact_phones");
            phone.HasKey(p => new { p.Advertiser, p.Number, p.Extension, p.SharedBy }).HasName("contact_phones_pkey");
            phone.Property(p => p.SharedBy).HasDefaultValue(0L);
        });
    }

    private static void Interactions(ModelBuilder model) => model.Entity<Interaction>(interaction =>
    {
        interaction.ToTable("interactions", table =>
        {
            table.HasCheckConstraint("interactions_external_pair", "(external_app_id IS NULL) = (external_id IS NULL)");
            table.HasCheckConstraint("interactions_kind", "kind BETWEEN 1 AND 15");
            table.HasCheckConstraint("interactions_channel", "channel BETWEEN 0 AND 5");
        });
        interaction.HasStorageParameter("fillfactor", 90);
        interaction.HasKey(i => new { i.Advertiser, i.Id }).HasName("interactions_pkey");
        interaction.HasIndex(i => i.Id, "interactions_by_id").IncludeProperties(i => i.Advertiser);
        interaction.HasIndex(i => new { i.Advertiser, i.OccurredAt, i.Id }, "interactions_by_time").HasFilter(Unarchived);
        interaction.HasIndex(i => new { i.Advertiser, i.OccurredAt, i.Id }, "interactions_archived_by_time").HasFilter(Archived);
        interaction.HasIndex(i => new { i.Advertiser, i.Important, i.OccurredAt, i.Id }, "interactions_by_importance").HasFilter(Unarchived);
        interaction.HasIndex(i => new { i.Advertiser, i.Important, i.OccurredAt, i.Id }, "interactions_archived_by_importance").HasFilter(Archived);
        interaction.HasIndex(i => new { i.Advertiser, i.ContactId, i.OccurredAt, i.Id }, "interactions_by_contact");
        interaction.HasIndex(i => new { i.Advertiser, i.Campaign, i.OccurredAt, i.Id }, "interactions_by_campaign").HasFilter("campaign IS NOT NULL");
        interaction.HasIndex(i => new { i.Advertiser, i.Kind, i.OccurredAt, i.Id }, "interactions_by_kind");
        interaction.HasIndex(i => new { i.Advertiser, i.Channel, i.OccurredAt, i.Id }, "interactions_by_channel").HasFilter("wpc_id IS NOT NULL");
        interaction.HasIndex(i => new { i.Advertiser, i.OccurredAt, i.Id, i.CallDuration }, "interactions_by_call").HasFilter("call_duration IS NOT NULL");
        interaction.HasIndex(i => new { i.Advertiser, i.BookingId }, "interactions_by_booking").HasFilter("booking_id IS NOT NULL");
        interaction.HasIndex(i => new { i.Advertiser, i.ConversationId, i.OccurredAt, i.Id }, "interactions_by_conversation").HasFilter("conversation_id IS NOT NULL");
        interaction.HasIndex(i => new { i.Advertiser, i.ExternalAppId, i.OccurredAt, i.Id }, "interactions_by_app").HasFilter("external_app_id IS NOT NULL");
        interaction.HasIndex(i => new { i.Advertiser, i.ExternalId, i.ExternalAppId }, "interactions_external_key").IsUnique().HasFilter("external_id IS NOT NULL");
    });

    private static void BesideInteractions(ModelBuilder model)
    {
        model.Entity<InteractionTag>(tag =>
        {
            tag.ToTable("interaction_tags");
            tag.HasKey(t => new { t.Advertiser, t.Tag, t.OccurredAt, t.InteractionId }).HasName("interaction_tags_pkey");
        });
        model.Entity<CampaignAdvertiser>(campaign =>
        {
            campaign.ToTable("campaign_advertisers");
            campaign.HasKey(c => new { c.Advertiser, c.Campaign }).HasName("campaign_advertisers_pkey");
            campaign.HasIndex(c => new { c.Campaign, c.Advertiser }, "campaign_advertisers_by_campaign");
        });
        model.Entity<InteractionVersion>(version =>
        {
            version.ToTable("interaction_versions");
            version.HasKey(v => new { v.Advertiser, v.InteractionId }).HasName("interaction_versions_pkey");
            version.HasIndex(v => new { v.Advertiser, v.Version, v.InteractionId }, "interaction_versions_by_version");
        });
        model.Entity<IdempotencyKey>(key =>
        {
            key.ToTable("idempotency_keys");
            key.HasKey(k => new { k.Advertiser, k.TokenId, k.Key }).HasName("idempotency_keys_pkey");
        });
    }
}
