using Lips.Testing.Reference;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag.CodeGeneration.CSharp;
using Xunit;

namespace Lips.Host.Tests.OpenApi;

/// <summary>A client that is generated from the document compiles.</summary>
public sealed class GeneratedClientTests
{
    [Fact]
    public async Task A_client_by_NSwag_compiles_and_has_every_operation()
    {
        var document = await NSwag.OpenApiDocument.FromJsonAsync(ApiDocument.Root.ToJsonString());
        var settings = new CSharpClientGeneratorSettings
        {
            ClassName = "LipsClient",
            CSharpGeneratorSettings = { Namespace = "Generated", JsonLibrary = CSharpJsonLibrary.SystemTextJson },
        };

        var source = new CSharpClientGenerator(document, settings).GenerateFile();

        Assert.Empty(ErrorsOf(source));
        Assert.NotEmpty(ErrorsOf(source + "\nclass {"));
        Assert.All(
            document.Operations.Select(o => o.Operation.OperationId),
            id => Assert.Contains($"{char.ToUpperInvariant(id[0])}{id[1..]}Async(", source, StringComparison.Ordinal));
    }

    private static IEnumerable<string> ErrorsOf(string source)
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "generated", [CSharpSyntaxTree.ParseText(source)], platform, new(OutputKind.DynamicallyLinkedLibrary));
        return compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString());
    }
}
