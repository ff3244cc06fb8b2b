using System.CommandLine;
using System.Runtime.InteropServices;
using Lips.Chaos;

var seed = new Option<int?>("--seed") { Description = "Draws the faults; printed, so that a run can be made again." };
var quick = new Option<bool>("--quick")
{
    Description = "Three minutes of faults, judging what they do to the record and not who waits; else half an hour.",
};
var faults = new Option<int?>("--faults") { Description = "So many faults, in place of a time." };
var only = new Option<string[]>("--only")
{
    Description = $"Only these faults: {string.Join(", ", Fault.All.Select(f => f.Name))}.",
    AllowMultipleArgumentsPerToken = true,
};
var away = new Option<int>("--away") { Description = "Seconds that the fault \"away\" takes.", DefaultValueFactory = _ => 180 };
var nodes = new Option<int>("--nodes") { Description = "How many nodes.", DefaultValueFactory = _ => 3 };
var sabotage = new Option<bool>("--sabotage")
{
    Description = "No faults, but the proof is checked: what was promised is spoiled in each way, and each must be found.",
};
var logs = new Option<string?>("--logs")
{
    Description = "A folder that takes what each process of a node prints, and a line for each fault.",
};
var report = new Option<string?>("--out") { Description = "A file that takes the report, as for build/chaos-results." };
only.Validators.Add(result =>
{
    foreach (var name in result.GetValueOrDefault<string[]>().Where(name => Fault.All.All(f => f.Name != name)))
        result.AddError($"There is no fault {name}.");
});
var root = new RootCommand(
    "Starts PostgreSQL and nodes of one cluster, lets clients write, change, poll, stream and follow, and lets things fail meanwhile, one "
    + "after the other. Then proves that nothing acknowledged was lost or doubled, and that no count was wrong or stale. Prints a table, "
    + "and exits 1 when anything was, when anything was answered with 500, when service was not back within 5 s, when an advertiser could "
    + "not be written for longer than that, or when a request through nginx failed while nodes stopped in order.")
{ seed, quick, faults, only, away, nodes, sabotage, logs, report };
root.SetAction(parsed => Run.RunAsync(new RunOptions(
    parsed.GetValue(seed) ?? Random.Shared.Next(),
    TimeSpan.FromMinutes(parsed.GetValue(quick) ? 3 : 30),
    !parsed.GetValue(quick),
    parsed.GetValue(faults),
    parsed.GetValue(only) ?? [],
    TimeSpan.FromSeconds(parsed.GetValue(away)),
    parsed.GetValue(nodes),
    parsed.GetValue(sabotage),
    parsed.GetValue(logs),
    parsed.GetValue(report),
    string.Join(' ', ["build/chaos", .. WithoutPlaces(args)]))));
var port = new Option<int>("--port") { Description = "Where nginx listens on loopback.", DefaultValueFactory = _ => 8080 };
var serve = new Command(
    "cluster",
    "Starts the same and leaves it to you: PostgreSQL in a temporary folder, nodes of one cluster, nginx in front. Ctrl-C or SIGTERM "
    + "ends it.")
{ nodes, port };
serve.SetAction((parsed, cancellation) => Run.ServeAsync(parsed.GetValue(nodes), parsed.GetValue(port), cancellation));
root.Add(serve);
// Nodes and PostgreSQL are processes of their own: they would outlive a run that just ends.
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

// Where the report and the logs go says nothing to who reads it; the seed is there anyway.
static IEnumerable<string> WithoutPlaces(string[] args) =>
    args.Where((one, number) => !IsPlace(one.Split('=')[0]) && !(number > 0 && IsPlace(args[number - 1])));

static bool IsPlace(string one) => one is "--out" or "--logs" or "--seed";

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    Run.Stop();
    Environment.Exit(1);
}
