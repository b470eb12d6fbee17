using System.Buffers;
using System.Linq;
using System.Text;
using TelemetryPipeline.Attribution.Rules.Compiling;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Explaining;

/// <summary>
/// Says branch by branch whether a rule's conditions hold for a span, and what was found. Allocates; asks the compiled
/// conditions themselves, each alone, so that it cannot be of another opinion.
/// </summary>
/// <param name="baseline">What latencies are compared with; null where nothing is known.</param>
internal sealed class SpanExplainer(ILatencyBaseline? baseline)
{
    private const int NsPerTick = 100;

    /// <summary>Explains a condition.</summary>
    /// <param name="condition">A condition on a span.</param>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    public Explanation Explain(Condition condition, OtlpView view, in SpanRecord span)
    {
        switch (condition)
        {
            case AllCondition all:
                var allOf = ExplainAll(all.Children, view, span);
                return new Explanation(all.Position, "all of", allOf.All(static e => e.Held), "", allOf);
            case AnyCondition any:
                var anyOf = ExplainAll(any.Children, view, span);
                return new Explanation(any.Position, "any of", anyOf.Any(static e => e.Held), "", anyOf);
            case NotCondition not:
                var child = Explain(not.Child, view, span);
                return new Explanation(not.Position, "not", !child.Held, "", [child]);
            case Comparison comparison:
                return new Explanation(
                    comparison.Position,
                    ConditionText.Readable(comparison),
                    Holds(comparison, view, span),
                    Found(comparison, view, span),
                    []);
            default:
                throw new InvalidOperationException($"{condition.GetType().Name} is no condition on a span");
        }
    }

    /// <summary>Whether a condition holds, asked alone.</summary>
    /// <param name="condition">A condition on a span.</param>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    public bool Holds(Condition condition, OtlpView view, in SpanRecord span)
    {
        var compiler = new PredicateCompiler(new AttributeSlots());
        compiler.Add(condition);
        var matcher = new RuleMatcher(compiler.Compile()) { Baseline = baseline };
        return matcher.Match(view, span, new PredicateHits(new ulong[1]));
    }

    private List<Explanation> ExplainAll(IReadOnlyList<Condition> children, OtlpView view, in SpanRecord span)
    {
        var explanations = new List<Explanation>();
        foreach (var child in children)
        {
            explanations.Add(Explain(child, view, span));
        }

        return explanations;
    }

    private string Found(Comparison comparison, OtlpView view, in SpanRecord span)
    {
        var usual = "";
        if (comparison.Values is [{ Kind: LiteralKind.Baseline } literal])
        {
            usual = baseline is not null && baseline.TryGetQuantileNs(view, span, (Quantile)literal.Whole, out var ns)
                ? $", {literal.Text} with {GoDuration.Format(TimeSpan.FromTicks(ns / NsPerTick))}"
                : ", no baseline is known";
        }

        var text = new ArrayBufferWriter<byte>();
        return new RuleKey(comparison.Field, new AttributeSlots()).TryWriteText(view, span, text)
            ? Encoding.UTF8.GetString(text.WrittenSpan) + usual
            : "missing";
    }
}
