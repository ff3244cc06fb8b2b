using System.CommandLine;
using System.CommandLine.Help;
using Lips.Client;
using Lips.Counters.Contracts;
using Lips.Host.Commands.Api;
using Lips.Interactions.Contracts;
using Lips.Kernel;
using Lips.Kernel.Database;
using Lips.Postgres;
using Npgsql;

namespace Lips.Host.Commands;

/// <summary>The program's command line; <c>build/lips</c> for short.</summary>
internal static class CommandLine
{
    /// <summary>Of the commands that give a result.</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "The result as JSON, one line each." };

    public static async Task<int> RunAsync(string[] args)
    {
        using var stop = new StopSignals();
        // Not a root command: that is called as the file that runs it.
        var root = new Command("lips", "LIPS keeps contact interactions and serves them over HTTP.")
        {
            Serve(stop.Hurry), Migrate(), ConfigCommand.New(), Counters(), Interactions(), Health(),
            TokensCommands.New(), ImportCommand.New(), ExportCommand.New(), TailCommand.New(), TotalsCommand.New(),
            new HelpOption(), new VersionOption(),
        };
        var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (Mistakes.Explain(parsed) is { } mistake)
        {
            await Output.SayAsync(mistake);
            return ExitCodes.WrongUse;
        }

        try
        {
            // No termination timeout: the parser's own handling of signals would cut off a host that still drains.
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
        }
        catch (Exception e) when (Explain(e) is { } line)
        {
            await Output.SayAsync(line);
            return ExitCodes.Of(e, parsed.CommandResult.Command.Name);
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Done;
        }
    }

    private static Command Serve(CancellationToken hurry)
    {
        var demo = new Option<bool>("--demo") { Description = "Also load demo data for TEST_1, TEST_2 and USA_1." };
        var serve = new Command(
            "serve", "Serve the API until SIGTERM or Ctrl-C. Further arguments are settings, such as --urls http://127.0.0.1:9090.")
        {
            demo,
        };
        serve.TreatUnmatchedTokensAsErrors = false;
        serve.SetAction((parsed, cancellation) =>
            ServeCommand.RunAsync([.. parsed.UnmatchedTokens], parsed.GetValue(demo), cancellation, hurry));
        return serve;
    }

    private static Command Migrate()
    {
        var migrate = new Command("migrate", "Bring the database to this version, give the role of the nodes its rights, and end.");
        migrate.SetAction((_, cancellation) => MigrateCommand.RunAsync(cancellation));
        return migrate;
    }

    private static Command Counters() => Check(
        new CheckCommands<CellVerification>("cells"),
        new Command("counters", "Check and mend the counters."),
        "Compare the counters with a recount, print the differences, and exit 1 when there are any.",
        "Make the counters equal to a recount, while nodes go on serving: for after changes made by hand in SQL.");

    private static Command Interactions() => Check(
        new CheckCommands<AnswerVerification>("answers"),
        new Command("interactions", "Check and mend what is served of interactions."),
        "Compare the answers that are kept ready with what filters find, print the differences, and exit 1 when there are any.",
        "Make the answers that are kept ready say what filters find, while nodes go on serving: for after changes made by hand in SQL.");

    private static Command Check<T>(CheckCommands<T> commands, Command command, string verifies, string rebuilds)
        where T : IRecordCheck
    {
        var advertisers = new Argument<string[]>(
            "advertisers")
        { Description = "Ids such as USA_123; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
        var verify = new Command("verify", verifies) { advertisers, Json };
        verify.SetAction((parsed, cancellation) =>
            commands.VerifyAsync(parsed.GetValue(advertisers)!, new Output(parsed.GetValue(Json)), cancellation));
        var rebuild = new Command("rebuild", rebuilds) { advertisers, Json };
        rebuild.SetAction((parsed, cancellation) =>
            commands.RebuildAsync(parsed.GetValue(advertisers)!, new Output(parsed.GetValue(Json)), cancellation));
        command.Add(verify);
        command.Add(rebuild);
        return command;
    }

    private static Command Health()
    {
        var address = new Argument<string>("address")
        {
            Description = "What to ask.",
            DefaultValueFactory = _ => "http://127.0.0.1:8080/health/ready",
        };
        var health = new Command(
            "health", "Ask a running host how it is; exits 0 when it answers 200, else 1. For container health checks.") { address };
        health.SetAction((parsed, cancellation) => HealthCommand.RunAsync(parsed.GetRequiredValue(address), cancellation));
        return health;
    }

    /// <summary>A failure that its reader can act on, as one line; null for what is a bug and shall be seen whole.</summary>
    private static string? Explain(Exception failure) => failure switch
    {
        PrivatePostgresException or WrongUseException or LipsException => failure.Message,
        PostgresException e => $"The database refused: {e.MessageText} ({e.SqlState}).",
        NpgsqlException e => $"The database cannot be reached: {e.InnerException?.Message ?? e.Message}.",
        Demo.DemoException => failure.Message,
        SettingException or NewerDatabaseException or NotMigratedException => failure.Message,
        FileNotFoundException or DirectoryNotFoundException => failure.Message,
        UnauthorizedAccessException => failure.Message + " Let this user write there, or set Lips__Home to another folder.",
        _ => null,
    };
}
