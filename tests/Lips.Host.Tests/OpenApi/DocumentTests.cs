using System.Text.Encodings.Web;
using System.Text.Json;
using Lips.Testing.Reference;
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
