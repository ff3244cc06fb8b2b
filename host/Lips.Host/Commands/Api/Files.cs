namespace Lips.Host.Commands.Api;

/// <summary>Small files that are replaced as a whole: a command that is killed leaves the old one or the new one.</summary>
internal static class Files
{
    public static async Task ReplaceAsync(string file, string text, CancellationToken cancellation)
    {
        var next = file + ".new";
        await File.WriteAllTextAsync(next, text, cancellation);
        File.Move(next, file, overwrite: true);
    }
}
