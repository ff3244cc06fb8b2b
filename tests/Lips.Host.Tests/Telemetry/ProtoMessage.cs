using System.Buffers.Binary;
using System.Text;

namespace Lips.Host.Tests.Telemetry;

/// <summary>A protobuf message, as far as a test looks into one: its fields by their numbers.</summary>
internal readonly struct ProtoMessage(ReadOnlyMemory<byte> bytes)
{
    /// <summary>The messages of a repeated field, or the one of another.</summary>
    public IEnumerable<ProtoMessage> All(int field) => Fields().Where(f => f.Number == field).Select(f => new ProtoMessage(f.Bytes));

    /// <summary>The field as a message; empty when it is not there.</summary>
    public ProtoMessage One(int field) => All(field).FirstOrDefault();

    public bool Has(int field) => Fields().Any(f => f.Number == field);

    public string Text(int field) => Encoding.UTF8.GetString(Fields().FirstOrDefault(f => f.Number == field).Bytes.Span);

    public string Hex(int field) => Convert.ToHexStringLower(Fields().FirstOrDefault(f => f.Number == field).Bytes.Span);

    public ulong Number(int field) => Fields().FirstOrDefault(f => f.Number == field).Value;

    private IEnumerable<(int Number, ReadOnlyMemory<byte> Bytes, ulong Value)> Fields()
    {
        for (var rest = bytes; rest.Length > 0;)
        {
            var tag = Varint(ref rest);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    yield return (number, default, Varint(ref rest));
                    break;
                case 1:
                    yield return (number, default, BinaryPrimitives.ReadUInt64LittleEndian(rest.Span));
                    rest = rest[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref rest);
                    yield return (number, rest[..length], 0);
                    rest = rest[length..];
                    break;
                case 5:
                    yield return (number, default, BinaryPrimitives.ReadUInt32LittleEndian(rest.Span));
                    rest = rest[4..];
                    break;
                default:
                    throw new InvalidDataException($"Field {number} is of a kind that no exporter writes.");
            }
        }
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> rest)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = rest.Span[0];
            rest = rest[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
