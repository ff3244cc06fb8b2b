using Lips.Postgres;
using Lips.Postgres.Tests;
using Microsoft.Extensions.Logging.Abstractions;

// Runs a home until its input ends: dotnet Lips.Postgres.Tests.dll HOME
using var interrupted = System.Runtime.InteropServices.PosixSignalRegistration
    .Create(System.Runtime.InteropServices.PosixSignal.SIGINT, signal =>
    {
        signal.Cancel = true;
        Console.WriteLine("interrupted");
    });

await using var postgres = await PrivatePostgres.StartAsync(
    new PrivatePostgresOptions { Home = args[0], Settings = TestHome.FastSettings }, NullLogger.Instance, CancellationToken.None);
Console.WriteLine(postgres.ConnectionString);
while (await Console.In.ReadLineAsync() is not null)
{
}
