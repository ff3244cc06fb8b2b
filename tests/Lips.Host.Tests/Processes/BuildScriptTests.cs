using System.Diagnostics;
using Lips.Host.Tests.Containers;
using Xunit;

namespace Lips.Host.Tests.Processes;

/// <summary>
/// When build/run and build/lips build, in a small tree, with a dotnet that only notes each build. A needless one would replace the files
/// of a running node.
/// </summary>
public sealed class BuildScriptTests : IDisposable
{
    private const string Source = "modules/Kernel/Clock.cs";

    private static readonly string[] Sources =
    [
        Source, "modules/Audit/Entry.cs", "host/Lips.Host/Program.cs",
        "Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig",
    ];

    private readonly string root = Directory.CreateTempSubdirectory("lips-build-").FullName;

    public BuildScriptTests()
    {
        foreach (var file in Sources)
            Write(file, "as it was");
        Write("build/lib.sh", File.ReadAllText(Path.Combine(Repository.Root, "build", "lib.sh")));
        // Like the real one, it makes files among the sources, and folders newer than they are.
        Write(
            "dotnet",
            """
            #!/bin/sh
            echo build >> "$BUILDS"
            mkdir -p host/Lips.Host/bin/new modules/Kernel/obj
            echo made > modules/Kernel/obj/made.cs
            echo made > host/Lips.Host/bin/new/Lips.Host.dll
            if [ -f fails ]; then exit 1; fi
            """);
        File.SetUnixFileMode(Path.Combine(root, "dotnet"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal(0, Call());
        Assert.Equal(1, Builds);
    }

    private int Builds => File.ReadAllLines(Path.Combine(root, "builds")).Length;

    [Fact]
    public void The_second_call_builds_nothing()
    {
        Directory.SetLastWriteTimeUtc(Path.Combine(root, "modules"), DateTime.UtcNow.AddHours(1));
        Assert.Equal(0, Call());
        Assert.Equal(1, Builds);
    }

    [Theory]
    [InlineData(Source)]
    [InlineData("host/Lips.Host/Program.cs")]
    [InlineData("Directory.Packages.props")]
    [InlineData(".editorconfig")]
    public void A_changed_file_is_built_once_however_old_it_says_it_is(string file)
    {
        Write(file, "otherwise");
        File.SetLastWriteTimeUtc(Path.Combine(root, file), DateTime.UtcNow.AddYears(-1));
        BuildsOnce();
    }

    [Fact]
    public void An_added_file_is_built_once()
    {
        Write("modules/Kernel/Added.cs", "new");
        BuildsOnce();
    }

    [Fact]
    public void A_deleted_file_is_built_once()
    {
        File.Delete(Path.Combine(root, Source));
        BuildsOnce();
    }

    [Fact]
    public void A_renamed_file_is_built_once()
    {
        File.Move(Path.Combine(root, Source), Path.Combine(root, "modules/Kernel/Time.cs"));
        BuildsOnce();
    }

    [Fact]
    public void A_host_that_is_not_there_is_built_once()
    {
        Directory.Delete(Path.Combine(root, "host/Lips.Host/bin"), recursive: true);
        BuildsOnce();
    }

    [Fact]
    public void A_build_that_failed_is_tried_again()
    {
        Write(Source, "broken");
        Write("fails", "");
        Assert.NotEqual(0, Call());
        File.Delete(Path.Combine(root, "fails"));
        Assert.Equal(0, Call());
        Assert.Equal(3, Builds);
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private void BuildsOnce()
    {
        Assert.Equal(0, Call());
        Assert.Equal(0, Call());
        Assert.Equal(2, Builds);
    }

    private int Call()
    {
        var start = new ProcessStartInfo("bash", ["-c", "set -euo pipefail; . build/lib.sh; build_host"]) { WorkingDirectory = root };
        start.Environment["PATH"] = $"{root}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["BUILDS"] = Path.Combine(root, "builds");
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
