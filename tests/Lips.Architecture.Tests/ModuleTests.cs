using Npgsql;
using Xunit;

namespace Lips.Architecture.Tests;

/// <summary>What a module may see of another, and what it shows.</summary>
public sealed class ModuleTests
{
    /// <summary>Public outside Contracts, and why.</summary>
    private static readonly string[] PublicAllTheSame =
    [
        "Lips.Access.AdminToken", // the host makes the first token at its start
    ];

    /// <summary>Contracts by which one module's statements join another's transaction.</summary>
    private static readonly string[] StatementCarriers =
    [
        "Lips.Audit.Contracts.AuditTrail", // build/decisions/0011-audit.md
        "Lips.Counters.Contracts.AdvertiserWrite", // build/decisions/0004-writing.md
    ];

    [Fact]
    public void A_part_sees_the_kernel_and_contracts_of_the_modules_below_it() =>
        Assert.Empty(Product.Types.SelectMany(SeesTooMuch));

    [Theory]
    [InlineData(typeof(Counters.Violations.SeesTheRecord), "Lips.Interactions.InteractionsModule")]
    [InlineData(typeof(Access.Violations.SeesAContractOfTheRecord), "Lips.Interactions.Contracts.Violation")]
    [InlineData(typeof(Interactions.Violations.SeesTheInsideOfAModule), "Lips.Access.AdminToken")]
    [InlineData(typeof(Interactions.Violations.SeesTheHost), "Lips.Host.LipsApplication")]
    [InlineData(typeof(Kernel.Violations.SeesAModule), "Lips.Counters.Contracts.Counts")]
    [InlineData(typeof(Demo.Violations.SeesTheKernel), "Lips.Kernel.GlobalId")]
    public void A_part_that_sees_too_much_is_found(Type type, string seen) =>
        Assert.Equal([$"{type.FullName} sees {seen}"], SeesTooMuch(type));

    [Fact]
    public void Types_are_in_the_namespace_of_their_assembly() =>
        Assert.Empty(Product.Assemblies.SelectMany(a => a.Value.GetTypes().Where(t => Product.IsWritten(t) && IsElsewhere(t, a.Key))));

    [Fact]
    public void A_type_in_the_namespace_of_another_assembly_is_found() =>
        Assert.True(IsElsewhere(typeof(Counters.Violations.SeesTheRecord), "Interactions"));

    [Fact]
    public void A_module_shows_its_module_class_and_its_contracts() =>
        Assert.Empty(Product.Modules.SelectMany(Product.TypesOf).Where(ShowsTooMuch));

    [Fact]
    public void A_public_type_outside_of_contracts_is_found()
    {
        Assert.True(ShowsTooMuch(typeof(Counters.Violations.SeesTheRecord)));
        Assert.False(ShowsTooMuch(typeof(Interactions.Contracts.Violation)));
    }

    [Fact]
    public void The_list_of_exceptions_names_types_that_are_there()
    {
        Assert.All(PublicAllTheSame, name => Assert.Contains(Product.Types, t => t.FullName == name && t.IsPublic));
        Assert.All(StatementCarriers, name => Assert.Contains(Product.Types, t => t.FullName == name && CarriesStatements(t)));
    }

    [Fact]
    public void The_kernel_is_public() => Assert.Empty(Product.TypesOf(Product.Kernel).Where(IsHidden));

    [Fact]
    public void A_hidden_type_is_found() => Assert.True(IsHidden(typeof(Kernel.Violations.Hidden)));

    [Fact]
    public void Two_contracts_carry_statements_from_module_to_module() =>
        Assert.Empty(
            Product.Modules.SelectMany(Product.TypesOf).Where(t => CarriesStatements(t) && !StatementCarriers.Contains(t.FullName)));

    [Fact]
    public void Another_contract_that_carries_statements_is_found() =>
        Assert.True(CarriesStatements(typeof(Interactions.Contracts.Violation)));

    private static IEnumerable<string> SeesTooMuch(Type type) =>
        CodeReader.TypesUsedBy(type).Where(used => Product.PartOf(used) is { } other && !MaySee(Product.PartOf(type), other, used))
            .Select(used => $"{type.FullName} sees {used.FullName}").Order(StringComparer.Ordinal);

    private static bool MaySee(string? part, string other, Type used) => part switch
    {
        null or Product.Host => true, // Program, by the compiler, has no namespace
        _ when part == other => true,
        Product.Kernel or "Postgres" or "Demo" => false,
        _ when other == Product.Kernel => true,
        "Audit" => false, // all others write to it
        _ => Product.Modules.Contains(other) && IsContract(used) && (other != "Interactions" || part is not ("Access" or "Counters")),
    };

    private static bool IsContract(Type type) => type.Namespace!.Split('.') is [_, _, "Contracts", ..];

    private static bool IsElsewhere(Type type, string assembly) =>
        type.Namespace != $"Lips.{assembly}" && type.Namespace?.StartsWith($"Lips.{assembly}.", StringComparison.Ordinal) != true
            && (type.Namespace, type.Name, assembly) is not (null, "Program", Product.Host);

    private static bool ShowsTooMuch(Type type) =>
        type.IsVisible && !IsContract(type) && type.FullName != $"Lips.{Product.PartOf(type)}.{Product.PartOf(type)}Module"
        && !PublicAllTheSame.Contains(type.FullName);

    private static bool IsHidden(Type type) => !type.IsNested && !type.IsPublic && Product.IsWritten(type);

    private static bool CarriesStatements(Type type)
    {
        Type[] carriers =
        [
            typeof(NpgsqlConnection), typeof(NpgsqlTransaction), typeof(NpgsqlBatch), typeof(NpgsqlCommand), typeof(NpgsqlBatchCommand),
        ];
        return type.IsVisible && type.GetMethods()
            .Any(m => carriers.Contains(m.ReturnType) || m.GetParameters().Any(p => carriers.Contains(p.ParameterType)));
    }
}
