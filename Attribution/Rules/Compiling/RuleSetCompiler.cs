using System.Linq;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>Makes a set of the rules of all files.</summary>
internal sealed class RuleSetCompiler
{
    /// <summary>Rules that a set may have.</summary>
    public const int RulesMax = 10_000;

    private readonly IReadOnlyList<RuleDraft> _drafts;
    private readonly ConfigErrors _errors;
    private readonly Dictionary<string, int> _byId = new(StringComparer.Ordinal);

    private RuleSetCompiler(IReadOnlyList<RuleDraft> drafts, ConfigErrors errors)
    {
        _drafts = drafts;
        _errors = errors;
    }

    /// <summary>Checks rules together and compiles them.</summary>
    /// <param name="drafts">The rules of all files.</param>
    /// <param name="slots">Where keys are registered, once nothing is wrong.</param>
    /// <param name="hash">The figure of the files' content.</param>
    /// <param name="errors">Holds the problems of reading, takes those of the set.</param>
    /// <returns>Null when there are errors.</returns>
    public static RuleSet? Compile(IReadOnlyList<RuleDraft> drafts, AttributeSlots slots, string hash, ConfigErrors errors)
    {
        var compiler = new RuleSetCompiler(drafts, errors);
        compiler.Check();
        if (!errors.IsEmpty)
        {
            return null;
        }

        try
        {
            return compiler.Compile(slots, hash);
        }
        catch (InvalidOperationException) when (slots.Count == AttributeSlots.MaxKeys)
        {
            errors.Add(drafts[0].Position, "", $"rules and other components together read more than {AttributeSlots.MaxKeys} attribute keys");
            return null;
        }
    }

    private void Check()
    {
        if (_drafts.Count > RulesMax)
        {
            _errors.Add(_drafts[RulesMax].Position, _drafts[RulesMax].Path, $"a set has at most {RulesMax} rules, got {_drafts.Count}");
        }

        for (var i = 0; i < _drafts.Count; i++)
        {
            var draft = _drafts[i];
            if (draft.Id.Length > 0 && !_byId.TryAdd(draft.Id, i))
            {
                _errors.Add(draft.Position, $"{draft.Path}::id", $"the rule \"{draft.Id}\" is there twice, first at {_drafts[_byId[draft.Id]].Position}");
            }
        }

        for (var i = 0; i < _drafts.Count; i++)
        {
            CheckSuppression(i);
        }
    }

    private void CheckSuppression(int index)
    {
        var draft = _drafts[index];
        for (var i = 0; i < (draft.Suppress?.WhenFired.Count ?? 0); i++)
        {
            var id = draft.Suppress!.WhenFired[i];
            var path = $"{draft.Path}::suppress::when_fired";
            if (!_byId.TryGetValue(id, out var other))
            {
                var nearest = NearestWord.Find(id, _byId.Keys);
                _errors.Add(draft.SuppressPositions[i], path, $"no rule \"{id}\"" + (nearest is null ? "" : $"; did you mean \"{nearest}\"?"));
            }
            else if (Reaches(other, index, []))
            {
                _errors.Add(draft.SuppressPositions[i], path, $"\"{id}\" is suppressed by \"{draft.Id}\" itself: neither could fire beside the other");
            }
        }
    }

    private bool Reaches(int from, int target, HashSet<int> seen) => from == target
        || (seen.Add(from) && (_drafts[from].Suppress?.WhenFired ?? [])
            .Any(id => _byId.TryGetValue(id, out var next) && Reaches(next, target, seen)));

    private RuleSet Compile(AttributeSlots slots, string hash)
    {
        var predicates = new PredicateCompiler(slots);
        var traces = new TraceCompiler(predicates);

        // Rules of scope trace first: a trace keeps only their predicates.
        var tests = new TraceTest?[_drafts.Count];
        var chains = new TraceTest?[_drafts.Count];
        for (var i = 0; i < _drafts.Count; i++)
        {
            if (_drafts[i] is { Status: not RuleStatus.Off } draft)
            {
                tests[i] = draft.Scope == RuleScope.Trace ? traces.Compile(draft.When!) : null;
                chains[i] = draft.Chain is { } chain ? traces.Compile(chain) : null;
            }
        }

        var tracePredicates = predicates.Count;
        var rules = new Rule[_drafts.Count];
        for (var i = 0; i < rules.Length; i++)
        {
            var isEvaluated = _drafts[i] is { Status: not RuleStatus.Off, Scope: RuleScope.Span };
            rules[i] = Make(i, isEvaluated ? predicates.Add(_drafts[i].When!) : -1, tests[i], chains[i], slots);
        }

        return new RuleSet(rules, predicates.Compile(), slots, hash, tracePredicates);
    }

    private Rule Make(int index, int predicate, TraceTest? when, TraceTest? chain, AttributeSlots slots)
    {
        var draft = _drafts[index];
        RuleKey[] Keys(IEnumerable<FieldRef> fields) => [.. fields.Select(field => new RuleKey(field, slots))];
        return new Rule
        {
            Index = index,
            Id = draft.Id,
            Version = draft.Version,
            Description = draft.Description,
            Status = draft.Status,
            Scope = draft.Scope,
            Then = draft.Then,
            Window = draft.Window is { } window ? window with { By = Keys(draft.WindowBy) } : null,
            GroupBy = Keys(draft.GroupBy),
            Suppress = draft.Suppress is { } suppress
                ? suppress with { WhenFiredIndices = [.. suppress.WhenFired.Select(id => _byId[id])] }
                : null,
            EvidenceKeys = Keys(ConditionFields.Of(draft.When!).Concat(draft.Evidence).Distinct()),
            Position = draft.Position,
            Predicate = predicate,
            NeedsWholeTrace = draft.Chain is not null || (draft.Scope == RuleScope.Trace && TraceCompiler.NeedsWholeTrace(draft.When!)),
            When = when,
            ChainTest = chain,
            Source = draft.When,
            ChainSource = draft.Chain,
        };
    }
}
