using System.Reflection;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Lips.Kernel.Database;

/// <summary>
/// A migration that runs an SQL file embedded in its assembly. Forward only: a released file is never edited, a mistake is mended by the
/// next one (build/decisions/0003-migrations.md).
/// </summary>
/// <param name="file">The resource's name, such as <c>0001_access.sql</c>.</param>
public abstract class SqlFileMigration(string file) : Migration
{
    /// <inheritdoc />
    protected sealed override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(Read(GetType().GetTypeInfo().Assembly, file));

    internal static string Read(Assembly assembly, string file)
    {
        using var stream = assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no embedded file {file}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
