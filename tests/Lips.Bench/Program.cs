using System.CommandLine;
using Lips.Bench;

var names = new Argument<string[]>("rows") { Description = "Only these rows; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
var quick = new Option<bool>("--quick") { Description = "Little data and short runs: shows that the bench works, not how fast the product is." };
var large = new Option<bool>("--large") { Description = "The growth rows with 10,000,000 interactions of one advertiser." };
var json = new Option<string?>("--json") { Description = "Also write the rows to this file." };
var root = new RootCommand("Measures the product beside its floors, in turns on one machine, and prints the ratios.") { names, quick, large, json };
root.SetAction(parsed => Bench.RunAsync(
    parsed.GetValue(names)!,
    parsed.GetValue(quick) ? Size.Quick : parsed.GetValue(large) ? Size.Large : Size.Full,
    parsed.GetValue(quick),
    parsed.GetValue(json)));
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (BenchException e)
{
    await Console.Error.WriteLineAsync("build/bench: " + e.Message);
    return 1;
}
