using System.Buffers;
using System.Linq;
using System.Text;
using CsCheck;
using Google.Protobuf;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

/// <summary>Personal data of each kind, as people, forms and encoders write it.</summary>
public sealed class SensitiveValueFormTests
{
    // Made for tests: the check digits are right, the numbers belong to nobody.
    private const string Card = "6222021234567890128";
    private const string Phone = "13912345678";
    private const string ResidentId = "11010519491231002X";

    private static readonly (string Kind, string Value)[] OneOfEach =
    [
        ("resident_id", ResidentId), ("card_number", Card), ("phone", Phone), ("resident_id_15", "110105491231002"),
        ("passport", "E12345678"), ("passport", "EA1234567"), ("passport", "DE1234567"), ("hong_kong_id", "A123456(3)"),
        ("hong_kong_id", "A1234563"), ("email", "zhang.san+pay@mail.bank.example"), ("landline", "010-62345678"),
        ("landline", "075561234567"), ("company_code", "91350100M000100Y43"),
    ];

    // What stands between the characters of a number, or in their place.
    private static readonly (string Name, Func<string, string> Write)[] Disguises =
    [
        ("full width", static text => string.Concat(text.Select(static c => c is > ' ' and < '\u007f' ? (char)(c + 0xFEE0) : c))),
        ("zero width", static text => string.Join('\u200b', text.ToCharArray())),
        ("word joiner in the middle", static text => text.Insert(text.Length / 2, "\u2060")),
        ("soft hyphen", static text => text.Insert(3, "\u00ad")),
        ("byte order mark", static text => text.Insert(2, "\ufeff")),
        ("escapes", static text => string.Concat(text.Select(static c => $"\\u{(int)c:x4}"))),
        ("one escape", static text => $"{text[..^1]}\\u{(int)text[^1]:X4}"),
        ("escaped twice", static text => string.Concat(text.Select(static c => $"\\\\u{(int)c:x4}"))),
    ];

