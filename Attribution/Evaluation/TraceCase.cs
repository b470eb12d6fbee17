namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>What rules have to do with a trace.</summary>
/// <param name="trace">The trace's record.</param>
internal sealed class TraceCase(int trace)
{
    private const long SizeBytesLeast = 250;

    /// <summary>The rules that hit it, in the order they did.</summary>
    public List<RuleCase> Rules { get; } = new(1);

    /// <summary>Values for rules of scope trace, taken from spans that passed; null for none.</summary>
    public Dictionary<string, byte[]>? Captured { get; set; }

    /// <summary>The trace's record.</summary>
    public int Trace => trace;

    /// <summary>Whether the trace was forgotten.</summary>
    public bool IsGone { get; set; }

    /// <summary>What is counted for it in the budget.</summary>
    public long CountedBytes { get; set; }

    /// <summary>What it about takes, in bytes.</summary>
    public long SizeBytes
    {
        get
        {
            var size = SizeBytesLeast;
            foreach (var rule in Rules)
            {
                size += rule.SizeBytes;
            }

            foreach (var (_, value) in Captured ?? [])
            {
                size += 100 + value.Length;
            }

            return size;
        }
    }

    /// <summary>The case of a rule; null where it did not hit.</summary>
    /// <param name="rule">The rule's index.</param>
    public RuleCase? Find(int rule)
    {
        foreach (var known in Rules)
        {
            if (known.Rule.Index == rule)
            {
                return known;
            }
        }

        return null;
    }
}
