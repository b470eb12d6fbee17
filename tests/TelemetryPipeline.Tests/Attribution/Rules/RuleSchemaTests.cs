using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Tests.Attribution.Rules;

/// <summary>The JSON Schema that editors use, against what the loader takes; judged by a validator that is not ours.</summary>
public sealed class RuleSchemaTests(ITestOutputHelper output)
{
    private static readonly string SchemaText = ReadSchema();
    private static readonly JsonSchema Schema = JsonSchema.FromText(SchemaText);

    public static TheoryData<string> ShippedFiles => [.. ShippedRuleFiles.Texts.Select(static file => file.Name)];

    [Theory]
    [MemberData(nameof(ShippedFiles))]
    public void ShippedFile_IsValid(string name) =>
        Assert.True(IsValid(ShippedRuleFiles.Texts.Single(file => file.Name == name).Text));

    [Fact]
    public void RandomConditionsThatLoad_AreValid()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new RandomRules(new Random(seed));
        for (var i = 0; i < 150; i++)
        {
            foreach (var (when, scope) in new[] { (random.SpanCondition(2), "span"), (random.TraceCondition(2), "trace") })
            {
                var text = RuleTexts.Rule(when, $"scope: {scope}");
                Assert.Equal("", RuleTexts.Errors(text));
                Assert.True(IsValid(text), $"seed {seed}: {text}");
            }
        }
    }

    [Theory]
    [InlineData("{amount: {greater: 5}}")]
    [InlineData("{all: {span.code: A}}")]
    [InlineData("{not: [{span.code: A}]}")]
    [InlineData("{}")]
    [InlineData("{chain.deep: 5}")]
    [InlineData("{span.code: {whitelist: [A]}}")]
    [InlineData("{span.code: {wildcard: 'A*B', whitelist: [A]}}")]
    [InlineData("{span.code: {exists: 5}}")]
    [InlineData("{span.code: []}")]
    [InlineData("{span.code: A}", "window: {count: 5}")]
    [InlineData("{span.code: A}", "window: {count: 5, within: 5}")]
    [InlineData("{span.code: A}", "status: on")]
    [InlineData("{span.code: A}", "scope: window")]
    [InlineData("{span.code: A}", "suppress: {}")]
    [InlineData("{span.code: A}", "chain: {depht: 5}")]
    [InlineData("{span.code: A}", "colour: red")]
    public void FaultyRule_IsRefusedByBoth(string when, string more = "")
    {
        var text = RuleTexts.Rule(when, more);

        Assert.NotEqual("", RuleTexts.Errors(text));
        Assert.False(IsValid(text));
    }

    [Fact]
    public void Schema_NamesAllFieldsAndOperators()
    {
        var definitions = JsonNode.Parse(SchemaText)!["$defs"]!;
        string[] Keys(JsonNode node) => [.. node["properties"]!.AsObject().Select(static p => p.Key).Order(StringComparer.Ordinal)];
        string[] trace = [.. FieldCatalog.Trace.Select(static field => field.Name), "all", "any", "not", "any_span", "no_span", "every_span", "chain"];
        string[] chain = [.. trace.Where(static name => name.StartsWith("chain.", StringComparison.Ordinal)).Select(static name => name[6..]), "all", "any", "not"];

        Assert.Equal(trace.Order(StringComparer.Ordinal), Keys(definitions["traceCondition"]!));
        Assert.Equal(chain.Order(StringComparer.Ordinal), Keys(definitions["chainCondition"]!));
        Assert.Equal(OperatorWords.All.Order(StringComparer.Ordinal), Keys(definitions["comparison"]!["oneOf"]![2]!));
    }

    private static string ReadSchema()
    {
        using var written = new StringWriter();
        new RulesTool(written, TextWriter.Null).Schema();
        return written.ToString();
    }

    private static bool IsValid(string yaml)
    {
        Assert.True(YamlReader.TryRead(yaml, "r.yaml", out var document, out _));
        using var json = JsonDocument.Parse(Json(document)?.ToJsonString() ?? "null");
        return Schema.Evaluate(json.RootElement).IsValid;
    }

    private static JsonNode? Json(ConfigNode node) => node switch
    {
        ConfigMap map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(entry.Key, Json(entry.Value)))),
        ConfigList list => new JsonArray([.. list.Items.Select(Json)]),
        ConfigScalar { Kind: ScalarKind.Bool } scalar => JsonValue.Create(scalar.Text is ['t' or 'T', ..]),
        ConfigScalar { Int64: { } whole } => JsonValue.Create(whole),
        ConfigScalar { Number: { } number } => JsonValue.Create(number),
        ConfigScalar { Kind: ScalarKind.Null } => null,
        ConfigScalar scalar => JsonValue.Create(scalar.Text),
        _ => null,
    };
}
