using System.Globalization;
using System.Text;
using CsCheck;
using Google.Protobuf;
using TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.Transfers.Money;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

public sealed class EnrichmentProperties
{
    private static readonly string[] CardPrefixes = ["4", "51", "62", "37", "35", "222"];

    private static readonly Gen<string> Surroundings = Gen.Frequency(
        (3, Gen.String[Gen.Char["abcXYZ ,.:;-/_@#0123456789\u4e2d\u00e9"], 0, 60]),
        (1, Gen.String[Gen.Char["0123456789 -"], 0, 80]),
        (1, Gen.Const("")));

    // Made by their own rules, not by the code under test.
    private static readonly Gen<string> Personal = Gen.OneOf(
        Gen.Select(Gen.Int[1, 9], Gen.Int[0, 99_999], Gen.Int[1900, 2099], Gen.Int[1, 12], Gen.Int[1, 28], Gen.Int[0, 999],
            (first, region, year, month, day, order) => WithCheck($"{first}{region:D5}{year:D4}{month:D2}{day:D2}{order:D3}")),
        Gen.Select(Gen.Int[0, 5].Select(static i => CardPrefixes[i]), Gen.String[Gen.Char["0123456789"], 11, 15],
            (prefix, rest) => WithLuhn(prefix + rest)),
        Gen.Select(Gen.Int[13, 19], Gen.Int[0, 999_999_999], (first, rest) => $"{first}{rest:D9}"));

    [Fact]
    public void TryParse_AnyDecimal_IsThatManyMinorUnits() => Gen.Select(Gen.Long, Gen.Int[0, 4]).Sample(
        static (minor, exponent) =>
        {
            var scale = (decimal)Math.Pow(10, exponent);
            var text = (minor / scale).ToString($"F{exponent}", CultureInfo.InvariantCulture);
            Assert.True(MinorUnits.TryParse(Encoding.UTF8.GetBytes(text), exponent, wholeIsMajor: true, out var parsed), text);
            Assert.Equal(minor, parsed);
        },
        iter: 5000);

    [Fact]
    public void TryParse_RandomText_NeverThrows() => Gen.Select(Gen.Byte.Array[0, 30], Gen.Int[-1, 4]).Sample(
        static (text, exponent) =>
        {
            _ = MinorUnits.TryParse(text, exponent, wholeIsMajor: false, out _);
        },
        iter: 5000);

    // Guarantees: what is set apart from letters and digits is replaced whatever is around it.
    [Fact]
    public async Task Consume_PersonalNumberAnywhere_IsGone()
    {
        await using var run = await EnrichmentRun.StartAsync();
        Gen.Select(Surroundings, Personal, Surroundings, Gen.Int[0, EnrichmentRun.TextPlaces - 1]).Sample(
            (before, number, after, place) =>
            {
                var text = $"{before}<{number}>{after}";
                var span = EnrichmentRun.SpanWith(text, place);
                var enriched = run.SendAsync(EnrichmentRun.Request(span)).GetAwaiter().GetResult();
                Assert.DoesNotContain(number, Encoding.UTF8.GetString(enriched.ToByteArray()), StringComparison.Ordinal);
            },
            iter: 500,
            threads: 1);
    }

    // Guarantees: the quick look never says no where the close look finds something.
    [Fact]
    public void MayContain_AnyMessage_NeverMissesWhatIsFound() => Gen.Select(
        Surroundings, Personal, Surroundings, Gen.Bool).Sample(
        static (before, number, after, asNumber) =>
        {
            var span = new SpanBuilder("x");
            _ = asNumber && long.TryParse(number, CultureInfo.InvariantCulture, out var integer)
                ? span.With("k", integer) : span.With("k", before + number + after);
            var text = Encoding.UTF8.GetBytes(before + number + after);
            var found = asNumber ? long.TryParse(number, CultureInfo.InvariantCulture, out integer)
                    && SensitiveValueFinder.KindOf(integer, SensitiveValueKinds.All) != SensitiveValueKinds.None
                : SensitiveValueFinder.TryFind(text, 0, SensitiveValueKinds.All, out _, out _, out _);
            Assert.True(!found || SensitiveValueProbe.MayContain(span.Build().ToByteArray(), SensitiveValueKinds.All), before + number + after);
        },
        iter: 8000);

    private static string WithCheck(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            sum += (digits[i] - '0') * ((1 << (17 - i)) % 11);
        }

        // The check digit c with sum + c = 1 (mod 11).
        var check = ((1 - sum) % 11 + 11) % 11;
        return digits + (check == 10 ? "X" : check.ToString(CultureInfo.InvariantCulture));
    }

    private static string WithLuhn(string digits)
    {
        for (var check = '0'; check <= '9'; check++)
        {
            var sum = 0;
            var doubling = false;
            foreach (var digit in new Stack<char>(digits + check))
            {
                var value = (digit - '0') * (doubling ? 2 : 1);
                sum += value / 10 + value % 10;
                doubling = !doubling;
            }

            if (sum % 10 == 0)
            {
                return digits + check;
            }
        }

        throw new InvalidOperationException("there is always a check digit");
    }
}
