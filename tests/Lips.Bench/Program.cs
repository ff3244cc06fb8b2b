using System.CommandLine;
using System.Runtime.InteropServices;
using Lips.Bench;

var names = new Argument<string[]>("rows")
{
    Description = "Only these rows, each with those that are measured in one go with it; all when none is named.",
    Arity = ArgumentArity.ZeroOrMore,
};
var quick = new Option<bool>("--quick")
{
    Description = "Little data and short runs, of rows by name three rounds and else one: shows that the bench works, and hardly how "
        + "fast the product is. "
        + "Times are not judged.",
};
var large = new Option<bool>("--large")
{
    Description = "The growth rows with 10,000,000 interactions of one advertiser; and the memory of a body of 2 GB against ten of 200 "
        + "MB, which else are one of 64 MB and ten of 6.4.",
};
var json = new Option<string?>("--json")
{
    Description = "Also write the rows to this file: an array of {name, unit, floor, product, ratio, ratio_min, ratio_max, target, ok}, "
        + "null where a row has none. "
        + "Its last element has the name \"run\" and says, beside nulls, on what was measured: cores, processor, memory_mb, os, dotnet, "
            + "postgresql, commit, interactions, advertisers, stolen_percent (of the CPU time, by other machines on the same host), …",
};
var curves = new Option<string?>("--curves")
{
    Description = "Also measure one advertiser with 10,000, 100,000 and 1,000,000 interactions (10,000,000 too with --large), and draw "
        + "it as an SVG to this file.",
};
var root = new RootCommand(
    "Measures the product beside its floors, in turns on one machine, and prints the ratios (product ÷ floor). Numbers are medians of "
        + "the rounds; the spread is that of the rounds' ratios. "
    + "Exits 1 when a row falls short of its target. A run with any answer that is not the expected one is void.") { names, quick, large,
        json, curves };
root.SetAction(parsed => Bench.RunAsync(new BenchOptions(
    parsed.GetValue(names)!,
    parsed.GetValue(quick) ? parsed.GetValue(names)!.Length > 0 ? Size.QuickSome : Size.Quick : parsed.GetValue(large) ? Size.Large
        : Size.Full,
    IsJudged: !parsed.GetValue(quick),
    parsed.GetValue(json),
    parsed.GetValue(curves))));
// The servers are children of their own: they would outlive a bench that just ends.
var isStopped = false;
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    return await root.Parse(args)
        .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception) when (isStopped)
{
    await Console.Error.WriteLineAsync("build/bench: stopped.");
    return 1;
}
catch (BenchException e)
{
    await Console.Error.WriteLineAsync("build/bench: " + e.Message);
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    isStopped = true;
    Server.StopAll();
}
