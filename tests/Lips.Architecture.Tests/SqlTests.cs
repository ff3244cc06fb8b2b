using System.Text.RegularExpressions;
using Xunit;

namespace Lips.Architecture.Tests;

/// <summary>SQL touches the schema of its module and no other: in the string literals of the code and in the migrations.</summary>
public sealed partial class SqlTests
{
    /// <summary>
    /// Types whose SQL touches another module's schema, and where that is recorded. Contracts carry statements instead (ModuleTests).
    /// </summary>
    private static readonly string[] Recorded = [];

    [Fact]
    public void Code_touches_its_own_schema() =>
        Assert.Empty(Product.Types.Where(t => !Recorded.Contains(t.FullName)).SelectMany(TouchesAnotherSchema));

    [Fact]
    public void Migrations_touch_their_own_schema() => Assert.Empty(
        from module in Product.Modules.Append(Product.Host)
        from text in Product.MigrationsOf(module)
        from touched in SchemasIn(text)
        where touched != Product.SchemaOf(module)
        select $"{module} touches {touched}");

    [Fact]
    public void Every_module_has_statements_and_migrations_that_were_read() => Assert.All(Product.Modules.Append(Product.Host), module =>
    {
        Assert.Contains(Product.TypesOf(module).SelectMany(CodeReader.StringsIn).SelectMany(SchemasIn), s => s == Product.SchemaOf(module));
        Assert.Contains(Product.MigrationsOf(module).SelectMany(SchemasIn), s => s == Product.SchemaOf(module));
    });

    [Fact]
    public void Code_that_touches_another_schema_is_found() => Assert.Equal(
        ["Lips.Access.Violations.TouchesAnotherSchema touches interactions"],
        TouchesAnotherSchema(typeof(Access.Violations.TouchesAnotherSchema)));

    [Theory]
    [InlineData("SELECT 1 FROM interactions.interactions i JOIN counters.advertisers a USING (advertiser)", "interactions counters")]
    [InlineData("DROP TABLE \"access\".\"tokens\"", "access")]
    [InlineData("/contact_interactions", "")]
    [InlineData("lips.counters.lease.age", "")]
    [InlineData("There are no interactions. Access is denied.", "")]
    public void Schemas_are_found_in_statements(string text, string schemas) =>
        Assert.Equal(schemas.Split(' ', StringSplitOptions.RemoveEmptyEntries), SchemasIn(text));

    private static IEnumerable<string> TouchesAnotherSchema(Type type) => CodeReader.StringsIn(type).SelectMany(SchemasIn).Distinct()
        .Where(schema => schema != Product.SchemaOf(Product.PartOf(type) ?? "")).Select(schema => $"{type.FullName} touches {schema}");

    private static IEnumerable<string> SchemasIn(string text) => QualifiedName().Matches(text).Select(m => m.Groups[1].Value);

    // Not the name of a metric.
    [GeneratedRegex("""(?<!\blips\.)\b(access|audit|counters|interactions|orleans)"?\.(?="?[a-z_])""")]
    private static partial Regex QualifiedName();
}
