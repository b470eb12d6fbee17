using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>A value in the type a mapping asks for.</summary>
internal readonly ref struct ConvertedValue
{
    /// <summary>A value that is taken as it is.</summary>
    public ConvertedValue(AnyValueView value)
    {
        Kind = value.Kind;
        Original = value;
    }

    /// <summary>A text.</summary>
    public ConvertedValue(ReadOnlySpan<byte> text)
    {
        Kind = AnyValueKind.Text;
        Text = text;
    }

    /// <summary>A whole number, or true or false.</summary>
    public ConvertedValue(long number, AnyValueKind kind = AnyValueKind.Int)
    {
        Kind = kind;
        Number = number;
    }

    public ConvertedValue(double real)
    {
        Kind = AnyValueKind.Double;
        Real = real;
    }

    public AnyValueKind Kind { get; }

    public ReadOnlySpan<byte> Text { get; }

    public long Number { get; }

    public double Real { get; }

    /// <summary>The source where it needs no change.</summary>
    public AnyValueView Original { get; }

    /// <summary>Sets an attribute to the value.</summary>
    public void Set(OtlpView view, AttributeSlots slots, int node, int slot, byte[] key)
    {
        if (Original.Kind != AnyValueKind.Empty)
        {
            view.SetValue(slots, node, slot, Original);
            return;
        }

        switch (Kind)
        {
            case AnyValueKind.Text:
                view.SetText(slots, node, slot, Text);
                break;
            case AnyValueKind.Bool:
                view.SetBool(node, key, Number != 0);
                break;
            case AnyValueKind.Double:
                view.SetDouble(node, key, Real);
                break;
            default:
                view.SetInt(slots, node, slot, Number);
                break;
        }
    }
}
