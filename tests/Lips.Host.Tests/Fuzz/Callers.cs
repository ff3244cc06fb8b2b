using System.Globalization;

namespace Lips.Host.Tests.Fuzz;

/// <summary>What the requests are drawn from: who calls, and which interactions there are.</summary>
/// <param name="Writer">Reads, writes and ingests for USA_1 and AUS_2.</param>
/// <param name="Blind">Reads and writes for GBR_3 and TEST_4, without <c>pii</c>.</param>
/// <param name="Ingester">Ingests for USA_1 and CAN_5, and reads nothing.</param>
/// <param name="Reader">Reads USA_1 and GBR_6.</param>
/// <param name="Revoked">No longer anything.</param>
/// <param name="Admin">Everything; only for tokens that cannot be made.</param>
/// <param name="Ids">Interactions of those advertisers and of others.</param>
internal sealed record Callers(
    string Writer, string Blind, string Ingester, string Reader, string Revoked, string Admin, IReadOnlyList<long> Ids)
{
    public static readonly string[] Advertisers = ["USA_1", "AUS_2", "GBR_3", "TEST_4", "CAN_5", "GBR_6"];

    /// <summary>A credential: mostly one that may do what is asked.</summary>
    public string Secret(Draw draw, string ability)
    {
        var likely = ability switch
        {
            "ingest" => draw.Of(Writer, Writer, Ingester),
            "write" => draw.Of(Writer, Writer, Blind),
            _ => draw.Of(Writer, Writer, Blind, Reader),
        };
        return draw.Chance(93) ? likely : draw.Of(Writer, Blind, Ingester, Reader, Revoked, "unknown", "");
    }

    /// <summary>Advertisers of the credential, mostly.</summary>
    public string Advertiser(Draw draw, string secret)
    {
        if (!draw.Chance(95))
            return draw.Of("USA_9001", "TEST_9002", "GBR_6", "USA_77", "AUS_2", "GBR_3");
        return secret == Blind
            ? draw.Of("GBR_3", "TEST_4")
            : secret == Ingester ? draw.Of("USA_1", "CAN_5") : secret == Reader ? draw.Of("USA_1", "GBR_6") : draw.Of("USA_1", "AUS_2");
    }

    public string Id(Draw draw) => draw.Chance(92)
        ? draw.Pick(Ids).ToString(CultureInfo.InvariantCulture)
        : draw.Of(
            "0", "-1", "987654321", "9223372036854775807", "9223372036854775808", "1e3", "01", "%31", "+1", "1%00", "1%0d%0aX", "%D9%A1",
            "1;x=1", "1%2f2", "%ff", "..", "*", "1.0", "totals", "bulk", "1'--");
}
