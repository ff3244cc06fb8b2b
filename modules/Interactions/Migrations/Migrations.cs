using Lips.Kernel.Database;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Lips.Interactions.Migrations;

[DbContext(typeof(InteractionsContext))]
[Migration("0001_interactions")]
internal sealed class InteractionsTables() : SqlFileMigration("0001_interactions.sql");

[DbContext(typeof(InteractionsContext))]
[Migration("0002_campaigns")]
internal sealed class CampaignsTable() : SqlFileMigration("0002_campaigns.sql");

[DbContext(typeof(InteractionsContext))]
[Migration("0003_answers")]
internal sealed class Answers() : SqlFileMigration("0003_answers.sql");

[DbContext(typeof(InteractionsContext))]
[Migration("0004_fields")]
internal sealed class Fields() : SqlFileMigration("0004_fields.sql");

[DbContext(typeof(InteractionsContext))]
[Migration("0005_phones")]
internal sealed class SharedPhones() : SqlFileMigration("0005_phones.sql");

[DbContext(typeof(InteractionsContext))]
[Migration("0006_search")]
internal sealed class SearchIndexes() : SqlFileMigration("0006_search.sql");

[DbContext(typeof(InteractionsContext))]
[Migration("0007_kinds_and_channels")]
internal sealed class KindsAndChannels() : SqlFileMigration("0007_kinds_and_channels.sql");
