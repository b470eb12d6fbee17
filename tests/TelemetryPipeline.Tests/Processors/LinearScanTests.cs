using System.Buffers;
using System.Linq;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Processors.FieldEncryption;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

namespace TelemetryPipeline.Tests.Processors;

/// <summary>Copies of protected values in long texts cost bytes read in proportion to the text.</summary>
public sealed class LinearScanTests
{
    private const int Copies = 20_000;

    // Guarantees: each value is looked for in each byte once, also the values that are not there.
    [Fact]
    public void TryRewrite_ManyCopiesOfProtectedValues_ReadsTheTextOncePerValue()
    {
        var redactor = new CopyRedactor();
        string[] values = ["622202", "nowhere-1", "nowhere-2", "nowhere-3"];
        foreach (var value in values)
        {
            var encoded = new ArrayBufferWriter<byte>();
            TextValue.Write(encoded, Encoding.UTF8.GetBytes(value));
            redactor.Remember(new AnyValueView(encoded.WrittenSpan.ToArray()), default);
        }

        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("622202 ", Copies)));
        Assert.True(redactor.TryRewrite(text, new ArrayBufferWriter<byte>()));
        Assert.Equal(Copies, redactor.Redacted);
        Assert.InRange(redactor.ScannedBytes, text.Length, (long)text.Length * values.Length);
    }

    [Fact]
    public void TryRewrite_ManyPersonalNumbersAndNoLiteral_ReadsTheTextOnce()
    {
        var cache = new PseudonymCache(16);
        var scrubber = new TextScrubber(
            SensitiveValueKinds.All, [], new Pseudonymizer(PseudonymAlgorithm.Sm3, SaltBook.Drawn("0123456789abcdef"u8.ToArray()), cache), new ProtectedNames([]));
        scrubber.Remember("CUST-000815"u8, isInItem: true);
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("13912345678 ", Copies)));
        Assert.True(scrubber.TryRewrite(text, new ArrayBufferWriter<byte>()));
        Assert.Equal(Copies, scrubber.Replaced[2]);
        Assert.InRange(scrubber.ScannedBytes, 1, text.Length);
    }
}
