using System.Text;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Pipeline.Matching;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>A comparison of a field that is always text. An empty text counts as missing.</summary>
internal sealed class TextTest
{
    private readonly Operator _operator;
    private readonly ValueSet _values;
    private readonly byte[] _prefix;
    private readonly Utf8Pattern? _pattern;
    private readonly bool _isPresent;

    /// <summary>Compiles a comparison.</summary>
    /// <param name="comparison">The comparison, of types that fit.</param>
    public TextTest(Comparison comparison)
    {
        _operator = comparison.Operator;
        _values = new ValueSet(comparison.Values);
        _prefix = _operator == Operator.StartsWith ? Encoding.UTF8.GetBytes(comparison.Values[0].Text) : [];
        _isPresent = _operator == Operator.Exists && comparison.Values[0].Whole != 0;
        _pattern = _operator == Operator.Matches ? Patterns.Compile(comparison.Values[0]) : null;
    }

    /// <summary>Whether a text fits.</summary>
    /// <param name="text">The text.</param>
    public bool Holds(ReadOnlySpan<byte> text) => _operator switch
    {
        Operator.Exists => text.IsEmpty != _isPresent,
        _ when text.IsEmpty => false,
        Operator.In => _values.ContainsText(text),
        Operator.NotIn => !_values.ContainsText(text),
        Operator.StartsWith => text.StartsWith(_prefix),
        _ => _pattern!.IsMatch(text),
    };
}
