using Lips.Kernel.Database;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Lips.Counters.Migrations;

[DbContext(typeof(CountersContext))]
[Migration("0001_counters")]
internal sealed class CountersTables() : SqlFileMigration("0001_counters.sql");

[DbContext(typeof(CountersContext))]
[Migration("0002_cells")]
internal sealed class CellsTable() : SqlFileMigration("0002_cells.sql");

[DbContext(typeof(CountersContext))]
[Migration("0003_runs")]
internal sealed class RunsTable() : SqlFileMigration("0003_runs.sql");

[DbContext(typeof(CountersContext))]
[Migration("0004_holders")]
internal sealed class HolderTables() : SqlFileMigration("0004_holders.sql");
