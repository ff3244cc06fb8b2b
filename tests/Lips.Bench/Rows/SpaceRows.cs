using Lips.Counters;
using Lips.Counters.Grains;
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
    /// Has the product's own module hold the counters of the advertisers of the usual size, in this process, whose heap can be weighed.
    /// </summary>
    private static async Task<IReadOnlyList<Result>> MemoryAsync(World world)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Lips:Counters:MemoryMb", "4096")]).Build();
        // Not the big one, which takes as much as hundreds of the others.
        var advertisers = world.Size.Usual.Where(a => a != world.Size.BigOne).Select(a => a.Value).ToList();
        await using var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(settings)
            .AddSingleton(TimeProvider.System).AddCounters(world.ApplicationConnectionString).BuildServiceProvider();
        var holds = services.GetRequiredService<SiloHolds>();
        var read = await IsReadAsync(advertisers[0]);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var advertiser in advertisers.Skip(1))
            read += await IsReadAsync(advertiser);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        // So that the product's writers do not wait for a process that is gone.
        await holds.LeaveAllAsync();
        return read == advertisers.Count
            ? [Result.Of("memory-per-advertiser", "bytes", (double)(after - before) / (advertisers.Count - 1))]
            : throw new BenchException("The counters of some advertisers were not read.");

        async Task<int> IsReadAsync(long advertiser) => await holds.Begin(advertiser).ReadAsync() is null ? 0 : 1;
    }
}
