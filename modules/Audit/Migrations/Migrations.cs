using Lips.Kernel.Database;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Lips.Audit.Migrations;

[DbContext(typeof(AuditContext))]
[Migration("0001_audit")]
internal sealed class AuditTables() : SqlFileMigration("0001_audit.sql");

[DbContext(typeof(AuditContext))]
[Migration("0002_entry_interactions")]
internal sealed class EntryInteractionsTable() : SqlFileMigration("0002_entry_interactions.sql");
