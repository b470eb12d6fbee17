using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using Google.Protobuf;
using TelemetryPipeline.Processors.FinancialEnrichment;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Benchmarks.Processors.FinancialEnrichment;

/// <summary>
/// CPU time of each step for a span, the steps taking turns, so that what else the machine does meets all of them alike.
/// A round has a new chunk: index, slots and the writing of changes are part of it. Printed are medians of the rounds.
/// </summary>
public static class EnrichmentSteps
{
    private const int Spans = 100;
    private const int ChunksARound = 400;
    private const int Rounds = 41;

    // What a batch costs that nothing changes, and then one step at a time; "everything" is the processor without settings.
    private static readonly (string Name, string Yaml)[] Steps =
    [
        ("index and slots, no step", Yaml()),
        ("mappings", Yaml("default_mappings")),
        ("topology", Yaml("topology")),
        ("validation", Yaml("validate")),
        ("outcome", Yaml("status")),
        ("pseudonyms", Yaml("pseudonymize")),
        ("everything but pseudonyms", Yaml("default_mappings", "topology", "validate", "status")),
        ("everything", Yaml("default_mappings", "topology", "validate", "status", "pseudonymize")),
    ];

    /// <summary>Measures and prints.</summary>
    /// <param name="only">The name of a step, and then <c>elsewhere</c> or <c>in-place</c>, to have it alone in a profile; empty for all.</param>
    public static async Task PrintAsync(ReadOnlyMemory<string> only)
    {
        var step = only.Length > 0 ? only.Span[0] : null;
        var shape = only.Length > 1 ? only.Span[1] : null;
        if (shape is null or "elsewhere")
        {
            await PrintAsync("spans whose 12 values are all elsewhere", UnmappedTransfers.Bytes(Spans), step);
        }

        if (shape is null or "in-place")
        {
            await PrintAsync("spans that carry the business keys", WithBusinessKeys(), step);
        }
    }

    private static byte[] WithBusinessKeys()
    {
        var request = new TransferTraces().FromOneService(Spans);
        foreach (var span in request.ResourceSpans[0].ScopeSpans[0].Spans)
        {
            // Pseudonyms look like digests: a long run of zeros would be looked at closely.
            var customer = span.Attributes.First(static a => a.Key == "biz.customer_id");
            customer.Value.StringValue = Convert.ToHexStringLower(SHA256.HashData(span.SpanId.Span));
        }

        return request.ToByteArray();
    }

    private static string Yaml(params ReadOnlySpan<string> on)
    {
        var lines = new List<string>();
        foreach (var key in (ReadOnlySpan<string>)["default_mappings", "topology", "validate", "status", "pseudonymize"])
        {
            var state = on.Contains(key) ? "true" : "false";
            lines.Add(key == "default_mappings" ? $"{key}: {state}" : $"{key}: {{enabled: {state}}}");
        }

        return $"{{{string.Join(", ", lines)}}}";
    }

    private static async Task PrintAsync(string what, byte[] bytes, string? only)
    {
        var steps = Array.FindAll(Steps, step => only is null || step.Name == only);
        var processors = new FinancialEnrichmentProcessor[steps.Length];
        var costs = new double[steps.Length][];
        for (var i = 0; i < steps.Length; i++)
        {
            processors[i] = await EnrichmentBenchmarks.StartAsync(steps[i].Yaml);
            costs[i] = new double[Rounds];
            Measure(processors[i], bytes);
        }

        // Compiled code gets its final form in the background.
        await Task.Delay(500);
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < steps.Length; i++)
            {
                costs[i][round] = Measure(processors[i], bytes);
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}, {bytes.Length / Spans} bytes a span; ns of CPU a span:"));
        for (var i = 0; i < steps.Length; i++)
        {
            Array.Sort(costs[i]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  {steps[i].Name,-28} {costs[i][Rounds / 2],7:0} (least {costs[i][0]:0})"));
            await processors[i].DisposeAsync();
        }
    }

    private static double Measure(FinancialEnrichmentProcessor processor, byte[] bytes)
    {
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < ChunksARound; i++)
        {
            if (!EnrichmentBenchmarks.Run(processor, bytes, Spans))
            {
                throw new InvalidOperationException("the batch was not accepted");
            }
        }

        return (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / (ChunksARound * Spans);
    }
}
