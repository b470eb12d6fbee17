using System.Numerics;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Validation;

/// <summary>Checks the values of a span.</summary>
internal sealed class ValidationStep
{
    private const int ErrorsBytesMax = 4096;
    private readonly AttributeSlots _slots;
    private readonly ValidationRule[] _rules;
    private readonly int[] _ruleSlots;
    private readonly byte[][] _encodedNames;
    private readonly SlotMask _any;
    private readonly int _errors;

    public ValidationStep(ValidationConfig config, AttributeSlots slots)
    {
        _slots = slots;
        _rules = [.. config.Rules];
        _ruleSlots = new int[_rules.Length];
        _encodedNames = new byte[_rules.Length][];
        for (var i = 0; i < _rules.Length; i++)
        {
            _ruleSlots[i] = slots.Register(_rules[i].Key);
            _encodedNames[i] = EncodedElement(_rules[i].Name);
        }

        _any = new SlotMask(_ruleSlots);
        _errors = slots.Register(BusinessKeys.ValidationErrors);
    }

    /// <summary>The rules.</summary>
    public IReadOnlyList<ValidationRule> Rules => _rules;

    /// <summary>Checks a span; what is wrong is listed in <c>biz.validation_errors</c>.</summary>
    /// <param name="view">The view.</param>
    /// <param name="row">The span's attributes.</param>
    /// <param name="broken">Broken rules; one is added for each.</param>
    /// <returns>Whether the span was dropped.</returns>
    public bool Apply(OtlpView view, in SlotRow row, Span<int> broken)
    {
        if (!row.HasAny(_any))
        {
            return false;
        }

        ulong errors = 0;
        for (var i = 0; i < _rules.Length; i++)
        {
            if (row.TryGet(_ruleSlots[i], out var value) && !_rules[i].Form(value)
                && !value.Text.SequenceEqual("[REDACTED]"u8))
            {
                errors |= 1UL << i;
                broken[i]++;
            }
        }

        return errors != 0 && React(view, row.Node, errors);
    }

    private bool React(OtlpView view, int node, ulong errors)
    {
        for (var left = errors; left != 0; left &= left - 1)
        {
            var rule = BitOperations.TrailingZeroCount(left);
            if (_rules[rule].Action == ValidationAction.Drop)
            {
                view.Drop(node);
                return true;
            }

            if (_rules[rule].Action == ValidationAction.Redact)
            {
                view.SetText(_slots, node, _ruleSlots[rule], "[REDACTED]"u8);
            }
        }

        List(view, node, errors);
        return false;
    }

    /// <summary>Sets the list of the broken rules' names.</summary>
    private void List(OtlpView view, int node, ulong errors)
    {
        Span<byte> encoded = stackalloc byte[ErrorsBytesMax];
        var start = 1 + sizeof(int);
        var end = start;
        for (var left = errors; left != 0; left &= left - 1)
        {
            var name = _encodedNames[BitOperations.TrailingZeroCount(left)];
            if (end + name.Length <= ErrorsBytesMax)
            {
                name.CopyTo(encoded[end..]);
                end += name.Length;
            }
        }

        // An AnyValue with an array (field 5); its length goes right before its content.
        var length = end - start;
        start -= length < 0x80 ? 1 : 2;
        encoded[start] = length < 0x80 ? (byte)length : (byte)(length | 0x80);
        if (length >= 0x80)
        {
            encoded[start + 1] = (byte)(length >> 7);
        }

        encoded[--start] = (5 << 3) | 2;
        view.SetValue(_slots, node, _errors, new AnyValueView(encoded[start..end]));
    }

    /// <summary>An element of an array: field 1, an AnyValue with a text (field 1).</summary>
    private static byte[] EncodedElement(string name)
    {
        const int NameBytesMax = 60;
        var text = Encoding.UTF8.GetBytes(name).AsSpan();
        text = text[..Math.Min(text.Length, NameBytesMax)];
        return [(1 << 3) | 2, (byte)(text.Length + 2), (1 << 3) | 2, (byte)text.Length, .. text];
    }
}
