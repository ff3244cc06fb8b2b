namespace Lips.Host.Commands;

/// <summary><c>lips migrate</c>: brings the database to this version without serving.</summary>
internal static class MigrateCommand
{
    public static Task<int> RunAsync(CancellationToken cancellation) => DatabaseCommand.RunAsync(
        _ =>
        {
            Console.WriteLine("The database is up to date.");
            return Task.FromResult(0);
        },
        cancellation);
}
