using System.Linq;
using TelemetryPipeline.Attribution.Rules.Language;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>Compiles conditions on traces and chains over the predicates of their spans.</summary>
/// <param name="predicates">Takes the conditions on spans.</param>
internal sealed class TraceCompiler(PredicateCompiler predicates)
{
    /// <summary>Compiles a condition.</summary>
    /// <param name="condition">A condition on a trace.</param>
    public TraceTest Compile(Condition condition)
    {
        switch (condition)
        {
            case AllCondition all:
                return new AllTraceTest([.. all.Children.Select(Compile)]);
            case AnyCondition any:
                return new AnyTraceTest([.. any.Children.Select(Compile)]);
            case NotCondition not:
                return new NotTraceTest(Compile(not.Child));
            case SpanQuantifier { Quantifier: Quantifier.EverySpan } every:
                return new PredicateTest(predicates.Add(new NotCondition(every.Position, every.Child)), expected: false);
            case SpanQuantifier spans:
                return new PredicateTest(predicates.Add(spans.Child), expected: spans.Quantifier == Quantifier.AnySpan);
            case Comparison { Field.Kind: FieldKind.ChainPath } path:
                return new ChainPathTest(path.Values);
            case Comparison comparison when FieldCatalog.TypeOf(comparison.Field.Kind) == FieldType.Text:
                return new ChainTextTest(comparison.Field.Kind, new TextTest(comparison));
            case Comparison comparison:
                return new ChainNumberTest(comparison.Field.Kind, comparison.Operator, comparison.Values);
            default:
                throw new InvalidOperationException($"{condition.GetType().Name} is no condition on a trace");
        }
    }

    /// <summary>Whether more spans can make a condition untrue.</summary>
    /// <param name="condition">A condition on a trace.</param>
    public static bool NeedsWholeTrace(Condition condition) => condition switch
    {
        AllCondition all => all.Children.Any(NeedsWholeTrace),
        AnyCondition any => any.Children.Any(NeedsWholeTrace),
        SpanQuantifier spans => spans.Quantifier != Quantifier.AnySpan,
        _ => true,
    };
}
