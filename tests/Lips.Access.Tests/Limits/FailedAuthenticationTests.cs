using System.Net;
using Lips.Access.Limits;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Lips.Access.Tests.Limits;

/// <summary>Failed authentications are limited by address, at so slow a rate here that nothing comes back while a test runs.</summary>
public sealed class FailedAuthenticationTests : IAsyncLifetime
{
    private const int Burst = 3;

    private static readonly (string, string)[] Slow =
    [
        ("Lips:AuthenticationFailures:PerMinute", "0.01"), ("Lips:AuthenticationFailures:Burst", $"{Burst}"),
    ];

    private LipsNode? started;

    private LipsNode Node => started!;

    public async Task InitializeAsync() => started = await LipsNode.StartWithAsync(null, [.. Slow, ("Lips:Proxies", "127.0.0.0/8, ::1")]);

    public Task DisposeAsync() => Node.DisposeAsync().AsTask();

    [Fact]
    public async Task Over_the_limit_guesses_are_answered_429()
    {
        for (var i = 0; i < Burst; i++)
            Assert.Equal(401, await GuessAsync("203.0.113.1"));

        var refused = (await AskAsync("wrong", "203.0.113.1")).Is(429);

        Assert.Equal("""{"name":"too_many_requests","message":"Too Many Requests"}""", refused.Body);
        Assert.Equal("6000", Assert.Single(refused.Headers.GetValues("Retry-After")));
        Assert.False(refused.Headers.Contains("RateLimit"));
        Assert.Equal(401, await GuessAsync("203.0.113.2"));
    }

    [Fact]
    public async Task A_valid_token_is_let_in_from_there_known_or_not_while_guesses_go_on()
    {
        const string address = "203.0.113.3";
        var known = await Node.NewTokenAsync(new { name = "known", advertisers = "all" });
        (await AskAsync(known.Secret(), address)).Is(200);
        using var stop = new CancellationTokenSource();
        var guessed = 0;
        var guessing = Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                if (await GuessAsync(address) == 429)
                    Interlocked.Increment(ref guessed);
            }
        })).ToArray();
        while (Volatile.Read(ref guessed) < 20)
            await Task.Delay(10);

        for (var i = 0; i < 10; i++)
        {
            var fresh = await Node.NewTokenAsync(new { name = "fresh", advertisers = "all" });
            (await AskAsync(fresh.Secret(), address)).Is(200);
            (await AskAsync(known.Secret(), address)).Is(200);
        }

        await stop.CancelAsync();
        await Task.WhenAll(guessing);
    }

    [Fact]
    public async Task Who_sends_no_credential_has_guessed_nothing()
    {
        for (var i = 0; i < 3 * Burst; i++)
            (await AskAsync(null, "203.0.113.4")).Is(401);

        Assert.Equal(401, await GuessAsync("203.0.113.4"));
    }

    [Fact]
    public async Task Addresses_of_one_IPv6_network_of_64_bits_count_as_one()
    {
        for (var i = 1; i <= Burst; i++)
            Assert.Equal(401, await GuessAsync($"2001:db8:0:1::{i}"));

        Assert.Equal(429, await GuessAsync("2001:db8:0:1:ffff::1"));
        Assert.Equal(401, await GuessAsync("2001:db8:0:2::1"));
    }

    [Fact]
    public async Task What_a_client_says_of_its_address_counts_only_behind_a_configured_proxy()
    {
        // Left of what the proxy added stands what the client made up.
        for (var i = 0; i < Burst; i++)
            Assert.Equal(401, await GuessAsync($"198.51.100.{i}, 203.0.113.5"));
        Assert.Equal(429, await GuessAsync("198.51.100.99, 203.0.113.5"));

        await using var open = await LipsNode.StartWithAsync(Node.ConnectionString, Slow);
        for (var i = 0; i < Burst; i++)
            (await open.GetWithAsync("wrong", TokenUses.List, ("X-Forwarded-For", $"203.0.113.{i}"))).Is(401);
        (await open.GetWithAsync("wrong", TokenUses.List, ("X-Forwarded-For", "203.0.113.99"))).Is(429);
    }

    [Fact]
    public async Task Lookups_of_an_address_over_the_limit_are_made_one_at_a_time_and_of_all_such_four()
    {
        var failures = new FailedAuthentications(Settings(), TimeProvider.System);
        var addresses = Enumerable.Range(1, 8).Select(i => IPAddress.Parse($"192.0.2.{i}")).ToArray();
        foreach (var address in addresses)
        {
            for (var i = 0; i < Burst; i++)
                Assert.Null(failures.Note(address));
            Assert.NotNull(failures.Note(address));
        }

        var (guard, now, most) = (new Lock(), new Dictionary<IPAddress, int>(), (One: 0, All: 0));
        await Task.WhenAll(addresses.SelectMany(a => Enumerable.Range(0, 6)
            .Select(_ => Task.Run(() => failures.LookUpAsync(a, () => LookAsync(a), CancellationToken.None).AsTask()))));

        Assert.Equal(1, most.One);
        Assert.InRange(most.All, 1, 4);

        async ValueTask<string?> LookAsync(IPAddress address)
        {
            lock (guard)
            {
                now[address] = now.GetValueOrDefault(address) + 1;
                most = (Math.Max(most.One, now.Values.Max()), Math.Max(most.All, now.Values.Sum()));
            }

            await Task.Delay(5);
            lock (guard)
                now[address]--;
            return null;
        }
    }

    [Fact]
    public async Task Within_the_limit_nobody_waits_for_another()
    {
        var failures = new FailedAuthentications(Settings(), TimeProvider.System);
        var other = new TaskCompletionSource<string?>();
        var waiting = failures.LookUpAsync(IPAddress.Loopback, () => new ValueTask<string?>(other.Task), CancellationToken.None).AsTask();

        Assert.Equal(
            "found", await failures.LookUpAsync(IPAddress.Loopback, () => new ValueTask<string?>("found"), CancellationToken.None));

        other.SetResult(null);
        Assert.Null(await waiting);
    }

    [Fact]
    public void An_address_is_forgotten_when_it_may_do_everything_again()
    {
        var failures = new FailedAuthentications(Settings(("Lips:AuthenticationFailures:PerMinute", "1000000")), TimeProvider.System);
        Assert.Null(failures.Note(IPAddress.Loopback));
        SpinWait.SpinUntil(() => Swept() == 0, TimeSpan.FromMinutes(1));
        Assert.Equal(0, failures.Count);

        var slow = new FailedAuthentications(Settings(), TimeProvider.System);
        slow.Note(IPAddress.Loopback);
        slow.Sweep();
        Assert.Equal(1, slow.Count);

        int Swept()
        {
            failures.Sweep();
            return failures.Count;
        }
    }

    [Fact]
    public void An_IPv4_address_is_the_same_in_both_of_its_forms() =>
        Assert.Equal(AddressKey.Of(IPAddress.Parse("192.0.2.1")), AddressKey.Of(IPAddress.Parse("::ffff:192.0.2.1")));

    private async Task<int> GuessAsync(string address) => (await AskAsync("lips_" + Guid.NewGuid().ToString("N"), address)).Status;

    private Task<Answer> AskAsync(string? authorization, string address) =>
        Node.GetWithAsync(authorization, TokenUses.List, ("X-Forwarded-For", address));

    private static IConfiguration Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(
            Slow.Concat(settings).GroupBy(s => s.Item1).Select(s => KeyValuePair.Create(s.Key, (string?)s.Last().Item2))).Build();
}
