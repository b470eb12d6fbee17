using System.Text.Json;
using TelemetryPipeline.Exporters.Alerting;
using TelemetryPipeline.Exporters.Alerting.Templates;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Alerting.Templates;

public sealed class TemplateTextTests
{
    private const string Hostile = "\"}, \"admin\": true, \\ \n \u0001 </script> {{status}} \u4F59\u989D";

    [Fact]
    public void Fill_HostileValues_StayValuesInJson()
    {
        var json = Fill(
            """{"quoted": "say: {{summary}}!", "bare": {{summary}}, "key {{code}}": 1, "list": [{{count}}, {{trace_ids}}, {{labels}}]}""",
            new AttributionRecord(1).Saying(Hostile).With("anomaly.origin.code", Hostile));

        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        Assert.Equal($"say: {Hostile}!", root.GetProperty("quoted").GetString());
        Assert.Equal(Hostile, root.GetProperty("bare").GetString());
        Assert.Equal(1, root.GetProperty("key " + Hostile).GetInt32());
        Assert.Equal(1, root.GetProperty("list")[0].GetInt32());
        Assert.Equal(Hostile, root.GetProperty("list")[2].GetProperty("code").GetString());
    }

    [Fact]
    public void Fill_RandomValues_ReadBackAsTheyWere()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        const string Characters = "\"\\{}[]:,\n\r\t\0\u2028 ab/\u00E9\u4F59%<>&";
        for (var round = 0; round < 2000; round++)
        {
            var text = new char[random.Next(40)];
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = Characters[random.Next(Characters.Length)];
            }

            var value = new string(text);
            var alert = AlertOf(new AttributionRecord(1).Saying(value));
            using var json = JsonDocument.Parse(Parse("""{"a": "{{summary}}", "b": {{summary}}, "c": "<{{summary}}|{{status}}>"}""", TemplateFormat.Json).Fill(alert, "r"));
            Assert.True(
                json.RootElement.GetProperty("a").GetString() == value && json.RootElement.GetProperty("b").GetString() == value
                && json.RootElement.GetProperty("c").GetString() == $"<{value}|firing>",
                $"seed {seed}: {value}");
            Assert.Equal(value, Uri.UnescapeDataString(Parse("https://x/{{summary}}", TemplateFormat.Url).Fill(alert, "r")[10..]));
        }
    }

    [Fact]
    public void Fill_MissingValues_AreEmptyOrNull()
    {
        var json = Fill("""{"a": "{{attributes.nothing}}", "b": {{attributes.nothing}}, "c": {{evidence}}, "d": "{{ends_at}}"}""", new AttributionRecord(1));
        Assert.Equal("""{"a": "", "b": "", "c": null, "d": ""}""", json);
    }

    [Fact]
    public void Fill_ChainStepWithoutADuration_LeavesTheFieldOut()
    {
        using var document = JsonDocument.Parse(Fill(
            "{{chain}}", new AttributionRecord(1).Chain(("gateway", "01", "transfer", 30_000_000, "OK", ""), ("ledger", "02", "book", null, "reject", "ERR_A"))));

        Assert.Equal(30_000_000, document.RootElement[0].GetProperty("duration_ns").GetInt64());
        Assert.False(document.RootElement[1].TryGetProperty("duration_ns", out _));
    }

    [Fact]
    public void Fill_EveryPlaceholder_IsJsonInBothPlaces()
    {
        var record = new AttributionRecord(1).With("anomaly.impact.amount", 5).With("anomaly.impact.currency", "CNY").With("biz.customer_id", "ab");
        foreach (var name in TemplateFields.Names)
        {
            using var document = JsonDocument.Parse(Fill($$$"""{"bare": {{{{{name}}}}}, "quoted": "{{{{{name}}}}}"}""", record));
            Assert.Equal(JsonValueKind.String, document.RootElement.GetProperty("quoted").ValueKind);
        }
    }

    [Fact]
    public void Fill_Values_AreThoseOfTheAlert() => Assert.Equal(
        "firing P0 critical balance-ledger ERR_INSUFFICIENT_BALANCE bank-a 1 customer, 700 CNY minor units ops "
        + "00000000000000000000000000001001 2026-01-31T08:00:00.000Z [\"fund-ops\",\"risk-team\"]",
        Parse(
            "{{status}} {{priority}} {{ severity }} {{labels.service}} {{code}} {{attributes.tenant.id}} {{impact}} {{receiver}} {{trace_id}} {{starts_at}} {{notify}}",
            TemplateFormat.Plain).Fill(
                AlertOf(new AttributionRecord(1).With("anomaly.impact.amount", 700).With("anomaly.impact.currency", "CNY").With("biz.customer_id", "ab")),
                "ops"));

    [Theory]
    [InlineData("{\"a\": \"{{sumary}}\"}", "there is no placeholder \"sumary\" (at character 8); did you mean \"summary\"?")]
    [InlineData("{\"a\": \"{{summary\"}", "the placeholder at character 8 has no end")]
    [InlineData("{\"a\": {{summary}}", "it makes no JSON: line 1, byte")]
    [InlineData("{\"a\": -{{count}}}", "it makes no JSON")]
    [InlineData("{\"a\": \"\\{{summary}}\"}", "a backslash stands before the placeholder at character 9")]
    [InlineData("{{summary}}: 1", "it makes no JSON")]
    [InlineData("", "it makes no JSON")]
    public void Parse_FaultyJson_SaysWhatAndWhere(string template, string problem)
    {
        Assert.Null(TemplateText.Parse(template, TemplateFormat.Json, out var found));
        Assert.Contains(problem, found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://{{trace_id}}")]
    [InlineData("traces/{{trace_id}}")]
    [InlineData("{{summary}}")]
    public void Parse_NoWebAddress_IsRefused(string template) => Assert.Null(TemplateText.Parse(template, TemplateFormat.Url, out _));

    internal static Alert AlertOf(AttributionRecord record)
    {
        var harness = new BookHarness();
        harness.Add(record);
        harness.Advance(10);
        return Assert.Single(harness.Tell());
    }

    private static string Fill(string template, AttributionRecord record) => Parse(template, TemplateFormat.Json).Fill(AlertOf(record), "ops");

    private static TemplateText Parse(string template, TemplateFormat format)
    {
        var parsed = TemplateText.Parse(template, format, out var problem);
        Assert.Null(problem);
        return parsed!;
    }
}
