using System.Linq;
using System.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>Which predicates a value of one attribute, or a name, makes possible.</summary>
internal sealed class AttributeIndex
{
    private readonly Utf8Table _texts;
    private readonly int[][] _predicatesByText;
    private readonly int[] _whenPresent;

    /// <summary>Indexes an attribute.</summary>
    /// <param name="slot">Its slot; -1 for a name.</param>
    /// <param name="entries">Texts with the predicates they make possible.</param>
    /// <param name="whenPresent">Predicates that any value makes possible.</param>
    public AttributeIndex(int slot, IReadOnlyList<(string Text, int Predicate)> entries, IReadOnlyList<int> whenPresent)
    {
        var groups = entries.Distinct().GroupBy(static entry => entry.Text, StringComparer.Ordinal).ToArray();
        Slot = slot;
        _texts = new Utf8Table([.. groups.Select(static group => Encoding.UTF8.GetBytes(group.Key))]);
        _predicatesByText = [.. groups.Select(static group => group.Select(static entry => entry.Predicate).ToArray())];
        _whenPresent = [.. whenPresent.Distinct()];
        CandidatesMax = _whenPresent.Length + _predicatesByText.Select(static list => list.Length).DefaultIfEmpty().Max();
    }

    /// <summary>The attribute's slot; -1 for a name.</summary>
    public int Slot { get; }

    /// <summary>The most predicates that one value makes possible.</summary>
    public int CandidatesMax { get; }

    /// <summary>Predicates that any value makes possible.</summary>
    public ReadOnlySpan<int> WhenPresent => _whenPresent;

    /// <summary>Predicates that a text makes possible, besides those of any value.</summary>
    /// <param name="text">The text.</param>
    public ReadOnlySpan<int> Find(ReadOnlySpan<byte> text)
    {
        var index = _texts.Find(text);
        return index < 0 ? default : _predicatesByText[index];
    }

    /// <summary>Predicates that a value makes possible, besides those of any value.</summary>
    /// <param name="value">The value.</param>
    public ReadOnlySpan<int> Find(AnyValueView value) => value.Kind == AnyValueKind.Text ? Find(value.Text) : default;
}
