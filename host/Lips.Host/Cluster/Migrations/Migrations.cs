using Lips.Kernel.Database;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Lips.Host.Cluster.Migrations;

[DbContext(typeof(OrleansContext))]
[Migration("0001_orleans")]
internal sealed class OrleansTables() : SqlFileMigration("0001_orleans.sql");

[DbContext(typeof(OrleansContext))]
[Migration("0002_forgotten_silos")]
internal sealed class ForgottenSilos() : SqlFileMigration("0002_forgotten_silos.sql");
