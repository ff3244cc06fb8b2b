using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Lips.Postgres;

/// <summary>
/// The folder that holds one home's cluster, its log and its socket: <c>postgres</c> in the home, or a folder of ours when the
/// home is closed to the server's user. It belongs to that user and nobody else may enter.
/// </summary>
internal sealed record StateFolder(string Path, ServerAccount Account)
{
    private const string Name = "postgres";

    /// <summary>A short name for a path, the same at every start.</summary>
    public static string ShortName(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16];

    /// <summary>Where the cluster of this home is; null when there is none, or none that we can see.</summary>
    public static string? FindExisting(string home, string closedHomes) =>
        Candidates(home, closedHomes).FirstOrDefault(folder => Directory.Exists(System.IO.Path.Combine(folder, Cluster.DataFolderName)));

    public static async Task<StateFolder> PrepareAsync(string home, string closedHomes, ILogger logger, CancellationToken ct)
    {
        // A cluster stays where it was made, even when the home has been opened or closed since: a second, empty one
        // would look as if everything was lost.
        if (FindExisting(home, closedHomes) is { } existing)
        {
            var owner = await ServerAccount.ChooseAsync(await OwnerAsync(System.IO.Path.Combine(existing, Cluster.DataFolderName), ct), ct);
            if (!await CanEnterAsync(owner, existing, ct))
            {
                throw new PrivatePostgresException(
                    $"The user {owner.Name}, who runs PostgreSQL, cannot enter {existing} any more: let that user pass through the folders "
                        + "above it (chmod o+x). Nothing was changed.");
            }

            if (existing != InHome(home))
                logger.KeptElsewhere(home, owner.Name, existing);
            return new StateFolder(existing, owner);
        }

        var account = await ServerAccount.ChooseAsync(owner: null, ct);
        if (await CanEnterAsync(account, home, ct))
            return await MakeAsync(InHome(home), account, ct);

        if (!Directory.Exists(closedHomes))
        {
            Directory.CreateDirectory(closedHomes);
            File.SetUnixFileMode(closedHomes, HomeFolder.PassableMode);
        }

        var elsewhere = Elsewhere(home, closedHomes);
        logger.KeptElsewhere(home, account.Name, elsewhere);
        return await MakeAsync(elsewhere, account, ct);
    }

    private static string InHome(string home) => System.IO.Path.Combine(home, Name);

    private static string Elsewhere(string home, string closedHomes) => System.IO.Path.Combine(closedHomes, ShortName(home));

    private static string[] Candidates(string home, string closedHomes) =>
        Environment.IsPrivilegedProcess ? [InHome(home), Elsewhere(home, closedHomes)] : [InHome(home)];

    private static async Task<StateFolder> MakeAsync(string folder, ServerAccount account, CancellationToken ct)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!account.IsOwn && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            var given = await Command.RunAsync("/", "chown", ["--", account.Name + ":", folder], input: null, ct);
            if (!given.Succeeded)
                throw new PrivatePostgresException(
                    $"{folder} could not be given to the user {account.Name}, who runs PostgreSQL: {Failures.LastUsefulLine(given.Error)}");
        }

        return await CanEnterAsync(account, folder, ct)
            ? new StateFolder(folder, account)
            : throw new PrivatePostgresException(
                $"{folder} belongs to another user than {account.Name}: start as the user who made it, "
                    + "or set Lips:Home to another folder.");
    }

    private static async Task<bool> CanEnterAsync(ServerAccount account, string folder, CancellationToken ct) =>
        (await account.ScriptAsync("/", """cd -- "$1" 2>/dev/null""", ct, parameters: folder)).Succeeded;

    private static async Task<string?> OwnerAsync(string folder, CancellationToken ct)
    {
        var listing = await Command.RunAsync("/", "ls", ["-ld", "--", folder], input: null, ct);
        return listing.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(2);
    }
}
