using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>A whole number may be written with a point or an exponent wherever one is read (contract section 1).</summary>
public sealed class WholeNumberFieldsTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Theory]
    [Each("95.0", "9.5e1", "950E-1", "95.000", "0.95e+2")]
    public async Task Numbers_of_a_record_may_be_written_so(string number)
    {
        Assert.Equal("95", await StoredAsync("call", $$"""{"duration":{{number}}}""", "duration"));
        Assert.Equal("95", await StoredAsync("call", $$"""{"call_duration":{{number}}}""", "duration"));
        Assert.Equal("95", await StoredAsync("lsa", $$"""{"lead_price":{{number}}}""", "lead_price"));
        Assert.Equal("1", await StoredAsync("lsa", """{"charged":1.0}""", "charged"));
        Assert.Equal("\"95\"", await StoredAsync("booking", $$"""{"booking_id":{{number}}}""", "booking_id"));
        Assert.Contains(
            "\"id\":95,", await StoredAsync("chat", $$"""{"transcript":[{"id":{{number}}}]}""", "transcript"), StringComparison.Ordinal);
        Assert.Equal(await FoundAsync("call_duration=95"),
            await FoundAsync($"call_duration={number.Replace("+", "%2B", StringComparison.Ordinal)}"));
        Assert.Equal(await FoundAsync("per_page=95"), await FoundAsync($"per_page={number.Replace("+", "%2B", StringComparison.Ordinal)}"));
    }

    [Theory]
    [InlineData("12", "12.0")]
    [InlineData("12.0", "1.2e1")]
    [InlineData("\"12\"", "12.000")]
    [InlineData("123456789012345678901234567890", "\"123456789012345678901234567890\"")]
    public async Task An_id_is_the_same_however_its_number_is_written(string first, string second)
    {
        var app = (first.Length + second.Length).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var created = (await PostAsync($"\"event_type\":\"call\",\"external_app_id\":{app},\"external_id\":{first}")).Is(201).Json.Id();

        Assert.Equal(created, (await PostAsync($"\"event_type\":\"call\",\"external_app_id\":\"{app}\",\"external_id\":{second}")).Is(200)
            .Json.Id());
    }

    [Theory]
    [Each("95.5", "95.00000000000000000000000000001", "9.55e1", "1e10", "1e-400", "-1.0")]
    public async Task What_is_not_whole_or_out_of_bounds_is_422(string number) =>
        Assert.Equal(["call.duration"], (await PostAsync($$"""
            "event_type":"call","call":{"duration":{{number}}}
            """)).Is(422).Attributes);

    private async Task<string> StoredAsync(string type, string part, string field) =>
        (await PostAsync($"\"event_type\":\"{type}\",\"{type}\":{part}")).Is(201).Json[type]![field]!.ToJsonString();

    private Task<Answer> PostAsync(string attributes) => client.SendAsync(
        HttpMethod.Post, Records.One,
            $"{{\"contact_interaction\":{{\"global_master_advertiser_id\":\"USA_1\",\"occurred_at\":\"2021-09-06\",{attributes}}}}}");

    private Task<IReadOnlyList<long>> FoundAsync(string query) => client.FoundAsync("global_master_advertiser_id=USA_1&" + query);
}
