using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.Filter;

/// <summary>Something in a condition that has a value. Immutable; reading does not allocate.</summary>
internal abstract class Operand
{
    /// <summary>The value for an item.</summary>
    /// <param name="item">The item.</param>
    public abstract ConditionValue Read(in FilterItem item);
}

/// <summary>A constant text.</summary>
internal sealed class TextOperand(byte[] text) : Operand
{
    public override ConditionValue Read(in FilterItem item) => ConditionValue.OfText(text);
}

/// <summary>A constant whole number, or one of the names for it.</summary>
internal sealed class IntOperand(long number) : Operand
{
    public override ConditionValue Read(in FilterItem item) => ConditionValue.OfInt(number);
}

/// <summary>A constant number.</summary>
internal sealed class FloatOperand(double number) : Operand
{
    public override ConditionValue Read(in FilterItem item) => ConditionValue.OfFloat(number);
}

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed class BoolOperand(bool value) : Operand
{
    public override ConditionValue Read(in FilterItem item) => ConditionValue.OfBool(value);
}

/// <summary><c>nil</c>: what an attribute that is not there is equal to.</summary>
internal sealed class NilOperand : Operand
{
    public override ConditionValue Read(in FilterItem item) => default;
}

/// <summary>A sum or difference; nil unless both sides are numbers.</summary>
internal sealed class SumOperand(Operand left, Operand right, bool subtract) : Operand
{
    public override ConditionValue Read(in FilterItem item)
    {
        var a = left.Read(item);
        var b = right.Read(item);
        return (a.Kind, b.Kind) switch
        {
            (ConditionValueKind.Int, ConditionValueKind.Int) =>
                ConditionValue.OfInt(unchecked(subtract ? a.Int - b.Int : a.Int + b.Int)),
            (ConditionValueKind.Int or ConditionValueKind.Float, ConditionValueKind.Int or ConditionValueKind.Float) =>
                ConditionValue.OfFloat(subtract ? a.Float - b.Float : a.Float + b.Float),
            _ => default,
        };
    }
}

/// <summary>Whose attribute is meant.</summary>
internal enum AttributeOwner : byte
{
    Item,
    Scope,
    Resource,
}

/// <summary>An attribute of the item, its scope or its resource.</summary>
internal sealed class AttributeOperand(AttributeSlots slots, int slot, AttributeOwner owner) : Operand
{
    public override ConditionValue Read(in FilterItem item)
    {
        var node = owner switch
        {
            AttributeOwner.Resource => item.View.ResourceOf(item.Node),
            AttributeOwner.Scope => item.View.ScopeOf(item.Node),
            _ => item.Node,
        };
        return item.View.TryGetAttribute(slots, node, slot, out var value) ? ConditionValue.Of(value) : default;
    }
}

/// <summary>A field of the item or of what it is inside of.</summary>
internal sealed class FieldOperand(ItemField field) : Operand
{
    public override ConditionValue Read(in FilterItem item) => field switch
    {
        ItemField.SpanName => ConditionValue.OfText(item.View.Name(item.Span)),
        ItemField.SpanKind => ConditionValue.OfInt((long)item.Span.Kind),
        ItemField.StatusCode => ConditionValue.OfInt((long)item.Span.StatusCode),
        ItemField.StatusMessage => ConditionValue.OfText(item.View.StatusMessage(item.Span)),
        ItemField.StartTime => ConditionValue.OfInt((long)item.Span.StartNs),
        ItemField.EndTime => ConditionValue.OfInt((long)item.Span.EndNs),
        ItemField.ScopeName => ConditionValue.OfText(item.View.Name(item.View.ScopeOf(item.Node))),
        ItemField.ScopeVersion => ConditionValue.OfText(item.View.ScopeVersion(item.View.ScopeOf(item.Node))),
        ItemField.MetricName => ConditionValue.OfText(item.View.Name(item.View.MetricOf(item.Node))),
        ItemField.MetricUnit => ConditionValue.OfText(item.View.MetricUnit(item.View.MetricOf(item.Node))),
        ItemField.MetricDescription => ConditionValue.OfText(item.View.MetricDescription(item.View.MetricOf(item.Node))),
        ItemField.MetricType => ConditionValue.OfInt((long)item.View.TypeOfMetric(item.Node)),
        ItemField.SeverityNumber => ConditionValue.OfInt(item.View.SeverityNumber(item.Node)),
        ItemField.SeverityText => ConditionValue.OfText(item.View.SeverityText(item.Node)),
        ItemField.EventName => ConditionValue.OfText(item.View.Name(item.Node)),
        _ => ConditionValue.Of(item.View.Body(item.Node)),
    };
}
