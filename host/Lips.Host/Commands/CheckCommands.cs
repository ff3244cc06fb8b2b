using System.Text.Json.Nodes;
using Lips.Counters.Contracts;
using Lips.Kernel;

namespace Lips.Host.Commands;

/// <summary><c>verify</c> and <c>rebuild</c>, of counters and of interactions.</summary>
/// <typeparam name="T">What is compared.</typeparam>
/// <param name="things">What is counted of it, such as <c>cells</c>.</param>
internal sealed class CheckCommands<T>(string things)
    where T : IRecordCheck
{
    public Task<int> VerifyAsync(string[] advertisers, Output output, CancellationToken cancellation) => RunAsync(
        advertisers,
        async (check, ids) =>
        {
            var wrong = 0;
            foreach (var advertiser in ids)
            {
                foreach (var line in await check.VerifyAsync(advertiser, cancellation))
                {
                    wrong++;
                    output.Write(
                        new JsonObject { ["global_master_advertiser_id"] = advertiser.ToString(), ["difference"] = line },
                        $"{advertiser} {line}");
                }
            }

            output.Write(
                new JsonObject { ["advertisers"] = ids.Count, ["differences"] = wrong },
                $"{ids.Count} advertisers compared, {wrong} {things} differ.");
            return wrong == 0 ? ExitCodes.Done : ExitCodes.Differs;
        },
        cancellation);

    public Task<int> RebuildAsync(string[] advertisers, Output output, CancellationToken cancellation) => RunAsync(
        advertisers,
        async (check, ids) =>
        {
            var wrong = 0;
            foreach (var advertiser in ids)
                wrong += await check.RebuildAsync(advertiser, cancellation);
            output.Write(
                new JsonObject { ["advertisers"] = ids.Count, ["mended"] = wrong },
                $"{ids.Count} advertisers compared, {wrong} {things} mended.");
            return ExitCodes.Done;
        },
        cancellation);

    private static async Task<int> RunAsync(
        string[] named, Func<T, IReadOnlyList<GlobalId>, Task<int>> work, CancellationToken cancellation)
    {
        var ids = Array.ConvertAll(
            named, text => GlobalId.TryParse(text, out var id) ? id : throw new WrongUseException($"{text} is no id such as USA_123."));
        return await DatabaseCommand.RunAsync(
            async app => await work(
                app.Services.GetRequiredService<T>(),
                ids.Length > 0 ? ids : await app.Services.GetRequiredService<CellVerification>().AdvertisersAsync(cancellation)),
            cancellation);
    }
}
