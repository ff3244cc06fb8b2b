using System.Text;
using System.Text.Json;
using Lips.Testing;
using Xunit;

namespace Lips.Client.Tests;

/// <summary>Uploads of many lines.</summary>
public sealed class UploadTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Ten_thousand_lines_are_brought_in_with_progress_and_the_wrong_ones_are_named()
    {
        using var lips = fixture.Node.NewLipsClient();
        var told = new Progress();

        var done = await lips.UploadAsync(Lines("USA_31", 10_000, wrong: [17, 9_999]), new UploadOptions { Progress = told });

        Assert.Equal((10_000, 10_000, 9_998, 2), (done.Line, done.Received, done.Created, done.Rejected));
        Assert.Equal(Enumerable.Range(1, 10).Select(part => part * 1_000L), told.All.Select(progress => progress.Line));
        Assert.Equal([17, 9_999], told.All.SelectMany(progress => progress.Errors).Select(error => error.Line).Distinct());
        Assert.Equal(9_998, await lips.EventsAsync("USA_31"));
    }

    [Fact]
    public async Task An_upload_that_breaks_off_goes_on_at_its_checkpoint_and_doubles_nothing()
    {
        var told = new Progress();
        using var between = new Between(async (attempt, _, send) =>
        {
            var answer = await send();
            // The third part is committed, and nobody hears of it.
            return attempt == 3 ? throw new HttpRequestException("The connection broke.") : answer;
        });
        using var breaking = new LipsClient(new LipsClientOptions
        {
            Address = fixture.Node.Address,
            Token = LipsNode.AdminToken,
            Handler = between,
            Retries = 0,
        });
        using var lips = fixture.Node.NewLipsClient();

        await Assert.ThrowsAsync<LipsException>(() => breaking.UploadAsync(
            Lines("USA_32", 4_500, hasIds: false), new UploadOptions { Name = "resumed", Progress = told }));
        Assert.Equal(2_000, told.All[^1].Line);
        Assert.Equal(3_000, await lips.EventsAsync("USA_32"));
        var done = await lips.UploadAsync(
            Lines("USA_32", 4_500, hasIds: false), new UploadOptions { Name = "resumed", ResumeFrom = told.All[^1].Checkpoint });

        Assert.Equal((4_500, 2_500, 1_500), (done.Line, done.Received, done.Created));
        Assert.Equal(4_500, await lips.EventsAsync("USA_32"));
    }

    [Fact]
    public async Task A_checkpoint_of_other_lines_is_refused_before_anything_is_sent()
    {
        using var lips = fixture.Node.NewLipsClient();
        var done = await lips.UploadAsync(Lines("USA_33", 1_000), new UploadOptions { Name = "one" });

        await Assert.ThrowsAsync<ArgumentException>(() => lips.UploadAsync(
            Lines("USA_34", 2_000), new UploadOptions { Name = "one", ResumeFrom = done.Checkpoint }));

        Assert.Equal(0, await lips.EventsAsync("USA_34"));
    }

    private static MemoryStream Lines(string advertiser, int count, int[]? wrong = null, bool hasIds = true)
    {
        var text = new StringBuilder();
        for (var line = 1; line <= count; line++)
        {
            var call = Clients.Call(advertiser, hasIds ? $"line-{line}" : null);
            text.AppendLine(wrong?.Contains(line) == true ? "{\"event_type\":7}" : JsonSerializer.Serialize(call, LipsClient.JsonOptions));
        }

        return new MemoryStream(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private sealed class Progress : IProgress<UploadProgress>
    {
        public List<UploadProgress> All { get; } = [];

        public void Report(UploadProgress value) => All.Add(value);
    }
}
