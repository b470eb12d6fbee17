namespace TelemetryPipeline.Otlp;

/// <summary>
/// The items of a well-formed request that cannot be represented. They are left out; the other items of the request
/// are valid. A fault of a resource, scope or metric refuses the items below it.
/// </summary>
public sealed class RefusedItems
{
    private readonly int[] _counts = new int[Labels.Length];

    internal RefusedItems(ItemProblem problem, OtlpError first) => (Problem, First) = (problem, first);

    /// <summary>How many items are refused; 0 where a resource, scope or metric without items is.</summary>
    public int Count { get; private set; }

    /// <summary>The kind of the first fault.</summary>
    public ItemProblem Problem { get; }

    /// <summary>The first fault.</summary>
    public OtlpError First { get; }

    /// <summary>The metric label of the first fault.</summary>
    public string Reason => Labels[(int)Problem];

    /// <summary>Metric labels, indexed by <see cref="ItemProblem"/>; empty for <see cref="ItemProblem.None"/>.</summary>
    public static ReadOnlySpan<string> Labels => Names;

    /// <summary>Where the refused fields of a protobuf request begin, in ascending order.</summary>
    internal List<int> FieldOffsets { get; } = [];

    private static readonly string[] Names =
        ["", "invalid_id", "number_out_of_range", "invalid_enum", "invalid_base64", "wrong_type", "too_deep"];

    /// <summary>How many items are refused for one kind of fault.</summary>
    /// <param name="problem">The kind.</param>
    public int CountOf(ItemProblem problem) => _counts[(int)problem];

    /// <summary>Says how many items are refused and why the first of them is.</summary>
    public override string ToString() => Count == 1
        ? $"1 item cannot be represented: {First}"
        : $"{Count} items cannot be represented, first fault: {First}";

    internal void Add(ItemProblem problem, int count)
    {
        _counts[(int)problem] += count;
        Count += count;
    }
}
