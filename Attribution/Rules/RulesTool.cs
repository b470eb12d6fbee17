using System.Buffers;
using System.Linq;
using System.Text;
using TelemetryPipeline.Attribution.Rules.Explaining;
using TelemetryPipeline.Attribution.Rules.Testing;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>What the command <c>rules</c> does.</summary>
/// <param name="output">Standard output.</param>
/// <param name="problems">Standard error.</param>
public sealed class RulesTool(TextWriter output, TextWriter problems)
{
    /// <summary>Name of the JSON Schema among the assembly's resources.</summary>
    internal const string SchemaResource = "rules.schema.json";

    private const int SpansBytesMax = 64 * 1024 * 1024;

    /// <summary>Checks rule files together, as the connector would load them.</summary>
    /// <param name="patterns">Paths and patterns; none for the shipped rules.</param>
    /// <returns>Whether they are right.</returns>
    public bool Validate(IReadOnlyList<string> patterns)
    {
        var result = RuleFiles.Load(patterns, new AttributeSlots());
        Report(result.Errors);
        if (result.Rules is { } rules)
        {
            output.WriteLine($"{rules.Rules.Count} rules are valid, hash {rules.Hash}");
        }

        return result.Rules is not null;
    }

    /// <summary>Runs test files.</summary>
    /// <param name="files">Paths; none for the tests of the shipped rules.</param>
    /// <returns>Whether all passed.</returns>
    public bool Test(IReadOnlyList<string> files)
    {
        var (passed, failed) = (0, 0);
        void Add((int Passed, int Failed) counts) => (passed, failed) = (passed + counts.Passed, failed + counts.Failed);
        if (files.Count == 0)
        {
            foreach (var (name, text) in ShippedRuleFiles.Tests)
            {
                Add(RuleTestFile.Run(name, text, RuleTestFile.LoadShipped, output));
            }
        }

        foreach (var file in files)
        {
            Add(TryRead(file, out var bytes)
                ? RuleTestFile.Run(file, Encoding.UTF8.GetString(bytes), names => RuleTestFile.LoadBeside(file, names), output)
                : (0, 1));
        }

        output.WriteLine($"{passed} passed, {failed} failed");
        return failed == 0;
    }

    /// <summary>Explains what rules come to for the traces of a file.</summary>
    /// <param name="patterns">Rule files; none for the shipped rules.</param>
    /// <param name="traceFile">OTLP/JSON: one request, or one a line.</param>
    /// <param name="ruleId">The only rule to explain; null for all.</param>
    /// <returns>Whether files and rule are right.</returns>
    public bool Explain(IReadOnlyList<string> patterns, string traceFile, string? ruleId)
    {
        var result = RuleFiles.Load(patterns, new AttributeSlots());
        Report(result.Errors);
        if (result.Rules is not { } rules)
        {
            return false;
        }

        if (ruleId is not null && rules.Rules.All(rule => rule.Id != ruleId))
        {
            var nearest = NearestWord.Find(ruleId, rules.Rules.Select(static rule => rule.Id));
            problems.WriteLine($"Error: no rule \"{ruleId}\"" + (nearest is null ? "" : $"; did you mean \"{nearest}\"?"));
            return false;
        }

        using var batch = new OtlpBatch(Signal.Traces);
        if (!TryRead(traceFile, out var json) || !TryReadTraces(traceFile, json, batch))
        {
            return false;
        }

        var explainer = new RuleExplainer(rules, [batch], output);
        foreach (var (high, low) in explainer.Traces())
        {
            explainer.Explain(high, low, ruleId);
        }

        return true;
    }

    /// <summary>Prints the JSON Schema of rule files.</summary>
    public bool Schema()
    {
        using var reader = new StreamReader(typeof(RulesTool).Assembly.GetManifestResourceStream(SchemaResource)!, Encoding.UTF8);
        output.Write(reader.ReadToEnd());
        return true;
    }

    private bool TryReadTraces(string file, byte[] json, OtlpBatch batch)
    {
        if (TryAppend(file, json, batch, out var error))
        {
            return true;
        }

        // Not one request: one a line, as the file exporter writes them.
        var line = 0;
        foreach (var range in json.AsSpan().Split((byte)'\n'))
        {
            line++;
            var request = json.AsSpan(range);
            if (request.Trim(" \t\r"u8).IsEmpty || IsOtherSignal(request))
            {
                continue;
            }

            if (!TryAppend($"{file}:{line}", request, batch, out var fault))
            {
                problems.WriteLine(line == 1 ? $"Error: {file}: {error}" : $"Error: {file}:{line}: {fault}");
                return false;
            }
        }

        return true;
    }

    private static bool IsOtherSignal(ReadOnlySpan<byte> request) =>
        request.TrimStart(" \t{"u8).StartsWith("\"resourceMetrics\""u8) || request.TrimStart(" \t{"u8).StartsWith("\"resourceLogs\""u8);

    private bool TryAppend(string place, ReadOnlySpan<byte> json, OtlpBatch batch, out OtlpError error)
    {
        var request = new ArrayBufferWriter<byte>();
        if (!OtlpRequest.TryReadJson(Signal.Traces, json, request, out var items, out var refused, out error))
        {
            return false;
        }

        if (refused is not null)
        {
            problems.WriteLine($"Warning: {place}: {refused}");
        }

        batch.Append(OtlpChunk.FromArray(Signal.Traces, request.WrittenSpan.ToArray(), items));
        return true;
    }

    private bool TryRead(string file, out byte[] bytes)
    {
        try
        {
            bytes = BoundedFile.ReadAllBytes(file, SpansBytesMax);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problems.WriteLine($"Error: {file} cannot be read: {e.Message}");
            bytes = [];
            return false;
        }
    }

    private void Report(IEnumerable<ConfigError> errors)
    {
        foreach (var error in errors)
        {
            problems.WriteLine($"Error: {error}");
        }
    }
}
