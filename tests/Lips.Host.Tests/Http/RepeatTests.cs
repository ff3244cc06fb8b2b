using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Lips.Host.Http;
using Lips.Kernel.Repeats;
using Lips.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>Requests that come again in the same bytes on a connection that stays open: <see cref="RepeatingConnection"/>.</summary>
public sealed class RepeatTests : IAsyncLifetime
{
    private const string EndSessions = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'lips%'";

    private readonly Served served = new();
    private LipsNode node = null!;

    public async Task InitializeAsync() => node = await LipsNode.StartAsync(builder => builder.Services.AddSingleton<IStartupFilter>(served));

    public async Task DisposeAsync() => await node.DisposeAsync();

    [Fact]
    public async Task An_answer_made_again_is_the_one_that_the_server_gave()
    {
        await node.Client.IngestAsync(Call(1));
        using var connection = await RawConnection.OpenAsync(node);
        var first = await AskAsync(connection, Poll(1));

        var (second, third) = (await AskAsync(connection, Poll(1)), await AskAsync(connection, Poll(1)));

        Assert.Equal(1, served.Totals);
        Assert.Equal(first, second);
        Assert.Equal(first, third);
        Assert.StartsWith("HTTP/1.1 200 OK\n", first, StringComparison.Ordinal);
        Assert.Contains("{\"totals\":{\"events\":1,", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_on_another_node_is_in_the_next_answer()
    {
        await using var other = await LipsNode.StartAsync(node.ConnectionString);
        using var connection = await RawConnection.OpenAsync(node);
        for (var events = 0; events < 20; events++)
        {
            Assert.Equal(events, EventsOf(await AskAsync(connection, Poll(2))));
            await other.Client.IngestAsync(Call(2));
        }

        Assert.Equal(1, served.Totals);
    }

    [Fact]
    public async Task Nothing_new_is_told_again_until_there_is_something_new()
    {
        await node.Client.IngestAsync(Call(3));
        using var connection = await RawConnection.OpenAsync(node);
        var tag = TagOf(await AskAsync(connection, Poll(3)));
        var conditional = Poll(3, $"If-None-Match: {tag}");
        var first = await AskAsync(connection, conditional);

        Assert.StartsWith("HTTP/1.1 304 Not Modified\n", first, StringComparison.Ordinal);
        Assert.Equal(first, await AskAsync(connection, conditional));
        await node.Client.IngestAsync(Call(3));
        var changed = await AskAsync(connection, conditional);
        Assert.Equal(2, EventsOf(changed));
        Assert.NotEqual(tag, TagOf(changed));
        Assert.Equal(2, served.Totals);
    }

    [Fact]
    public async Task A_list_of_tags_is_read_each_time()
    {
        await node.Client.IngestAsync(Call(4));
        using var connection = await RawConnection.OpenAsync(node);
        var conditional = Poll(4, $"If-None-Match: \"other\", {TagOf(await AskAsync(connection, Poll(4)))}");

        for (var n = 0; n < 2; n++)
            Assert.StartsWith("HTTP/1.1 304 ", await AskAsync(connection, conditional), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_token_is_refused_on_a_connection_that_was_answered_before()
    {
        var (id, secret) = await NewTokenAsync("USA_5");
        using var connection = await RawConnection.OpenAsync(node);
        for (var n = 0; n < 3; n++)
            Assert.Equal(0, EventsOf(await AskAsync(connection, Poll(5, secret: secret))));
        Assert.Equal(1, served.Totals);

        (await node.Client.SendAsync(HttpMethod.Delete, $"/tokens/{id}")).Is(200);

        for (var n = 0; n < 2; n++)
            Assert.StartsWith("HTTP/1.1 401 ", await AskAsync(connection, Poll(5, secret: secret)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_one_caller_may_ask_another_may_not_on_the_same_connection()
    {
        var (_, secret) = await NewTokenAsync("USA_7");
        using var connection = await RawConnection.OpenAsync(node);
        for (var n = 0; n < 3; n++)
        {
            Assert.Equal(0, EventsOf(await AskAsync(connection, Poll(6))));
            Assert.StartsWith("HTTP/1.1 403 ", await AskAsync(connection, Poll(6, secret: secret)), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 401 ", await AskAsync(connection, Poll(6, secret: "guess")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_with_a_rate_is_counted_each_time()
    {
        var (_, secret) = await NewTokenAsync("USA_8", trusted: false);
        using var connection = await RawConnection.OpenAsync(node);

        for (var n = 0; n < 3; n++)
            Assert.Contains("RateLimit: ", await AskAsync(connection, Poll(8, secret: secret)), StringComparison.Ordinal);
        Assert.Equal(3, served.Totals);
    }

    [Theory]
    [InlineData("Connection: close")]
    [InlineData("Origin: https://app.example")]
    public async Task What_changes_more_than_the_body_is_the_servers(string header)
    {
        for (var n = 0; n < 2; n++)
        {
            using var connection = await RawConnection.OpenAsync(node);
            Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(connection, Poll(9, header)), StringComparison.Ordinal);
        }

        Assert.Equal(2, served.Totals);
    }

    [Fact]
    public async Task Requests_behind_each_other_are_answered_in_their_order()
    {
        for (var number = 10; number < 13; number++)
        {
            for (var n = number; n < 13; n++)
                await node.Client.IngestAsync(Call(number));
        }

        using var connection = await RawConnection.OpenAsync(node);
        // The second is not known yet, and the last is another route's.
        await AskAsync(connection, Poll(10));
        await AskAsync(connection, Poll(12));
        await connection.SendAsync(Poll(10) + Poll(11) + Poll(12) + Poll(10) + "GET /health/live HTTP/1.1\r\nHost: lips.example\r\n\r\n");
        var text = await connection.AnswersAsync(5);

        Assert.Equal([3, 2, 1, 3], text.Take(4).Select(EventsOf));
        Assert.Contains("{\"status\":", text[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_comes_in_pieces_is_the_same_request()
    {
        using var connection = await RawConnection.OpenAsync(node);
        await AskAsync(connection, Poll(14));
        for (var cut = 1; cut < Poll(14).Length; cut += 29)
        {
            await connection.SendAsync(Poll(14)[..cut]);
            await Task.Delay(20);
            Assert.Equal(0, EventsOf(await AskAsync(connection, Poll(14)[cut..])));
        }
    }

    [Theory]
    [InlineData("/contact_interactions")]
    [InlineData("/contact_interactions/bulk")]
    public async Task A_body_that_looks_like_a_request_is_a_body(string target)
    {
        using var connection = await RawConnection.OpenAsync(node);
        await AskAsync(connection, Poll(15));
        await AskAsync(connection, Poll(15));
        await connection.SendAsync(
            $"POST {target} HTTP/1.1\r\nHost: lips.example\r\nAuthorization: token {LipsNode.AdminToken}\r\nContent-Type: application/x-ndjson\r\nContent-Length: {2 * Poll(15).Length}\r\n\r\n");
        await Task.Delay(50);
        await connection.SendAsync(Poll(15));
        await Task.Delay(50);
        await connection.SendAsync(Poll(15));

        var answer = await connection.AnswerAsync();
        Assert.DoesNotContain("totals", answer, StringComparison.Ordinal);
        Assert.Equal(1, answer.Split("HTTP/1.1 ").Length - 1);
        Assert.Equal(0, EventsOf(await AskAsync(connection, Poll(15))));
        Assert.Equal(2, served.Totals);
    }

    [Fact]
    public async Task A_body_of_a_get_is_no_request()
    {
        using var connection = await RawConnection.OpenAsync(node);
        await AskAsync(connection, Poll(16));
        var inner = Poll(16);
        await connection.SendAsync(Poll(16, $"Content-Length: {inner.Length}") + inner + Poll(16));

        var answers = await connection.AnswersAsync(2);

        Assert.Equal([0, 0], answers.Select(EventsOf));
        Assert.Equal(0, EventsOf(await AskAsync(connection, Poll(16))));
    }

    [Fact]
    public async Task Lost_database_connections_cost_at_most_a_503()
    {
        using var connection = await RawConnection.OpenAsync(node);
        await AskAsync(connection, Poll(17));
        for (var events = 0; events < 5; events++)
        {
            await TestPostgres.ExecuteAsync(node.ConnectionString, EndSessions);
            var answer = await AskAsync(connection, Poll(17));
            if (!answer.StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal))
                Assert.Equal(events, EventsOf(answer));
            Assert.Equal(events, await UntilThereAsync(connection, Poll(17)));
            await IngestAsync(Call(17, $"lost-{events}"));
        }
    }

    [Fact]
    public async Task A_node_that_stops_lets_go_of_a_connection_that_polls()
    {
        var stopping = await LipsNode.StartAsync(node.ConnectionString);
        using var idle = await RawConnection.OpenAsync(stopping);
        using var busy = await RawConnection.OpenAsync(stopping);
        foreach (var connection in new[] { idle, busy })
        {
            for (var n = 0; n < 3; n++)
                Assert.Equal(0, EventsOf(await AskAsync(connection, Poll(18))));
        }

        var polling = Task.Run(async () =>
        {
            try
            {
                while ((await AskAsync(busy, Poll(18))).Length > 0)
                {
                }
            }
            catch (IOException)
            {
                // It closed while the next request was on its way.
            }
        });
        await stopping.DisposeAsync();

        await polling;
        Assert.Empty(await idle.AnswerAsync());
    }

    [Fact]
    public async Task Who_does_not_take_the_answers_is_cut_off()
    {
        var (known, request, bytes) = (new RepeatedRequests(), new Long(), Encoding.ASCII.GetBytes(Poll(19)));
        known.Keep(bytes, new RepeatedRequest(request, new Open(), new Microsoft.AspNetCore.Http.DefaultHttpContext().Response));
        await using var pair = await Pair.OpenAsync(known, buffers: 4_096);
        var reading = pair.Connection.Transport.Input.ReadAsync().AsTask();

        // Until the buffers of both ends are full, and nothing is taken any more. How long the client is waited for depends on the length of an answer.
        for (int asked = -1; asked != request.Asked; await Task.Delay(200))
        {
            asked = request.Asked;
            for (var n = 0; n < 20; n++)
                await pair.Client.SendAsync(bytes);
        }

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => reading);
    }

    [Fact]
    public async Task Many_connections_at_once_are_each_answered_their_own()
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => RawConnection.OpenAsync(node)));
        for (var number = 21; number < 25; number++)
        {
            for (var n = 20; n < number; n++)
                await node.Client.IngestAsync(Call(number));
        }

        await Task.WhenAll(connections.Select((connection, place) => Task.Run(async () =>
        {
            using (connection)
            {
                for (var n = place; n < place + 200; n++)
                    Assert.Equal((n % 4) + 1, EventsOf(await AskAsync(connection, Poll(21 + (n % 4)))));
            }
        })));

        Assert.InRange(served.Totals, 4, 64);
    }

    [Fact]
    public async Task The_server_gets_a_request_now_and_then_so_that_it_knows_that_the_connection_is_used()
    {
        var (known, bytes) = (new RepeatedRequests(), Encoding.ASCII.GetBytes(Poll(1)));
        foreach (var (between, answered) in new[] { (TimeSpan.FromHours(1), true), (TimeSpan.FromMilliseconds(-1), false) })
        {
            known.Keep(bytes, new RepeatedRequest(new Constant(), new Open(), new Microsoft.AspNetCore.Http.DefaultHttpContext().Response));
            await using var pair = await Pair.OpenAsync(known, between);
            var reading = pair.Connection.Transport.Input.ReadAsync();
            await pair.Client.SendAsync(bytes);
            if (answered)
                Assert.StartsWith("HTTP/1.1 304 ", await pair.ReceiveAsync(), StringComparison.Ordinal);
            pair.Client.Shutdown(SocketShutdown.Send);

            Assert.Equal(answered ? 0 : bytes.Length, (await reading).Buffer.Length);
        }
    }

    [Fact]
    public async Task A_server_that_is_told_to_end_waits_for_an_answer_that_is_on_its_way()
    {
        var (known, request, bytes) = (new RepeatedRequests(), new Held(), Encoding.ASCII.GetBytes(Poll(1)));
        known.Keep(bytes, new RepeatedRequest(request, new Open(), new Microsoft.AspNetCore.Http.DefaultHttpContext().Response));
        await using var pair = await Pair.OpenAsync(known);
        var reading = pair.Connection.Transport.Input.ReadAsync().AsTask();
        await pair.Client.SendAsync(bytes);
        var answer = await request.Asked;

        pair.Connection.Transport.Input.CancelPendingRead();
        await Task.Delay(50);
        Assert.False(reading.IsCompleted);
        answer.NotModified("W/\"1\"");

        Assert.True((await reading).IsCanceled);
        Assert.StartsWith("HTTP/1.1 304 ", await pair.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_told_to_end_does_not_wait_for_a_client_that_is_gone()
    {
        var (known, request, bytes) = (new RepeatedRequests(), new Held(), Encoding.ASCII.GetBytes(Poll(1)));
        known.Keep(bytes, new RepeatedRequest(request, new Open(), new Microsoft.AspNetCore.Http.DefaultHttpContext().Response));
        await using var pair = await Pair.OpenAsync(known);
        var reading = pair.Connection.Transport.Input.ReadAsync().AsTask();
        await pair.Client.SendAsync(bytes);
        var answer = await request.Asked;
        pair.Connection.Transport.Input.CancelPendingRead();

        pair.Client.Close(0);
        await Task.Delay(50);
        answer.NotModified("W/\"1\"");

        Assert.True((await reading.WaitAsync(TimeSpan.FromMinutes(1))).IsCanceled);
    }

    [Theory]
    [InlineData("interactions.interactions", true)]
    [InlineData("counters.advertisers", false)]
    public async Task What_waits_for_too_long_is_answered_the_ordinary_way(string locked, bool isPage)
    {
        await using var other = await LipsNode.StartWithAsync(node.ConnectionString, ("Lips:Limits:RequestSeconds", "1"));
        await other.Client.IngestAsync(Call(8));
        using var connection = await RawConnection.OpenAsync(other);
        var request = isPage ? Page(8) : Poll(8);
        for (var n = 0; n < 3; n++)
            Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(connection, request), StringComparison.Ordinal);
        // There is something new to read, and nobody can read it.
        await node.Client.IngestAsync(Call(8));
        await using var locker = new NpgsqlConnection(node.ConnectionString + ";Pooling=false");
        await locker.OpenAsync();
        await using (var take = new NpgsqlCommand($"BEGIN; LOCK TABLE {locked} IN ACCESS EXCLUSIVE MODE", locker))
            await take.ExecuteNonQueryAsync();

        // By itself it would wait for as long as a statement may take, half a minute.
        var answer = AskAsync(connection, request);
        Assert.Same(answer, await Task.WhenAny(answer, Task.Delay(TimeSpan.FromSeconds(20))));

        Assert.StartsWith("HTTP/1.1 503 ", await answer, StringComparison.Ordinal);
        Assert.Contains("{\"name\":\"unavailable\"", await answer, StringComparison.Ordinal);
        await locker.CloseAsync();
        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(connection, request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_while_the_server_is_at_work_is_for_the_server_until_it_has_offered_and_waits_from_then_on()
    {
        var (known, bytes) = (new RepeatedRequests(), Encoding.ASCII.GetBytes(Poll(1)));
        var request = new RepeatedRequest(new Constant(), new Open(), new Microsoft.AspNetCore.Http.DefaultHttpContext().Response);
        await using var pair = await Pair.OpenAsync(known);
        var input = pair.Connection.Transport.Input;
        await pair.Client.SendAsync(bytes);
        input.AdvanceTo((await input.ReadAsync()).Buffer.End);

        known.Keep(bytes, request);
        await pair.Client.SendAsync(bytes);
        var second = await input.ReadAsync();
        Assert.Equal(bytes.Length, second.Buffer.Length);
        input.AdvanceTo(second.Buffer.End);

        // It has offered it, and has yet to answer it.
        pair.Connection.Keep(request);
        await pair.Client.SendAsync(bytes);
        await Task.Delay(50);
        Assert.Equal(0, pair.Client.Available);
        var third = input.ReadAsync();
        Assert.StartsWith("HTTP/1.1 304 ", await pair.ReceiveAsync(), StringComparison.Ordinal);
        Assert.False(third.IsCompleted);
    }

    [Fact]
    public async Task What_waits_for_a_server_that_never_comes_back_does_not_keep_the_connection()
    {
        var (known, bytes) = (new RepeatedRequests(), Encoding.ASCII.GetBytes(Poll(1)));
        var request = new RepeatedRequest(new Constant(), new Open(), new Microsoft.AspNetCore.Http.DefaultHttpContext().Response);
        var pair = await Pair.OpenAsync(known);
        await pair.Client.SendAsync(bytes);
        var input = pair.Connection.Transport.Input;
        input.AdvanceTo((await input.ReadAsync()).Buffer.End);
        pair.Connection.Keep(request);
        await pair.Client.SendAsync(bytes);
        await Task.Delay(50);

        await pair.Connection.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(0, await pair.Client.ReceiveAsync(new byte[100]));
        pair.Client.Dispose();
    }

    [Fact]
    public async Task A_client_that_goes_while_its_request_is_served_ends_it()
    {
        var pair = await Pair.OpenAsync(new RepeatedRequests());
        await using var connection = pair.Connection;
        await pair.Client.SendAsync(Encoding.ASCII.GetBytes(Poll(1)));
        var input = connection.Transport.Input;
        input.AdvanceTo((await input.ReadAsync()).Buffer.End);
        var closed = new TaskCompletionSource();
        connection.ConnectionClosed.Register(closed.SetResult);

        pair.Client.Dispose();

        await closed.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True((await input.ReadAsync()).IsCompleted);
    }

    [Fact]
    public async Task A_page_made_again_is_the_one_that_the_server_gave_and_has_what_another_node_acknowledged()
    {
        await using var other = await LipsNode.StartAsync(node.ConnectionString);
        using var connection = await RawConnection.OpenAsync(node);
        using var fresh = await RawConnection.OpenAsync(other);
        for (var events = 0; events < 14; events++)
        {
            var (page, again) = (await AskAsync(connection, Page(30)), await AskAsync(connection, Page(30)));
            Assert.Equal(page, again);
            // Its links too: there are two pages from the eleventh on.
            Assert.Equal(await AskAsync(fresh, Page(30, "X-Fresh: " + events)), page);
            Assert.Equal(events, EventsOf(page));
            await other.Client.IngestAsync(Call(30));
        }

        Assert.Contains("page=2>; rel=\"last\"", await AskAsync(connection, Page(30)), StringComparison.Ordinal);
        Assert.InRange(served.Pages, 1, 3);
    }

    [Fact]
    public async Task A_page_with_a_tag_is_told_again_when_something_is_new()
    {
        var id = (long)(await node.Client.IngestAsync(Call(31)))["id"]!;
        using var connection = await RawConnection.OpenAsync(node);
        var conditional = Page(31, $"If-None-Match: {TagOf(await AskAsync(connection, Page(31)))}");
        var first = await AskAsync(connection, conditional);
        Assert.StartsWith("HTTP/1.1 304 ", first, StringComparison.Ordinal);
        Assert.Equal(first, await AskAsync(connection, conditional));

        (await node.Client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}", new { contact_interaction = new { notes = "new" } })).Is(200);

        var changed = await AskAsync(connection, conditional);
        Assert.Contains("\"notes\":\"new\"", changed, StringComparison.Ordinal);
        Assert.Equal(changed, await AskAsync(connection, Page(31)));
        Assert.Equal(2, served.Pages);
    }

    [Fact]
    public async Task A_page_is_told_again_to_each_caller_in_its_own_shape()
    {
        await node.Client.IngestAsync(Call(32));
        var blind = (await node.Client.PostAsync("/tokens", new { token = new { name = "blind", advertisers = "all", abilities = new[] { "read" }, trusted = true, pii = false } })).Is(201).Json["token"]!;
        using var connection = await RawConnection.OpenAsync(node);
        var (full, less) = (await AskAsync(connection, Page(32)), await AskAsync(connection, Page(32, secret: (string)blind["secret"]!)));

        Assert.NotEqual(full, less);
        for (var n = 0; n < 2; n++)
        {
            Assert.Equal(full, await AskAsync(connection, Page(32)));
            Assert.Equal(less, await AskAsync(connection, Page(32, secret: (string)blind["secret"]!)));
        }

        Assert.Equal(2, served.Pages);
    }

    [Theory]
    [InlineData("&page=2")]
    [InlineData("&event_type=call")]
    [InlineData("&sort_by=important")]
    public async Task Other_pages_are_the_servers(string more)
    {
        for (var n = 0; n < 20; n++)
            await node.Client.IngestAsync(Call(33));
        using var connection = await RawConnection.OpenAsync(node);

        Assert.Equal(await AskAsync(connection, Page(33, more: more)), await AskAsync(connection, Page(33, more: more)));

        Assert.Equal(2, served.Pages);
    }

    [Fact]
    public async Task A_lost_database_connection_costs_a_page_at_most_a_503()
    {
        using var connection = await RawConnection.OpenAsync(node);
        await AskAsync(connection, Page(34));
        for (var events = 0; events < 5; events++)
        {
            await TestPostgres.ExecuteAsync(node.ConnectionString, EndSessions);
            var answer = await AskAsync(connection, Page(34));
            if (!answer.StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal))
                Assert.Equal(events, EventsOf(answer));
            Assert.Equal(events, await UntilThereAsync(connection, Page(34)));
            await IngestAsync(Call(34, $"page-{events}"));
        }
    }

    [Fact]
    public async Task Pages_and_polls_of_many_connections_amid_changes_are_each_of_one_moment()
    {
        var ids = new List<long>();
        for (var n = 0; n < 8; n++)
            ids.Add((long)(await node.Client.IngestAsync(Call(35 + (n % 2))))["id"]!);
        using var enough = new CancellationTokenSource();
        var writer = Task.Run(async () =>
        {
            for (var n = 0; !enough.IsCancellationRequested; n++)
                (await node.Client.SendAsync(HttpMethod.Put, $"/contact_interactions/{ids[n % 8]}", new { contact_interaction = new { read = n / 8 % 2 == 0 } })).Is(200);
        });

        await Task.WhenAll(Enumerable.Range(0, 12).Select(place => Task.Run(async () =>
        {
            using var connection = await RawConnection.OpenAsync(node);
            for (var n = place; n < place + 150; n++)
            {
                var page = JsonOf(await AskAsync(connection, Page(35 + (n % 2))));
                Assert.Equal(4, page["contact_interactions"]!.AsArray().Count);
                Assert.Equal(page["contact_interactions"]!.AsArray().Count(x => !(bool)x!["read"]!), (int)page["unread"]!["events"]!);
                Assert.Equal(4, EventsOf(await AskAsync(connection, Poll(35 + (n % 2)))));
            }
        })));

        await enough.CancelAsync();
        await writer;
        Assert.InRange(served.Pages, 2, 200);
    }

    private static object Call(int advertiser, string? external = null) =>
        new { global_master_advertiser_id = $"USA_{advertiser}", event_type = "call", occurred_at = "2026-03-02T10:00:00Z", external_id = external, external_app_id = external };

    private static string Poll(int advertiser, string? header = null, string secret = LipsNode.AdminToken) =>
        $"GET /contact_interactions/totals?global_master_advertiser_id=USA_{advertiser} HTTP/1.1\r\nHost: lips.example\r\nAuthorization: token {secret}\r\n{(header is null ? "" : header + "\r\n")}\r\n";

    private static string Page(int advertiser, string? header = null, string secret = LipsNode.AdminToken, string more = "") =>
        $"GET /contact_interactions?global_master_advertiser_id=USA_{advertiser}&per_page=10{more} HTTP/1.1\r\nHost: lips.example\r\nAuthorization: token {secret}\r\n{(header is null ? "" : header + "\r\n")}\r\n";

    /// <summary>The status line, the headers in the order of their names but without the time, and the body.</summary>
    private static async Task<string> AskAsync(RawConnection connection, string request)
    {
        await connection.SendAsync(request);
        var answer = await connection.AnswerAsync();
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return answer;
        var lines = answer[..end].Split("\r\n");
        Assert.Single(lines, l => l.StartsWith("Date: ", StringComparison.Ordinal));
        var headers = lines.Skip(1).Where(l => !l.StartsWith("Date: ", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return $"{lines[0]}\n{string.Join('\n', headers)}\n\n{answer[(end + 4)..]}";
    }

    private async Task IngestAsync(object interaction)
    {
        for (var until = DateTime.UtcNow.AddMinutes(1); (await node.Client.PostAsync("/contact_interactions", new { contact_interaction = interaction })).Status is not (200 or 201); await Task.Delay(50))
            Assert.True(DateTime.UtcNow < until, "The database does not come back.");
    }

    private async Task<int> UntilThereAsync(RawConnection connection, string request)
    {
        for (var until = DateTime.UtcNow.AddMinutes(1); DateTime.UtcNow < until; await Task.Delay(50))
        {
            var answer = await AskAsync(connection, request);
            if (!answer.StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal))
                return EventsOf(answer);
        }

        return -1;
    }

    private async Task<(long Id, string Secret)> NewTokenAsync(string advertiser, bool trusted = true)
    {
        var token = (await node.Client.PostAsync("/tokens", new { token = new { name = advertiser, advertisers = new[] { advertiser }, abilities = new[] { "read" }, trusted } })).Is(201).Json["token"]!;
        return ((long)token["id"]!, (string)token["secret"]!);
    }

    private static int EventsOf(string answer) => (int)JsonOf(answer)["totals"]!["events"]!;

    private static JsonNode JsonOf(string answer)
    {
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        return JsonNode.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..])!;
    }

    private static string TagOf(string answer) => answer.Split('\n').Single(l => l.StartsWith("ETag: ", StringComparison.Ordinal))["ETag: ".Length..];

    private sealed class Served : IStartupFilter
    {
        private int totals;
        private int pages;

        public int Totals => Volatile.Read(ref totals);

        public int Pages => Volatile.Read(ref pages);

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (http, rest) =>
            {
                if (http.Request.Path == "/contact_interactions/totals")
                    Interlocked.Increment(ref totals);
                if (http.Request.Path == "/contact_interactions" && http.Request.Method == "GET")
                    Interlocked.Increment(ref pages);
                await rest(http);
            });
            next(app);
        };
    }

    /// <summary>A connection and the client at its other end; the test stands for the server.</summary>
    private sealed record Pair(Socket Client, RepeatingConnection Connection) : IAsyncDisposable
    {
        public static async Task<Pair> OpenAsync(RepeatedRequests known, TimeSpan? between = null, int? buffers = null)
        {
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            if (buffers is { } size)
                listener.SendBufferSize = client.ReceiveBufferSize = size;
            await client.ConnectAsync(listener.LocalEndPoint!);
            return new Pair(client, RepeatingConnection.Start(await listener.AcceptAsync(), MemoryPool<byte>.Shared, known, between));
        }

        public async Task<string> ReceiveAsync()
        {
            var buffer = new byte[4096];
            return Encoding.ASCII.GetString(buffer.AsSpan(0, await Client.ReceiveAsync(buffer)));
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await Connection.DisposeAsync();
        }
    }

    private sealed class Constant : IRepeatable
    {
        public void Answer(RepeatedAnswer answer) => answer.NotModified("W/\"1\"");
    }

    private sealed class Long : IRepeatable
    {
        private readonly string text = new('x', 1 << 10);

        public int Asked { get; private set; }

        public void Answer(RepeatedAnswer answer)
        {
            Asked++;
            answer.Json("W/\"1\"", text, (json, what) => json.WriteStringValue(what));
        }
    }

    private sealed class Held : IRepeatable
    {
        private readonly TaskCompletionSource<RepeatedAnswer> asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<RepeatedAnswer> Asked => asked.Task;

        public void Answer(RepeatedAnswer answer) => asked.SetResult(answer);
    }

    private sealed class Open : ICredential
    {
        public bool LetsIn() => true;
    }
}
