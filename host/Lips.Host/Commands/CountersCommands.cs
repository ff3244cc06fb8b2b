using Lips.Counters.Contracts;
using Lips.Kernel;

namespace Lips.Host.Commands;

/// <summary><c>lips counters verify</c> and <c>lips counters rebuild</c>.</summary>
internal static class CountersCommands
{
    public static Task<int> VerifyAsync(string[] advertisers, CancellationToken cancellation) => RunAsync(
        advertisers,
        async audit =>
        {
            var (checkedCount, wrong) = (0, 0);
            foreach (var advertiser in await audit.Advertisers(cancellation))
            {
                checkedCount++;
                foreach (var line in await audit.Cells.VerifyAsync(advertiser, cancellation))
                {
                    wrong++;
                    Console.WriteLine($"{advertiser} {line}");
                }
            }

            Console.WriteLine($"{checkedCount} advertisers compared, {wrong} cells differ.");
            return wrong == 0 ? 0 : 1;
        },
        cancellation);

    public static Task<int> RebuildAsync(string[] advertisers, CancellationToken cancellation) => RunAsync(
        advertisers,
        async audit =>
        {
            var (rebuilt, wrong) = (0, 0);
            foreach (var advertiser in await audit.Advertisers(cancellation))
            {
                rebuilt++;
                wrong += await audit.Cells.RebuildAsync(advertiser, cancellation);
            }

            Console.WriteLine($"{rebuilt} advertisers recounted, {wrong} cells mended.");
            return 0;
        },
        cancellation);

    private static async Task<int> RunAsync(string[] named, Func<Audit, Task<int>> work, CancellationToken cancellation)
    {
        var ids = Array.ConvertAll(named, text => GlobalId.TryParse(text, out var id) ? id : throw new SettingException($"{text} is no id such as USA_123."));
        return await DatabaseCommand.RunAsync(
            app =>
            {
                var cells = app.Services.GetRequiredService<CellAudit>();
                return work(new Audit(cells, token => ids.Length > 0 ? Task.FromResult<IReadOnlyList<GlobalId>>(ids) : cells.AdvertisersAsync(token)));
            },
            cancellation);
    }

    private sealed record Audit(CellAudit Cells, Func<CancellationToken, Task<IReadOnlyList<GlobalId>>> Advertisers);
}
