using System.Xml.Linq;
using Xunit;

namespace Lips.Architecture.Tests;

/// <summary>Versions of packages stand in Directory.Packages.props alone, and the product knows nothing of tests.</summary>
public sealed class ProjectTests
{
    private static readonly string[] TestPackages =
    [
        "xunit", "FsCheck", "Microsoft.NET.Test.Sdk", "Microsoft.AspNetCore.TestHost", "Microsoft.AspNetCore.Mvc.Testing",
    ];

    [Fact]
    public void Every_project_takes_its_versions_from_one_place_and_the_product_no_test_package()
    {
        var projects = new[] { "modules", "host", "tests" }.SelectMany(folder => Product.Files(folder, "*.csproj")).ToList();

        Assert.True(projects.Count > 12, $"Only {projects.Count} projects were found.");
        Assert.Empty(projects.SelectMany(path => Violations(path, XDocument.Load(Path.Combine(Product.Root, path)))));
    }

    [Fact]
    public void Central_versions_are_on() =>
        Assert.Equal("true", (string?)XDocument.Load(Path.Combine(Product.Root, "Directory.Packages.props"))
            .Descendants("ManagePackageVersionsCentrally").Single());

    [Theory]
    [InlineData("tests/A/A.csproj", "<PackageReference Include='xunit' Version='2.9.3' />", "gives xunit a version")]
    [InlineData("modules/A/A.csproj", "<PackageReference Include='Npgsql' VersionOverride='9.0.0' />", "gives Npgsql a version")]
    [InlineData(
        "modules/A/A.csproj", "<PackageReference Include='Npgsql'><Version>9.0.0</Version></PackageReference>", "gives Npgsql a version")]
    [InlineData("host/A/A.csproj", "<PackageReference Include='xunit.assert' />", "uses the test package xunit.assert")]
    [InlineData(
        "host/A/A.csproj", "<ProjectReference Include='../../tests/Lips.Testing/Lips.Testing.csproj' />",
        "uses ../../tests/Lips.Testing/Lips.Testing.csproj")]
    public void A_project_that_does_otherwise_is_found(string path, string item, string violation) =>
        Assert.Equal([$"{path} {violation}"], Violations(path, XDocument.Parse($"<Project><ItemGroup>{item}</ItemGroup></Project>")));

    private static IEnumerable<string> Violations(string path, XDocument project)
    {
        var packages = project.Descendants("PackageReference").ToList();
        foreach (var package in packages.Where(p => Has(p, "Version") || Has(p, "VersionOverride")))
            yield return $"{path} gives {Name(package)} a version";
        if (path.StartsWith("tests", StringComparison.Ordinal))
            yield break;
        foreach (var package in packages.Where(
            p => TestPackages.Any(t => Name(p) == t || Name(p).StartsWith(t + ".", StringComparison.OrdinalIgnoreCase))))
            yield return $"{path} uses the test package {Name(package)}";
        foreach (var reference in project.Descendants("ProjectReference").Where(r => Name(r).Contains("tests/", StringComparison.Ordinal)))
            yield return $"{path} uses {Name(reference)}";
    }

    private static bool Has(XElement item, string name) => item.Attribute(name) is not null || item.Element(name) is not null;

    private static string Name(XElement item) => (string?)item.Attribute("Include") ?? (string?)item.Attribute("Update") ?? "";
}
