using System.Linq;
using System.Text;
using TelemetryPipeline.Collector;
using TelemetryPipeline.Collector.Cli;
using TelemetryPipeline.Exporters.Alerting.Templates;
using TelemetryPipeline.Exporters.Otlp.Grpc;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Exporters.RedisStreams;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Matching;
using TelemetryPipeline.Processors.Filter;
using TelemetryPipeline.Receiver.Grpc;
using TelemetryPipeline.Redis;
using TelemetryPipeline.Transfers.Money;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>Configurations, and the texts that settings hold.</summary>
internal static class ConfigurationTargets
{
    private const char SourceSeparator = '\f';

    // Longer texts take more time without reaching other code.
    private const int SettingLengthMax = 256;

    public static IEnumerable<FuzzTarget> All =>
    [
        new FuzzTarget
        {
            Name = "configuration",
            Form = InputForm.Text,
            Seeds = ConfigurationSeeds,
            Words = Seeds.Utf8("\f", "receivers:", "exporters:", "${env:A}", "${env:B:-x}", "${yaml:{a: 1}}", "<<: *x", "&x ", "5s", "10MiB", "0.5", "otlp/2:", "null"),
            Run = Configuration,
        },
        Text("setting-text", SettingTexts, "1h2m3.5s", "localhost:4317", "[::1]:0", "unix:///run/a.sock", "https://a.b:1/c?d=e", "redis://h:1",
            "dns:///a:1", "otlp/2", "traces/x", "a=1&b=%20", "{{ rule_id }} {{ json summary }}", "telemetry:{signal}:{tenant.id}", "100m", "1,234.56"),
        Text("setting-regex", Regexes, "^a+(b|c)*$", "(?P<n>[[:digit:]]{6})\\w", "\\pL\\Q.\\E", "(?i)x", "a{1,1000}", "[^\\x00-\\x7f]"),
        Text("setting-condition", Conditions, "attributes[\"a\"] == 1 and not (name == \"x\")", "IsMatch(name, \"^a\") or status.code == STATUS_CODE_ERROR",
            "end_time_unix_nano - start_time_unix_nano > 1000", "severity_number < SEVERITY_NUMBER_WARN", "resource.attributes[\"b\"] != nil"),
    ];

    private static FuzzTarget Text(string name, Action<string, Outcome> run, params string[] seeds) => new()
    {
        Name = name,
        Form = InputForm.Text,
        Seeds = () => Seeds.Utf8(seeds),
        Words = Seeds.Utf8("ns", "\u00b5s", "h", "://", "[::1]", ":65536", "%2", "{{", "}}", "(?", "\\Q", "[[:", "{2,1}", "and", "not", "nil", "==", "attributes[", "9223372036854775808", "-"),
        Run = (input, outcome) => run(Encoding.UTF8.GetString(input.AsSpan(0, Math.Min(input.Length, SettingLengthMax))), outcome),
    };

    private static IEnumerable<byte[]> ConfigurationSeeds()
    {
        foreach (var file in Seeds.Files("tests/testdata/config/good", "*.yaml").Concat(Seeds.Files("tests/testdata/config/bad", "*.yaml"))
            .Concat(Seeds.Files("deploy", "otel-config*.yaml")).Concat(Seeds.Files(".", "otel-config.yaml")))
        {
            yield return file;
        }

        yield return Encoding.UTF8.GetBytes("exporters: {nop: {}}\nreceivers: {otlp: {protocols: {grpc: {}}}}\fservice: {pipelines: {traces: {receivers: [otlp], exporters: [nop]}}}");
    }

    private static void Configuration(byte[] input, Outcome outcome)
    {
        // Files of this machine are none of the input's business.
        var text = Encoding.UTF8.GetString(input).Replace("file:", "yaml:", StringComparison.OrdinalIgnoreCase);
        var loader = new ConfigLoader(Components.All, static name => name.Length == 1 ? "v" + name : null);
        var result = loader.Load(new ConfigSources { Configs = [.. text.Split(SourceSeparator).Select(static source => "yaml:" + source)] });
        FuzzFailureException.ThrowUnless(result.Config is null == result.Errors.Count > 0, "a configuration has errors or is one");
        foreach (var error in result.Errors)
        {
            outcome.Add(error.ToString());
        }

        if (result.Document is not { } document)
        {
            return;
        }

        var yaml = DocumentWriter.ToYaml(document);
        outcome.Add(yaml);
        outcome.Add(DocumentWriter.ToJson(document));
        FuzzFailureException.ThrowUnless(
            YamlReader.TryRead(yaml, "again", out var again, out _) && again is ConfigMap map && DocumentWriter.ToYaml(map) == yaml,
            "a printed configuration reads back as the same");
    }

    private static void SettingTexts(string text, Outcome outcome)
    {
        if (GoDuration.TryParse(text, out var duration))
        {
            FuzzFailureException.ThrowUnless(
                GoDuration.TryParse(GoDuration.Format(duration), out var same) && same == duration, "a duration survives a round trip");
            outcome.Add(duration.Ticks);
        }

        outcome.Add(ListenEndpoint.TryParse(text, out var listen, out _) ? listen.ToString() : null);
        outcome.Add(HttpUrl.ProblemOf(text, out var uri));
        outcome.Add(uri?.ToString());
        outcome.Add(RedisEndpoint.TryParse(text, 6379, out var redis, out _));
        outcome.Add(redis.ToString());
        outcome.Add(GrpcTarget.TryParse(text, out var target, out _));
        outcome.Add(target?.ToString());
        outcome.Add(StreamNameTemplate.TryParse(text, out _, out _));
        outcome.Add(PageQuery.Parse(text).Count);
        outcome.Add(GrpcHeaders.ParseTimeout(text).Ticks);
        outcome.Add(MinorUnits.TryParse(Encoding.UTF8.GetBytes(text), 2, wholeIsMajor: true, out var minor));
        outcome.Add(minor);
        foreach (var format in Enum.GetValues<TemplateFormat>())
        {
            TemplateText.Parse(text, format, out var problem);
            outcome.Add(problem);
        }

        if (ComponentId.TryParse(text, out var id, out _))
        {
            FuzzFailureException.ThrowUnless(ComponentId.TryParse(id.ToString(), out var same, out _) && same == id, "an id survives a round trip");
        }

        outcome.Add(PipelineId.TryParse(text, out _, out _));
    }

    private static void Regexes(string text, Outcome outcome)
    {
        outcome.Add(Utf8Pattern.TryCompile(text, out var pattern, out var problem));
        outcome.Add(problem);
        outcome.Add(pattern?.IsMatch("ACC123456 aaaab .\u00e9"u8) ?? false);
    }

    private static void Conditions(string text, Outcome outcome)
    {
        foreach (var context in Enum.GetValues<ConditionContext>())
        {
            outcome.Add(ConditionParser.TryParse(context, text, new AttributeSlots(), out _, out var problem));
            outcome.Add(problem);
        }
    }
}
