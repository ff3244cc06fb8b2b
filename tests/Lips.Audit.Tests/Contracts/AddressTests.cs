using System.Net;
using Lips.Audit.Contracts;
using Lips.Kernel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Lips.Audit.Tests.Contracts;

/// <summary>What is made of a client's address.</summary>
public sealed class AddressTests
{
    private const string Token = "the-admin-token-of-tests";

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void Addresses_are_told_apart_as_far_as_they_tell_of_a_place(string one, string other, bool isSame) =>
        Assert.Equal(isSame, Hash(Prepared(null, Token), one) == Hash(Prepared(null, Token), other));

    [Fact]
    public void The_setting_comes_before_the_admin_token_and_nodes_with_the_same_agree()
    {
        const string key = "a key of sixteen or more";

        Assert.Equal(Hash(Prepared(key, Token), "192.0.2.1"), Hash(Prepared(key, "another-admin-token"), "192.0.2.1"));
        Assert.NotEqual(Hash(Prepared(null, Token), "192.0.2.1"), Hash(Prepared(null, "another-admin-token"), "192.0.2.1"));
        Assert.NotEqual(Hash(Prepared(null, null), "192.0.2.1"), Hash(Prepared(null, null), "192.0.2.1"));
        Assert.Equal(2 * ClientAddresses.HashLength, Hash(Prepared(key, null), "192.0.2.1").Length);
    }

    [Fact]
    public void A_short_setting_is_refused_and_not_repeated()
    {
        var refused = Assert.Throws<SettingException>(() => Prepared("too short", Token));

        Assert.Contains("Lips:Audit:AddressKey", refused.Message);
        Assert.DoesNotContain("too short", refused.Message);
    }

    [Fact]
    public void No_address_has_no_hash() => Assert.Null(Prepared(null, Token).Hash(null));

    private static string Hash(ClientAddresses addresses, string address) =>
        Convert.ToHexStringLower(addresses.Hash(IPAddress.Parse(address))!);

    private static ClientAddresses Prepared(string? setting, string? adminToken)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Lips:Audit:AddressKey", setting)]).Build();
        var addresses = new ClientAddresses(settings, NullLogger<ClientAddresses>.Instance);
        addresses.Prepare(adminToken);
        return addresses;
    }
}
