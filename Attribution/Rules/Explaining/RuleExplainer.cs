using System.Linq;
using System.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules.Explaining;

/// <summary>Prints for a trace, rule by rule, which branch held and which did not.</summary>
/// <param name="rules">The rules.</param>
/// <param name="batches">The spans.</param>
/// <param name="output">Where to.</param>
internal sealed class RuleExplainer(RuleSet rules, IReadOnlyList<OtlpBatch> batches, TextWriter output)
{
    private readonly SpanExplainer _spans = new(baseline: null);

    /// <summary>Ids of the traces that the batches hold, in the order they first come.</summary>
    public IReadOnlyList<(ulong High, ulong Low)> Traces()
    {
        var ids = new List<(ulong, ulong)>();
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.ViewCount; i++)
            {
                foreach (ref readonly var span in batch.View(i).Spans)
                {
                    if (!ids.Contains((span.TraceIdHigh, span.TraceIdLow)))
                    {
                        ids.Add((span.TraceIdHigh, span.TraceIdLow));
                    }
                }
            }
        }

        return ids;
    }

    /// <summary>Explains a trace.</summary>
    /// <param name="high">First half of its id.</param>
    /// <param name="low">Second half of its id.</param>
    /// <param name="ruleId">The only rule to explain; null for all.</param>
    public void Explain(ulong high, ulong low, string? ruleId)
    {
        var structure = new TraceStructure(batches, high, low);
        output.WriteLine($"trace {high:x16}{low:x16}");
        foreach (var rule in rules.Rules.Where(rule => ruleId is null || rule.Id == ruleId))
        {
            if (rule.Scope == RuleScope.Trace)
            {
                ExplainTraceRule(rule, structure, (high, low));
            }
            else
            {
                ExplainSpanRule(rule, structure, (high, low));
            }
        }
    }

    private void ExplainTraceRule(Rule rule, TraceStructure structure, (ulong High, ulong Low) trace)
    {
        var facts = structure.Facts();
        var explainer = new TraceExplainer(_spans, batches, trace);
        var when = explainer.Explain(rule.Source!, facts);
        var chain = rule.ChainSource is null ? null : explainer.Explain(rule.ChainSource, facts);
        WriteHeader(rule, when.Held && chain is not { Held: false }, "");
        ExplanationWriter.Write(output, when, 1);
        WriteChain(chain);
    }

    private void ExplainSpanRule(Rule rule, TraceStructure structure, (ulong High, ulong Low) trace)
    {
        Explanation? best = null;
        Explanation? bestChain = null;
        var (bestName, bestHeld, hits) = ("", -1, 0);
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

                    var when = _spans.Explain(rule.Source!, view, span);
                    var chain = rule.ChainSource is null
                        ? null
                        : new TraceExplainer(_spans, batches, trace).Explain(rule.ChainSource, structure.FactsOf(span.SpanId));
                    hits += when.Held && chain is not { Held: false } ? 1 : 0;
                    var held = Score(when) + (chain is null ? 0 : Score(chain));
                    if (held > bestHeld)
                    {
                        (best, bestChain, bestHeld) = (when, chain, held);
                        bestName = $"{Encoding.UTF8.GetString(view.Name(span))} ({span.SpanId:x16})";
                    }
                }
            }
        }

        if (best is null)
        {
            WriteHeader(rule, isHit: false, "no spans");
            return;
        }

        WriteHeader(rule, hits > 0, hits > 0 ? $"{hits} spans hit, for example {bestName}" : $"no span hits; nearest is {bestName}");
        ExplanationWriter.Write(output, best, 1);
        WriteChain(bestChain);
    }

    // A whole hit counts more than any number of branches.
    private static int Score(Explanation explanation) => (explanation.Held ? 1000 : 0) + Leaves(explanation);

    private static int Leaves(Explanation explanation) => explanation.Children.Count == 0
        ? explanation.Held ? 1 : 0
        : explanation.Children.Sum(Leaves);

    private void WriteHeader(Rule rule, bool isHit, string detail)
    {
        output.Write($"{(isHit ? "HIT " : "miss")} {rule.Id}");
        output.Write(rule.Status == RuleStatus.Off ? " (off)" : "");
        output.Write(isHit && rule.Window is { } window ? $" (counts towards its window of {window.Count})" : "");
        output.WriteLine(detail.Length == 0 ? "" : $": {detail}");
    }

    private void WriteChain(Explanation? chain)
    {
        if (chain is not null)
        {
            output.WriteLine("  chain:");
            ExplanationWriter.Write(output, chain, 2);
        }
    }
}
