using System.Linq;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>By what a predicate is found.</summary>
internal enum AccessKind : byte
{
    /// <summary>Nothing: it is looked at for every span.</summary>
    Always,

    /// <summary>The verdict: 1 failed, 0 OK.</summary>
    Status,

    /// <summary>The span kind.</summary>
    SpanKind,

    /// <summary>The span's name.</summary>
    Name,

    /// <summary>An attribute of span or resource, by slot.</summary>
    Attribute,

    /// <summary>An attribute of the span, by slot.</summary>
    SpanAttribute,

    /// <summary>An attribute of the resource, by slot.</summary>
    ResourceAttribute,
}

/// <summary>Something a span must have.</summary>
/// <param name="Kind">What.</param>
/// <param name="Number">Slot, kind or verdict.</param>
/// <param name="Text">The value; null where any will do.</param>
internal readonly record struct AccessKey(AccessKind Kind, int Number, string? Text = null);

/// <summary>
/// What a span must have, at least one of it, for a predicate to hold; and how often that is expected, to choose the most
/// selective of several.
/// </summary>
/// <param name="Cost">Expected share of spans; relative figures.</param>
/// <param name="Keys">The keys.</param>
internal sealed record AccessPath(double Cost, IReadOnlyList<AccessKey> Keys)
{
    private const double AlwaysCost = 1000;
    private const double CodeCost = 1;
    private const double ValueCost = 2;
    private const double NameCost = 5;
    private const double FailedCost = 40;
    private const double ServiceCost = 60;
    private const double PresentCost = 200;
    private const double KindCost = 300;
    private const double OkCost = 950;

    private static readonly AccessPath Every = new(AlwaysCost, [new AccessKey(AccessKind.Always, 0)]);

    /// <summary>The best path to a condition.</summary>
    /// <param name="condition">A condition on a span.</param>
    /// <param name="slots">Where keys are registered.</param>
    public static AccessPath Of(Condition condition, AttributeSlots slots)
    {
        switch (condition)
        {
            case AllCondition all:
                return all.Children.Select(child => Of(child, slots)).Append(Every).MinBy(static path => path.Cost)!;
            case AnyCondition any:
                var paths = any.Children.Select(child => Of(child, slots)).ToArray();
                var cost = paths.Sum(static path => path.Cost);
                return cost >= AlwaysCost ? Every : new AccessPath(cost, [.. paths.SelectMany(static path => path.Keys).Distinct()]);
            case NotCondition { Child: NotCondition twice }:
                return Of(twice.Child, slots);
            case Comparison comparison:
                return OfComparison(comparison, slots);
            default:
                return Every;
        }
    }

    private static AccessPath OfComparison(Comparison comparison, AttributeSlots slots)
    {
        var (field, values) = (comparison.Field, comparison.Values);
        var isEquality = comparison.Operator == Operator.In;
        switch (field.Kind)
        {
            case FieldKind.SpanStatus:
                var failed = values.Select(static v => v.Text == "FAILED").Distinct().ToArray();
                return failed.Length != 1 ? Every : OfStatus(failed[0] == isEquality);
            case FieldKind.SpanKind when isEquality:
                return new AccessPath(KindCost * values.Count, [.. values.Select(static v => new AccessKey(AccessKind.SpanKind, (int)v.Whole))]);
            case FieldKind.SpanName when isEquality:
                return new AccessPath(NameCost * values.Count, [.. values.Select(static v => new AccessKey(AccessKind.Name, 0, v.Text))]);
            case FieldKind.Attribute or FieldKind.SpanAttribute or FieldKind.ResourceAttribute:
                return OfAttribute(comparison, slots.Register(field.Key));
            default:
                return Every;
        }
    }

    private static AccessPath OfStatus(bool failed) =>
        new(failed ? FailedCost : OkCost, [new AccessKey(AccessKind.Status, failed ? 1 : 0)]);

    private static AccessPath OfAttribute(Comparison comparison, int slot)
    {
        var kind = comparison.Field.Kind switch
        {
            FieldKind.SpanAttribute => AccessKind.SpanAttribute,
            FieldKind.ResourceAttribute => AccessKind.ResourceAttribute,
            _ => AccessKind.Attribute,
        };
        var key = comparison.Field.Key;
        switch (comparison.Operator)
        {
            case Operator.Exists when comparison.Values[0].Whole == 0:
                return Every;
            case Operator.In when comparison.Values.All(static v => v.Kind == LiteralKind.Text):
                var each = key == FieldCatalog.CodeKey ? CodeCost
                    : kind == AccessKind.ResourceAttribute || key == "service.name" || key == BusinessKeys.NodeType || key == BusinessKeys.Tenant ? ServiceCost
                    : ValueCost;
                return new AccessPath(
                    Math.Min(each * comparison.Values.Count, PresentCost),
                    [.. comparison.Values.Select(v => new AccessKey(kind, slot, v.Text))]);
            default:
                return new AccessPath(key == FieldCatalog.CodeKey ? FailedCost : PresentCost, [new AccessKey(kind, slot)]);
        }
    }
}
