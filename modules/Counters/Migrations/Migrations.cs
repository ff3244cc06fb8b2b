using Lips.Kernel.Database;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Lips.Counters.Migrations;

[DbContext(typeof(CountersContext))]
[Migration("0001_counters")]
internal sealed class CountersTables() : SqlFileMigration("0001_counters.sql");
