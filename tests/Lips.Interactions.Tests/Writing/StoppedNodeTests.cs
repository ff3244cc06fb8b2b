using System.Globalization;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Writing;

/// <summary>
/// A node is stopped (a paused machine, a debugger) while its transactions hold an advertiser's lock, or are next in line.
/// </summary>
public sealed class StoppedNodeTests : CutOff
{
    private const long Advertiser = 1_000_000_000_001;

    private const string Waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'lips %' "
            + "AND wait_event_type = 'Lock'";

    [Theory]
    [Each("one", "bulk", "update", "archive")]
    public async Task Others_write_its_advertisers_and_what_it_was_doing_is_done_once_when_it_goes_on(string what)
    {
        await using var other = await StartOtherAsync();
        long[] ids = [await NewAsync(other, "0"), await NewAsync(other, "1")];
        await using var locker = new LockedAdvertiser(other.ConnectionString, Advertiser);
        await locker.TakeAsync();
        // As many transactions as a node lets wait for one advertiser: each would hold it in turn.
        Task<Answer>[] stopped =
            [WriteAsync(what, ids[0], 0), what is "one" or "bulk" ? WriteAsync(what, ids[1], 1) : CreateAsync(Node, 1)];
        await TwoNodes.UntilAsync(async () => await ScalarAsync(Waiting) == 2);
        Wire.Hold();
        await locker.ReleaseAsync();

        try
        {
            (await CreateAsync(other, 2)).Is(201);
            (await other.Client.UpdateAsync(ids[1], new { notes = "by the other" })).Is(200);
        }
        finally
        {
            Wire.Release();
        }

        Assert.All(await Task.WhenAll(stopped), a => Assert.True(a.Status is 200 or 201, $"{a.Status}: {a.Body}"));
        Assert.Equal(
            what is "bulk" or "one" ? 5 : 4,
            await ScalarAsync($"SELECT count(*) FROM interactions.interactions WHERE advertiser = {Advertiser}"));
        await other.AssertWholeAsync();
    }

    private static Task<Answer> CreateAsync(LipsNode node, int turn) =>
        node.Client.SendOneAsync(Records.Call("USA_1").External("app", "new " + turn.ToString(CultureInfo.InvariantCulture)));

    private static async Task<long> NewAsync(LipsNode node, string external) =>
        (long)(await node.Client.SendOneAsync(Records.Call("USA_1").External("app", external))).Is(201).Json["id"]!;

    private Task<Answer> WriteAsync(string what, long id, int turn) => what switch
    {
        "one" => CreateAsync(Node, turn),
        "bulk" => Node.Client.BulkAsync([Records.Call("USA_1").External("app", "new " + turn.ToString(CultureInfo.InvariantCulture))]),
        "update" => Node.Client.UpdateAsync(id, new { read = true, notes = "by the stopped one" }),
        _ => Node.Client.ArchiveAsync(id),
    };

    private Task<long> ScalarAsync(string sql) => TestPostgres.ScalarAsync<long>(Wire.DirectConnectionString, sql);
}
