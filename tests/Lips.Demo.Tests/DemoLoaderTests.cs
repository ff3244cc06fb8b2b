using System.Text;
using Spectre.Console;

namespace Lips.Demo.Tests;

public class DemoLoaderTests
{
    private static readonly DemoAdvertiser Small = new("TEST_2", 500);

    [Fact]
    public async Task Everything_arrives_once_and_a_second_load_adds_nothing()
    {
        await using var service = await FakeService.StartAsync();
        var first = await DemoLoader.LoadAsync(service.Client, Console(out _), default);
        Assert.Empty(service.Refusals);
        Assert.Equal(
            [new("TEST_2", 500, 500, 0), new("TEST_1", 5_000, 5_000, 0), new("USA_1", 50_000, 50_000, 0)], first.Advertisers);
        Assert.Equal((55_500, 0), (first.Created, first.Duplicates));
        Assert.Equal(12, service.Requests.Count);

        var second = await DemoLoader.LoadAsync(service.Client, Console(out _), default);
        Assert.Equal((0, 55_500), (second.Created, second.Duplicates));
    }

    [Fact]
    public async Task The_requests_together_are_the_data_to_the_byte()
    {
        await using var service = await FakeService.StartAsync();
        await LoadAsync(service, Console(out _), linesPerRequest: 200);
        Assert.Equal([200, 200, 100], service.Requests);
        Assert.True(service.Received.ToArray().AsSpan().SequenceEqual(DemoLines.Bytes(Small.Id, Small.Count)));
    }

    [Fact]
    public async Task Without_a_terminal_there_is_a_plain_line_for_each_request()
    {
        await using var service = await FakeService.StartAsync();
        await LoadAsync(service, Console(out var written), linesPerRequest: 250);
        Assert.Equal(
            "TEST_2: 250 of 500 sent, 250 new, 0 there already\nTEST_2: 500 of 500 sent, 500 new, 0 there already\n",
            written.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task On_a_terminal_a_bar_goes_up_to_100_percent()
    {
        await using var service = await FakeService.StartAsync();
        var result = await LoadAsync(service, Console(out var written, terminal: true), linesPerRequest: 100);
        Assert.Equal(500, result.Created);
        Assert.Contains("\u001b[", written.ToString(), StringComparison.Ordinal);
        Assert.Contains("TEST_2", written.ToString(), StringComparison.Ordinal);
        Assert.Contains("100%", written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_line_is_told_by_its_number_in_the_whole()
    {
        await using var service = await FakeService.StartAsync();
        service.Instead = request => request == 0 ? null : (200, "application/json",
            """{"received":200,"created":198,"duplicates":0,"rejected":2,"errors":"""
            + """[{"line":7,"attribute":"channel","message":"is not a channel"}]}""");
        var failure = await Assert.ThrowsAsync<DemoException>(() => LoadAsync(service, Console(out _), linesPerRequest: 200));
        Assert.Equal("TEST_2: 2 of 200 lines were rejected. Line 207: channel is not a channel.", failure.Message);
    }

    [Theory]
    [InlineData(503, "application/json", """{"name":"unavailable","message":"The database is away."}""", "503: The database is away.")]
    [InlineData(401, "application/json", """{"name":"unauthorized","message":"No valid credential."}""", "401: No valid credential.")]
    [InlineData(422, "application/json", """[{"attribute":"per_page","message":"must be a number"}]""", "422: per_page must be a number")]
    [InlineData(502, "text/html", "<h1>Bad Gateway</h1>\n", "502: <h1>Bad Gateway</h1>")]
    [InlineData(500, "text/plain", "", "500: no message")]
    public async Task Another_status_than_2xx_is_told_with_the_message_of_its_body(int status, string type, string body, string message)
    {
        await using var service = await FakeService.StartAsync();
        service.Instead = _ => (status, type, body);
        foreach (var terminal in new[] { false, true })
        {
            var failure = await Assert.ThrowsAsync<DemoException>(() => LoadAsync(service, Console(out _, terminal), linesPerRequest: 500));
            Assert.Equal("TEST_2: the service answered " + message, failure.Message);
        }
    }

    [Theory]
    [InlineData("<html>", "TEST_2: the service answered 200, but not with the counts of a bulk load.")]
    [InlineData("{}", "TEST_2: the service answered 200, but not with the counts of a bulk load.")]
    [InlineData("null", "TEST_2: the service answered 200, but not with the counts of a bulk load.")]
    [InlineData(
        """{"received":499,"created":499,"duplicates":0,"rejected":0,"errors":[]}""",
        "TEST_2: of 500 lines the service received 499, created 499 and knew 0.")]
    public async Task A_200_that_does_not_account_for_every_line_is_a_failure(string body, string message)
    {
        await using var service = await FakeService.StartAsync();
        service.Instead = _ => (200, "application/json", body);
        var failure = await Assert.ThrowsAsync<DemoException>(() => LoadAsync(service, Console(out _), linesPerRequest: 500));
        Assert.Equal(message, failure.Message);
    }

    [Fact]
    public async Task A_cancelled_load_ends()
    {
        await using var service = await FakeService.StartAsync();
        using var cancelled = new CancellationTokenSource();
        service.Instead = request =>
        {
            if (request == 1)
                cancelled.Cancel();
            return null;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => DemoLoader.LoadAsync(service.Client, Console(out _), [Small], 100, cancelled.Token));
        Assert.InRange(service.Requests.Count, 1, 2);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_an_HttpRequestException()
    {
        var service = await FakeService.StartAsync();
        var address = service.Client.BaseAddress;
        await service.DisposeAsync();
        using var http = new HttpClient { BaseAddress = address };
        await Assert.ThrowsAsync<HttpRequestException>(() => DemoLoader.LoadAsync(http, Console(out _), default));
    }

    private static Task<DemoResult> LoadAsync(FakeService service, IAnsiConsole console, int linesPerRequest) =>
        DemoLoader.LoadAsync(service.Client, console, [Small], linesPerRequest, CancellationToken.None);

    private static IAnsiConsole Console(out StringWriter written, bool terminal = false)
    {
        written = new StringWriter();
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal ? AnsiSupport.Yes : AnsiSupport.No,
            Interactive = terminal ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new Output(written, terminal),
        });
    }

    private sealed class Output(TextWriter writer, bool terminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => terminal;

        public int Width => 80;

        public int Height => 24;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
