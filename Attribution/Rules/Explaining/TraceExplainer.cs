using System.Globalization;
using System.Linq;
using System.Text;
using TelemetryPipeline.Attribution.Rules.Compiling;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Explaining;

/// <summary>Says branch by branch whether a rule's conditions on a trace or chain hold, and what was found.</summary>
/// <param name="spans">Explains the conditions on spans.</param>
/// <param name="batches">The spans of the trace, and others.</param>
/// <param name="trace">The trace's id.</param>
internal sealed class TraceExplainer(SpanExplainer spans, IReadOnlyList<OtlpBatch> batches, (ulong High, ulong Low) trace)
{
    private const int SpansShown = 3;
    private const int NsPerTick = 100;

    /// <summary>Explains a condition.</summary>
    /// <param name="condition">A condition on a trace.</param>
    /// <param name="facts">The trace's chain and structure.</param>
    public Explanation Explain(Condition condition, in ChainFacts facts)
    {
        switch (condition)
        {
            case AllCondition all:
                var allOf = ExplainAll(all.Children, facts);
                return new Explanation(all.Position, "all of", allOf.All(static e => e.Held), "", allOf);
            case AnyCondition any:
                var anyOf = ExplainAll(any.Children, facts);
                return new Explanation(any.Position, "any of", anyOf.Any(static e => e.Held), "", anyOf);
            case NotCondition not:
                var child = Explain(not.Child, facts);
                return new Explanation(not.Position, "not", !child.Held, "", [child]);
            case SpanQuantifier quantifier:
                return ExplainSpans(quantifier);
            case Comparison comparison:
                var test = new TraceCompiler(new PredicateCompiler(new AttributeSlots())).Compile(comparison);
                return new Explanation(
                    comparison.Position, ConditionText.Readable(comparison), test.Holds(default, facts), Found(comparison.Field.Kind, facts), []);
            default:
                throw new InvalidOperationException($"{condition.GetType().Name} is no condition on a trace");
        }
    }

    private List<Explanation> ExplainAll(IReadOnlyList<Condition> children, in ChainFacts facts)
    {
        var explanations = new List<Explanation>();
        foreach (var child in children)
        {
            explanations.Add(Explain(child, facts));
        }

        return explanations;
    }

    private Explanation ExplainSpans(SpanQuantifier quantifier)
    {
        var (count, fitting) = (0, 0);
        var telling = new List<Explanation>();
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.ViewCount; i++)
            {
                var view = batch.View(i);
                foreach (ref readonly var span in view.Spans)
                {
                    if ((span.TraceIdHigh, span.TraceIdLow) != trace)
                    {
                        continue;
                    }

                    count++;
                    var holds = spans.Holds(quantifier.Child, view, span);
                    fitting += holds ? 1 : 0;

                    // For any_span and no_span those that fit decide, for every_span those that do not.
                    if (holds == (quantifier.Quantifier != Quantifier.EverySpan) && telling.Count < SpansShown)
                    {
                        var child = spans.Explain(quantifier.Child, view, span);
                        telling.Add(child with { Text = $"{Encoding.UTF8.GetString(view.Name(span))} ({span.SpanId:x16}): {child.Text}" });
                    }
                }
            }
        }

        var held = quantifier.Quantifier switch
        {
            Quantifier.AnySpan => fitting > 0,
            Quantifier.NoSpan => fitting == 0,
            _ => fitting == count,
        };
        var what = quantifier.Child is Comparison comparison ? ConditionText.Readable(comparison) : "the conditions below";
        return new Explanation(
            quantifier.Position, $"{ConditionText.Word(quantifier.Quantifier)}: {what}", held, $"{fitting} of {count} spans fit", telling);
    }

    private static string Found(FieldKind kind, in ChainFacts facts)
    {
        if (kind == FieldKind.ChainPath)
        {
            var steps = new List<string>();
            foreach (ref readonly var step in facts.Steps)
            {
                steps.Add($"{Encoding.UTF8.GetString(step.Service.Span)} ({Encoding.UTF8.GetString(step.NodeType.Span)})");
            }

            return steps.Count == 0 ? "no chain" : string.Join(" > ", steps);
        }

        if (FieldCatalog.TypeOf(kind) == FieldType.Text)
        {
            var text = Encoding.UTF8.GetString(ChainTextTest.Text(kind, facts));
            return text.Length == 0 ? "missing" : text;
        }

        if (!ChainNumberTest.TryGet(kind, facts, out var number))
        {
            return "no chain";
        }

        return FieldCatalog.TypeOf(kind) switch
        {
            FieldType.Duration => GoDuration.Format(TimeSpan.FromTicks(number / NsPerTick)),
            FieldType.Bool => number != 0 ? "true" : "false",
            _ => number.ToString(CultureInfo.InvariantCulture),
        };
    }
}
