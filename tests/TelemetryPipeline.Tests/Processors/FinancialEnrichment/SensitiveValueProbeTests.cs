using CsCheck;
using TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

/// <summary>The look at 64 bytes at a time against one at every byte.</summary>
public sealed class SensitiveValueProbeTests
{
    private const byte IntTag = 0x18;
    private const byte DoubleTag = 0x21;

    // Digits, separators, letters, tags of integers and bytes of long varints, so that runs and integers meet at any place.
    private static readonly Gen<byte[]> Messages = Gen.Frequency(
        (12, Gen.Byte[(byte)'0', (byte)'9']), (1, Gen.Const((byte)' ')), (1, Gen.Byte[(byte)'-', (byte)'/']), (2, Gen.Byte[(byte)'a', (byte)'z']),
        (1, Gen.Byte[(byte)'A', (byte)'Z']), (1, Gen.Const((byte)'@')), (2, Gen.Const(IntTag)), (1, Gen.Const(DoubleTag)),
        (2, Gen.Byte[0x80, 0xFF]), (2, Gen.Byte)).Array[0, 400];

    [Fact]
    public void MayContain_AnyBytes_SaysWhatALookAtEveryByteSays() => Gen.Select(Messages, Gen.Int[0, (int)SensitiveValueKinds.All]).Sample(
        static (message, kinds) => Assert.Equal(
            MayContainByBytes(message, (SensitiveValueKinds)kinds), SensitiveValueProbe.MayContain(message, (SensitiveValueKinds)kinds)),
        iter: 20_000);

    // Guarantees: no place in a window hides a number, whether it is the first or comes behind others that are none.
    [Fact]
    public void MayContain_NumberAtAnyPlace_IsSeen()
    {
        byte[] integer = [IntTag, .. Varint(13_912_345_678)];
        for (var length = 11; length <= 200; length++)
        {
            for (var at = 0; at + 11 <= length; at++)
            {
                var message = new byte[length];
                message.AsSpan().Fill((byte)'x');
                Assert.False(SensitiveValueProbe.MayContain(message, SensitiveValueKinds.All));
                message.AsSpan(0, at).Fill(at % 13 == 0 ? (byte)'x' : (byte)'-');
                "13912345678"u8.CopyTo(message.AsSpan(at));
                if (at > 0)
                {
                    message[at - 1] = (byte)'<';
                }

                Assert.True(SensitiveValueProbe.MayContain(message, SensitiveValueKinds.All), $"text at {at} of {length}");
                message.AsSpan(at, 11).Fill((byte)'x');
                integer.CopyTo(message.AsSpan(at));
                Assert.True(SensitiveValueProbe.MayContain(message, SensitiveValueKinds.All), $"integer at {at} of {length}");
            }
        }
    }

    [Fact]
    public void KindOf_AnyInteger_IsWhatItsDecimalTextIs() => Gen.OneOf(
        Gen.Long, Gen.Long[9_999_999_999, 20_000_000_001], Gen.Long[999_999_999_999, 2_300_000_000_000], Gen.Long[10_000_000_000, 99_999_999_999_999]).Sample(
        static number =>
        {
            var text = System.Text.Encoding.ASCII.GetBytes(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            var found = SensitiveValueFinder.TryFind(text, 0, SensitiveValueKinds.CardNumber, out var start, out var length, out _)
                && start == 0 && length == text.Length;
            Assert.Equal(found, SensitiveValueFinder.KindOf(number, SensitiveValueKinds.CardNumber) == SensitiveValueKinds.CardNumber);
            Assert.Equal(
                number is >= 13_000_000_000 and <= 19_999_999_999,
                SensitiveValueFinder.KindOf(number, SensitiveValueKinds.Phone) == SensitiveValueKinds.Phone);
        },
        iter: 20_000);

    private static bool MayContainByBytes(byte[] message, SensitiveValueKinds kinds)
    {
        foreach (var (start, end) in Runs(message, IsInNumber))
        {
            if (end - start >= 11 && SensitiveValueProbe.MayBe(message, start, end, kinds))
            {
                return true;
            }
        }

        foreach (var (start, end) in Runs(message, static b => b >= 0x80 || IsInNumber(b)))
        {
            if (end - start >= 8 && SensitiveValueProbe.HasOtherForm(message.AsSpan(start, end - start)))
            {
                return true;
            }
        }

        foreach (var (start, end) in Runs(message, static b => b is >= (byte)'0' and <= (byte)'9'))
        {
            if ((kinds & SensitiveValueKinds.Words) != 0 && end - start >= 6 && SensitiveValueProbe.MayBeWord(message, start, end, kinds))
            {
                return true;
            }
        }

        for (var at = 0; at < message.Length; at++)
        {
            if (message[at] is (byte)'@' or (byte)'\\' or DoubleTag or 0xEF && SensitiveValueProbe.MayBeSign(message, at, kinds))
            {
                return true;
            }
        }

        for (var at = 0; at < message.Length; at++)
        {
            if (message[at] == IntTag && SensitiveValueFinder.KindOf(ReadVarint(message.AsSpan(at + 1)), kinds) != SensitiveValueKinds.None)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsInNumber(byte b) => b is (>= (byte)'-' and <= (byte)'9') or (byte)' ' or (byte)'\t';

    private static IEnumerable<(int Start, int End)> Runs(byte[] message, Func<byte, bool> isInRun)
    {
        for (var start = 0; start < message.Length; start++)
        {
            var end = start;
            while (end < message.Length && isInRun(message[end]))
            {
                end++;
            }

            if (end > start)
            {
                yield return (start, end);
                start = end;
            }
        }
    }

    private static long ReadVarint(ReadOnlySpan<byte> bytes)
    {
        ulong number = 0;
        for (var i = 0; i < Math.Min(bytes.Length, 10); i++)
        {
            number |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                break;
            }
        }

        return (long)number;
    }

    private static byte[] Varint(long number)
    {
        var bytes = new List<byte>();
        for (; number > 0x7F; number >>= 7)
        {
            bytes.Add((byte)(number | 0x80));
        }

        bytes.Add((byte)number);
        return [.. bytes];
    }
}
