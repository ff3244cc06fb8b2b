using Lips.Counters;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Lips.Bench.Rows;

/// <summary>What the data takes: bytes on disk, and bytes of memory in the cube.</summary>
internal static class SpaceRows
{
    public static IReadOnlyList<RowGroup> Groups { get; } =
    [
        new(["disk-per-interaction", "disk-indexes-per-interaction"], DiskAsync),
        new(["memory-per-advertiser"], MemoryAsync),
    ];

    private static async Task<IReadOnlyList<Result>> DiskAsync(World world)
    {
        var rows = await world.ScalarAsync<long>("SELECT count(*) FROM interactions.interactions");
        return
        [
            Result.Of("disk-per-interaction", "bytes", (double)await SizeAsync("pg_total_relation_size") / rows),
            Result.Of("disk-indexes-per-interaction", "bytes", (double)await SizeAsync("pg_indexes_size") / rows),
        ];

        Task<long> SizeAsync(string function) => world.ScalarAsync<long>(
            $"""
            SELECT sum({function}(c.oid))::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('interactions', 'counters', 'audit') AND c.relkind = 'r'
            """);
    }

    /// <summary>
    /// Has the product's own module hold the counters of all advertisers that are asked for, in this process, whose heap can be weighed.
    /// </summary>
    private static async Task<IReadOnlyList<Result>> MemoryAsync(World world)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Lips:Counters:MemoryMb", "4096")]).Build();
        var advertisers = world.Size.Usual.Select(a => GlobalId.FromValue(a.Value)).ToList();
        await using var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(settings)
            .AddCounters(world.ApplicationConnectionString).BuildServiceProvider();
        var counters = services.GetRequiredService<LiveCounters>();
        var versions = (await counters.ReadAsync([advertisers[0]], CancellationToken.None)).Versions.Count;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var advertiser in advertisers.Skip(1))
            versions += (await counters.ReadAsync([advertiser], CancellationToken.None)).Versions.Count;
        var after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(services);
        return versions == advertisers.Count
            ? [Result.Of("memory-per-advertiser", "bytes", (double)(after - before) / (advertisers.Count - 1))]
            : throw new BenchException("The counters of some advertisers were not read.");
    }
}
