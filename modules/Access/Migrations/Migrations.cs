using Lips.Kernel.Database;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Lips.Access.Migrations;

[DbContext(typeof(AccessContext))]
[Migration("0001_access")]
internal sealed class AccessTables() : SqlFileMigration("0001_access.sql");

[DbContext(typeof(AccessContext))]
[Migration("0002_secrets")]
internal sealed class TokenSecrets() : SqlFileMigration("0002_secrets.sql");
