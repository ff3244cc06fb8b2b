using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lips.Testing.Reference;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Xunit;

namespace Lips.Host.Tests.OpenApi;

/// <summary>The document itself: that it is one, and that its changes are seen.</summary>
public sealed class DocumentTests
{
    private const string Copy = "build/openapi.json";

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public void The_committed_copy_is_the_document_of_the_endpoints()
    {
        var path = Path.Combine(Root, Copy);
        var text = ApiDocument.Root.ToJsonString(Readable) + "\n";
        if (Environment.GetEnvironmentVariable("LIPS_RENEW") == "1")
            File.WriteAllText(path, text);

        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == text,
            $"{Copy} is not what the endpoints say. If the change is meant: LIPS_RENEW=1 build/test Host --filter ~The_committed_copy, "
                + "and commit it.");
    }

    [Fact]
    public void A_general_reader_finds_nothing_wrong() => Assert.Empty(FaultsOf(ApiDocument.Root));

    [Fact]
    public void A_document_that_is_wrong_is_found()
    {
        var document = ApiDocument.Root.DeepClone().AsObject();
        document["paths"]!["/tokens"]!["get"]!.AsObject().Remove("responses");
        document["info"]!.AsObject().Remove("title");

        Assert.Equal(2, FaultsOf(document).Count);
    }

    [Fact]
    public void It_has_every_route_and_no_other()
    {
        var described = ApiDocument.Root["paths"]!.AsObject()
            .SelectMany(p => p.Value!.AsObject().Select(o => $"{o.Key.ToUpperInvariant()} {p.Key}"));

        Assert.Equal(ApiDocument.Routes.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    private static List<string> FaultsOf(JsonObject document)
    {
        var read = Microsoft.OpenApi.OpenApiDocument.Parse(document.ToJsonString(), "json", new OpenApiReaderSettings());
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic!.SpecificationVersion);
        return [.. read.Diagnostic.Errors.Concat(read.Diagnostic.Warnings).Select(e => e.ToString())];
    }

    private static string Root
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Lips.sln")))
                    return folder.FullName;
            }

            throw new InvalidOperationException("The tests do not run inside the repository.");
        }
    }
}
