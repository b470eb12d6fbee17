using System.Linq;
using System.Text;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>The values of an equality. Text equals text, a boolean a boolean, and numbers each other; nothing is converted.</summary>
internal sealed class ValueSet
{
    // Up to here comparing each is faster than hashing.
    private const int TextsComparedMax = 4;
    private readonly byte[][] _texts;
    private readonly Utf8Table? _table;
    private readonly long[] _wholes;
    private readonly double[] _reals;
    private readonly bool _hasTrue;
    private readonly bool _hasFalse;

    /// <summary>A set of values.</summary>
    /// <param name="values">The values.</param>
    public ValueSet(IReadOnlyList<Literal> values)
    {
        _texts = [.. values.Where(static v => v.Kind == LiteralKind.Text).Select(static v => v.Text).Distinct().Select(Encoding.UTF8.GetBytes)];
        _table = _texts.Length > TextsComparedMax ? new Utf8Table(_texts) : null;
        _wholes = [.. values.Where(static v => v.Kind is LiteralKind.Int).Select(static v => v.Whole)];
        _reals = [.. values.Where(static v => v.Kind is LiteralKind.Float).Select(static v => v.Real)];
        _hasTrue = values.Any(static v => v is { Kind: LiteralKind.Bool, Whole: 1 });
        _hasFalse = values.Any(static v => v is { Kind: LiteralKind.Bool, Whole: 0 });
    }

    /// <summary>Whether a value is one of them.</summary>
    /// <param name="value">The value.</param>
    public bool Contains(AnyValueView value) => value.Kind switch
    {
        AnyValueKind.Text => ContainsText(value.Text),
        AnyValueKind.Int => ContainsWhole(value.Int),
        AnyValueKind.Double => ContainsReal(value.Double),
        AnyValueKind.Bool => value.Bool ? _hasTrue : _hasFalse,
        _ => false,
    };

    /// <summary>Whether a text is one of them.</summary>
    /// <param name="text">The text.</param>
    public bool ContainsText(ReadOnlySpan<byte> text)
    {
        if (_table is not null)
        {
            return _table.Find(text) >= 0;
        }

        foreach (var one in _texts)
        {
            if (text.SequenceEqual(one))
            {
                return true;
            }
        }

        return false;
    }

    private bool ContainsWhole(long number)
    {
        if (_wholes.AsSpan().Contains(number))
        {
            return true;
        }

        return _reals.AsSpan().Contains(number);
    }

    private bool ContainsReal(double number)
    {
        foreach (var whole in _wholes)
        {
            if (number == whole)
            {
                return true;
            }
        }

        foreach (var real in _reals)
        {
            if (number == real)
            {
                return true;
            }
        }

        return false;
    }
}