    public static TheoryData<string, string> Kinds { get; } = [.. OneOfEach.Select(static one => (one.Kind, one.Value))];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Consume_EachKind_IsReplacedAndNamed(string kind, string value)
    {
        foreach (var text in (string[])[$"of {value} today", $"({value})", $"\u5ba2\u6237{value}\uff0c", $"a=1&v={value}&b=2"])
        {
            var clean = await ScrubAsync(text);
            Assert.DoesNotContain(value, clean, StringComparison.Ordinal);
            var at = text.IndexOf(value, StringComparison.Ordinal);
            Assert.StartsWith($"{text[..at]}[{kind}:", clean, StringComparison.Ordinal);
            Assert.EndsWith($"]{text[(at + value.Length)..]}", clean, StringComparison.Ordinal);
        }

        Assert.Matches("^[0-9a-f]{64}$", await ScrubAsync(value));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Consume_KindInAnotherForm_IsReplacedAndWhatIsAroundStays(string kind, string value)
    {
        foreach (var (name, write) in Disguises)
        {
            var clean = await ScrubAsync($"of <{write(value)}> today");
            Assert.True(clean.StartsWith($"of <[{kind}:", StringComparison.Ordinal) && clean.EndsWith("]> today", StringComparison.Ordinal), $"{name}: {clean}");
        }
    }

    [Theory]
    [InlineData("6222 0212 3456 7890 128")]
    [InlineData("6222.0212.3456.7890.128")]
    [InlineData("6222/0212/3456/7890/128")]
    [InlineData("6222\t0212\t3456\t7890\t128")]
    [InlineData("6222\u00a00212\u00a03456\u00a07890\u00a0128")]
    [InlineData("6222\u30000212\u30003456\u30007890\u3000128")]
    [InlineData("6222\u20130212\u20133456\u20137890\u2013128")]
    [InlineData("6222\u22120212\u22123456\u22127890\u2212128")]
    [InlineData("139\u20091234\u20095678")]
    [InlineData("139.1234.5678")]
    [InlineData("139/1234/5678")]
    [InlineData("139\\u00201234\\u00205678")]
    [InlineData("+86\u00a0139\u00a01234\u00a05678")]
    [InlineData("110105.19491231.002X")]
    [InlineData("110105\u301c19491231\u301c002\uff38")]
    [InlineData("\u0661\u0663\u06691234\u0665678")]
    [InlineData("021 6234 5678")]
    [InlineData("0755-6123-4567")]
    public async Task Consume_Groups_AreReplacedWithTheirSeparators(string number)
    {
        var clean = await ScrubAsync($"to {number}, please");
        Assert.Matches(@"^to \+?\[[a-z_]+:[0-9a-f]{64}\], please$", clean);
    }

    [Theory]
    [InlineData("2026-12-01T03:42:36.846123456Z")]
    [InlineData("2026/12/01 03:42:36")]
    [InlineData("192.168.100.200:4317")]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e4736")]
    [InlineData("00f067aa0ba902b7")]
    [InlineData("TRD20240521000004567")]
    [InlineData("E2E12345678")]
    [InlineData("ORDER12345678")]
    [InlineData("A1234567")]
    [InlineData("91350100M000100Y44")]
    [InlineData("1.234.567,89 CNY")]
    [InlineData("12345678901.25")]
    [InlineData("000000012345")]
    [InlineData("202612010342361")]
    [InlineData("user@localhost")]
    [InlineData("@Override")]
    [InlineData("git@")]
    [InlineData("v1.2.3-20261201034236-abcdef")]
    [InlineData("5000000000.00")]
    [InlineData("\u4f59\u989d\u4e0d\u8db3\uff0c\u91d1\u989d100.00\u5143")]
    [InlineData("\\u4f59\\u989d\\u4e0d\\u8db3")]
    public async Task Consume_OtherText_StaysAsItIs(string text)
    {
        foreach (var whole in (string[])[text, $"a {text} z", $"\u5355\u53f7 {text}"])
        {
            Assert.Equal(whole, await ScrubAsync(whole));
        }
    }

    [Theory]
    [InlineData(13_912_345_678d, true)]
    [InlineData(6_222_021_234_567_894d, true)]
    [InlineData(110_105_491_231_002d, true)]
    [InlineData(13_912_345_678.5, false)]
    [InlineData(1_716_249_600_000d, false)]
    [InlineData(1e300, false)]
    [InlineData(double.NaN, false)]
    public async Task Consume_NumberStoredAsDouble_IsReplacedWhenItIsPersonal(double number, bool personal)
    {
        var span = new SpanBuilder("x").Build();
        span.Attributes.Add(new KeyValue { Key = "n", Value = new AnyValue { DoubleValue = number } });

        var value = (await EnrichmentRun.EnrichAsync(span)).Attributes.Single(static a => a.Key == "n").Value;

        Assert.Equal(personal ? AnyValue.ValueOneofCase.StringValue : AnyValue.ValueOneofCase.DoubleValue, value.ValueCase);
    }

    // Guarantees: a pseudonym does not depend on whether a number came as text, integer or double.
    [Fact]
    public async Task Consume_OneNumberInThreeTypes_HasOnePseudonym()
    {
        var span = new SpanBuilder("x").With("a", Phone).With("b", 13_912_345_678).Build();
        span.Attributes.Add(new KeyValue { Key = "c", Value = new AnyValue { DoubleValue = 13_912_345_678 } });
        var enriched = await EnrichmentRun.EnrichAsync(span);
        Assert.Equal(enriched.Text("a"), enriched.Text("b"));
        Assert.Equal(enriched.Text("a"), enriched.Text("c"));
    }

    [Fact]
    public async Task Consume_TwoCustomersInOneSpan_NeitherIsLeft()
    {
        const string First = "CUST-000815";
        const string Second = "CUST-004711";
        const string Third = "CUST-000042";
        var span = new SpanBuilder($"{First} pays {Second}")
            .With("biz.customer_id", First).With("customer.id", Second).With("note", $"{Second} asks for {First}").Failed($"{Second} is blocked").Build();
        span.Events.Add(new Span.Types.Event { Name = "asked", Attributes = { Pair("customer_id", Third), Pair("of", Second) } });
        span.Links.Add(new Span.Types.Link { Attributes = { Pair("biz.customer_id", Third) } });

        var enriched = await EnrichmentRun.EnrichAsync(span);

        var bytes = Encoding.UTF8.GetString(enriched.ToByteArray());
        Assert.All([First, Second, Third], customer => Assert.DoesNotContain(customer, bytes, StringComparison.Ordinal));
        Assert.Equal(enriched.Links[0].Attributes[0].Value.StringValue, enriched.Events[0].Attributes[0].Value.StringValue);
    }

    [Fact]
    public async Task Consume_OneKeyTwice_NoValueIsLeft()
    {
        var span = new SpanBuilder("x").With("biz.customer_id", "CUST-000815").Build();
        span.Attributes.Add(Pair("biz.customer_id", "CUST-004711"));
        var bytes = Encoding.UTF8.GetString((await EnrichmentRun.EnrichAsync(span)).ToByteArray());
        Assert.DoesNotContain("CUST-", bytes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consume_CustomerElsewhereInAnotherForm_IsReplacedThere()
    {
        var span = new SpanBuilder("x").With("biz.customer_id", "CUST-000815").With("again", "CUST-000815 and \uff23UST-0\u200b00815").Build();
        var again = (await EnrichmentRun.EnrichAsync(span)).Text("again")!;
        Assert.Equal(2, again.Split("[attribute_value:").Length - 1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Consume_KindSwitchedOff_Stays(string kind, string value)
    {
        var others = OneOfEach.Select(static one => one.Kind).Distinct().Where(other => other != kind);
        var text = $"of {value} today";
        Assert.Equal(text, await ScrubAsync(text, $"pseudonymize: {{patterns: [{string.Join(", ", others)}]}}"));
        Assert.NotEqual(text, await ScrubAsync(text, $"pseudonymize: {{patterns: [{kind}]}}"));
    }

    [Fact]
    public void ReadConfig_UnknownKind_NamesAll()
    {
        var (_, errors) = ProcessorHarness.Read(
            new TelemetryPipeline.Processors.FinancialEnrichment.FinancialEnrichmentFactory(), EnrichmentRun.Yaml("pseudonymize: {patterns: [iban]}"));
        var error = Assert.Single(errors);
        Assert.EndsWith("got \"iban\"", error.Problem, StringComparison.Ordinal);
        Assert.All(OneOfEach, one => Assert.Contains(one.Kind, error.Problem, StringComparison.Ordinal));
    }

    // Guarantees: whatever form it has and whatever is around it, nothing of it is left.
    [Fact]
    public async Task Consume_AnyKindInAnyForm_IsGone()
    {
        await using var run = await EnrichmentRun.StartAsync();
        Gen.Select(
            Gen.Int[0, OneOfEach.Length - 1].Select(static i => OneOfEach[i]), Gen.Int[0, Disguises.Length - 1].Select(static i => Disguises[i]),
            Gen.String[Gen.Char["abcXYZ ,.:;-/_@#0123456789\u4e2d\u00e9\uff0c\u200b"], 0, 80], Gen.Int[0, EnrichmentRun.TextPlaces - 1]).Sample(
            (one, disguise, around, place) =>
            {
                var hidden = disguise.Write(one.Value);
                var text = $"{around}<{hidden}>{around}";
                var span = EnrichmentRun.SpanWith(text, place);
                var enriched = run.SendAsync(EnrichmentRun.Request(span)).GetAwaiter().GetResult();
                Assert.DoesNotContain(hidden, Encoding.UTF8.GetString(enriched.ToByteArray()), StringComparison.Ordinal);
            },
            iter: 1000,
            threads: 1);
    }

    // Guarantees: the quick look at a message never says no where the close look at its texts finds something.
    [Fact]
    public void MayContain_AnyForm_NeverMissesWhatIsReplaced()
    {
        var pseudonyms = new Pseudonymizer(PseudonymAlgorithm.Sm3, SaltBook.Drawn("0123456789abcdef"u8.ToArray()), new PseudonymCache(16));
        var hidden = Gen.Select(
            Gen.Int[0, OneOfEach.Length - 1].Select(static i => OneOfEach[i].Value), Gen.Int[0, Disguises.Length].Select(static i => i),
            static (value, i) => i < Disguises.Length ? Disguises[i].Write(value) : value);
        var around = Gen.String[Gen.Char["abEGXYZ ,.:;-/_@#0123456789\\u\u4e2d\u00e9\uff0c\uff20\u200b\u00a0\uff11"], 0, 90];
        Gen.Select(around, hidden, around, Gen.Bool).Sample(
            (before, value, after, asName) =>
            {
                var scrubber = new TextScrubber(SensitiveValueKinds.All, [], pseudonyms, new ProtectedNames([]));
                var text = before + value + after;
                var span = asName ? new SpanBuilder(text) : new SpanBuilder("x").With("k", text);
                var isReplaced = scrubber.TryRewrite(Encoding.UTF8.GetBytes(text), new ArrayBufferWriter<byte>());
                Assert.True(!isReplaced || scrubber.MayContain(span.Build().ToByteArray()), text);
            },
            iter: 20_000,
            threads: 1);
    }

    private static KeyValue Pair(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private static async Task<string> ScrubAsync(string text, string yaml = "") =>
        (await EnrichmentRun.EnrichAsync(new SpanBuilder("x").With("note", text).Build(), yaml)).Text("note")!;
}
