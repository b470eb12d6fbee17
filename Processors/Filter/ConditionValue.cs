using System.Runtime.InteropServices;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.Filter;

/// <summary>The type of a value in a condition.</summary>
internal enum ConditionValueKind : byte
{
    Nil,
    Text,
    Bool,
    Int,
    Float,

    /// <summary>Bytes, lists and maps: only equal to nothing, but they have a text form.</summary>
    Other,
}

/// <summary>A value while a condition is evaluated. On the stack, over the batch's bytes.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly ref struct ConditionValue
{
    private ConditionValue(ConditionValueKind kind, ReadOnlySpan<byte> text, long number, double real)
    {
        Kind = kind;
        Text = text;
        Int = number;
        Float = real;
    }

    public ConditionValueKind Kind { get; }

    /// <summary>The text; for <see cref="ConditionValueKind.Other"/>, the encoded value.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>The number; 1 for true.</summary>
    public long Int { get; }

    public double Float { get; }

    public static ConditionValue OfText(ReadOnlySpan<byte> text) => new(ConditionValueKind.Text, text, 0, 0);

    public static ConditionValue OfInt(long number) => new(ConditionValueKind.Int, default, number, number);

    public static ConditionValue OfFloat(double number) => new(ConditionValueKind.Float, default, 0, number);

    public static ConditionValue OfBool(bool value) => new(ConditionValueKind.Bool, default, value ? 1 : 0, 0);

    public static ConditionValue Of(AnyValueView value) => value.Kind switch
    {
        AnyValueKind.Empty => default,
        AnyValueKind.Text => OfText(value.Text),
        AnyValueKind.Bool => OfBool(value.Bool),
        AnyValueKind.Int => OfInt(value.Int),
        AnyValueKind.Double => OfFloat(value.Double),
        _ => new(ConditionValueKind.Other, value.Encoded, 0, 0),
    };

    /// <summary>Compares as the Collector does: values of different types are unequal and in no order.</summary>
    /// <param name="left">The left value.</param>
    /// <param name="comparison">The operator.</param>
    /// <param name="right">The right value.</param>
    public static bool Compare(ConditionValue left, Comparison comparison, ConditionValue right)
    {
        if (left.Kind == right.Kind)
        {
            return left.Kind switch
            {
                ConditionValueKind.Nil => comparison is Comparison.Equal,
                ConditionValueKind.Text => Holds(comparison, left.Text.SequenceCompareTo(right.Text)),
                ConditionValueKind.Int or ConditionValueKind.Bool => Holds(comparison, left.Int.CompareTo(right.Int)),
                ConditionValueKind.Float => HoldsReal(comparison, left.Float, right.Float),
                _ => comparison switch
                {
                    Comparison.Equal => left.Text.SequenceEqual(right.Text),
                    Comparison.NotEqual => !left.Text.SequenceEqual(right.Text),
                    _ => false,
                },
            };
        }

        return IsNumber(left.Kind) && IsNumber(right.Kind)
            ? HoldsReal(comparison, left.Float, right.Float)
            : comparison is Comparison.NotEqual;
    }

    private static bool IsNumber(ConditionValueKind kind) => kind is ConditionValueKind.Int or ConditionValueKind.Float;

    private static bool Holds(Comparison comparison, int order) => comparison switch
    {
        Comparison.Equal => order == 0,
        Comparison.NotEqual => order != 0,
        Comparison.Less => order < 0,
        Comparison.LessOrEqual => order <= 0,
        Comparison.Greater => order > 0,
        _ => order >= 0,
    };

    // Not by order: NaN is in no order and equal to nothing.
    private static bool HoldsReal(Comparison comparison, double left, double right) => comparison switch
    {
        Comparison.Equal => left == right,
        Comparison.NotEqual => left != right,
        Comparison.Less => left < right,
        Comparison.LessOrEqual => left <= right,
        Comparison.Greater => left > right,
        _ => left >= right,
    };
}
