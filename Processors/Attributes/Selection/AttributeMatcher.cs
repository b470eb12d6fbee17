using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Matching;

namespace TelemetryPipeline.Processors.Attributes.Selection;

/// <summary>A condition on one attribute: that it is there, and what it is.</summary>
internal sealed record AttributeMatcher
{
    /// <summary>The key in UTF-8.</summary>
    public required byte[] Key { get; init; }

    /// <summary>The value, type included, as an encoded <c>AnyValue</c>; null where any will do.</summary>
    public byte[]? Value { get; init; }

    /// <summary>Matches the value's text; null where any will do.</summary>
    public Utf8Pattern? Pattern { get; init; }

    /// <summary>Whether all conditions hold.</summary>
    /// <param name="conditions">The conditions.</param>
    /// <param name="view">The chunk.</param>
    /// <param name="node">The index of what has the attributes.</param>
    public static bool AllMatch(AttributeMatcher[] conditions, OtlpView view, int node)
    {
        foreach (var condition in conditions)
        {
            if (!view.TryGetAttribute(node, condition.Key, out var value) || !condition.Accepts(value))
            {
                return false;
            }
        }

        return true;
    }

    private bool Accepts(AnyValueView value)
    {
        if (Pattern is not null)
        {
            return value.Kind is AnyValueKind.Text or AnyValueKind.Bool or AnyValueKind.Int or AnyValueKind.Double
                && Pattern.IsMatch(value);
        }

        if (Value is null)
        {
            return true;
        }

        var wanted = new AnyValueView(Value);
        return wanted.Kind == value.Kind && wanted.Kind switch
        {
            AnyValueKind.Text => wanted.Text.SequenceEqual(value.Text),
            AnyValueKind.Bool => wanted.Bool == value.Bool,
            AnyValueKind.Int => wanted.Int == value.Int,
            _ => wanted.Double.Equals(value.Double),
        };
    }
}
