using System.Linq;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>Compiles conditions on spans; equal ones become one predicate, and equal parts of them are looked at once a span.</summary>
internal sealed class PredicateCompiler
{
    private readonly AttributeSlots _slots;
    private readonly List<Condition> _conditions = [];
    private readonly Dictionary<string, int> _predicates = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SpanTest> _shared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _uses = new(StringComparer.Ordinal);
    private int _remembered;

    /// <summary>A compiler.</summary>
    /// <param name="slots">Where keys are registered.</param>
    public PredicateCompiler(AttributeSlots slots) => _slots = slots;

    /// <summary>How many predicates there are by now.</summary>
    public int Count => _conditions.Count;

    /// <summary>Adds a condition.</summary>
    /// <param name="condition">A condition on a span.</param>
    /// <returns>The index of its predicate.</returns>
    public int Add(Condition condition)
    {
        var text = ConditionText.Canonical(condition);
        if (_predicates.TryGetValue(text, out var known))
        {
            return known;
        }

        _predicates.Add(text, _conditions.Count);
        _conditions.Add(condition);
        CountUses(condition);
        return _conditions.Count - 1;
    }

    /// <summary>Compiles all that was added.</summary>
    public PredicateIndex Compile()
    {
        SpanTest[] tests = [.. _conditions.Select(Compile)];
        AccessPath[] paths = [.. _conditions.Select(condition => AccessPath.Of(condition, _slots))];
        return new PredicateIndex(tests, paths, _slots, _remembered);
    }

    private void CountUses(Condition condition)
    {
        switch (condition)
        {
            case AllCondition all:
                all.Children.ToList().ForEach(CountUses);
                break;
            case AnyCondition any:
                any.Children.ToList().ForEach(CountUses);
                break;
            case NotCondition not:
                CountUses(not.Child);
                break;
            default:
                var text = ConditionText.Canonical(condition);
                _uses[text] = _uses.GetValueOrDefault(text) + 1;
                break;
        }
    }

    private SpanTest Compile(Condition condition)
    {
        switch (condition)
        {
            case AllCondition all:
                return new AllTest([.. all.Children.OrderBy(CostOf).Select(Compile)]);
            case AnyCondition any:
                return new AnyTest([.. any.Children.OrderBy(CostOf).Select(Compile)]);
            case NotCondition not:
                return new NotTest(Compile(not.Child));
            case Comparison comparison:
                return Shared(comparison);
            default:
                throw new InvalidOperationException($"{condition.GetType().Name} is no condition on a span");
        }
    }

    private SpanTest Shared(Comparison comparison)
    {
        var text = ConditionText.Canonical(comparison);
        if (!_shared.TryGetValue(text, out var test))
        {
            test = OfComparison(comparison);

            // Remembering costs as much as a verdict, a kind or a duration.
            if (_uses[text] > 1 && test is not (StatusTest or KindTest or DurationTest))
            {
                test = new RememberedTest(test, _remembered++);
            }

            _shared.Add(text, test);
        }

        return test;
    }

    // What is cheap is looked at first, a regular expression and a baseline last.
    private static int CostOf(Condition condition) => condition switch
    {
        Comparison { Operator: Operator.Matches } => 4,
        Comparison { Values: [{ Kind: LiteralKind.Baseline }, ..] } => 3,
        Comparison { Field.Kind: FieldKind.SpanStatus or FieldKind.SpanKind or FieldKind.SpanDuration } => 0,
        Comparison => 1,
        _ => 2,
    };

    private SpanTest OfComparison(Comparison comparison)
    {
        var values = comparison.Values;
        var isIn = comparison.Operator == Operator.In;
        switch (comparison.Field.Kind)
        {
            case FieldKind.SpanStatus:
                return new StatusTest(values.Any(static v => v.Text == "FAILED") == isIn, values.Any(static v => v.Text == "OK") == isIn);
            case FieldKind.SpanKind:
                var kinds = values.Aggregate(0, static (set, v) => set | (1 << (int)v.Whole));
                return new KindTest(isIn ? kinds : ~kinds);
            case FieldKind.SpanDuration when values[0].Kind == LiteralKind.Baseline:
                return new BaselineTest(comparison.Operator, (Quantile)values[0].Whole, values[0].Real);
            case FieldKind.SpanDuration:
                return new DurationTest(comparison.Operator, values[0].Whole);
            case FieldKind.SpanName or FieldKind.ScopeName:
                return new NameTest(comparison.Field.Kind, new TextTest(comparison));
            default:
                return OfAttribute(comparison, _slots.Register(comparison.Field.Key));
        }
    }

    private static SpanTest OfAttribute(Comparison comparison, int slot)
    {
        var (kind, values) = (comparison.Field.Kind, comparison.Values);
        return comparison.Operator switch
        {
            Operator.Exists => new AttributeExistsTest(kind, slot, values[0].Whole != 0),
            Operator.In => new AttributeInTest(kind, slot, new ValueSet(values), expected: true),
            Operator.NotIn => new AttributeInTest(kind, slot, new ValueSet(values), expected: false),
            Operator.StartsWith => new AttributePrefixTest(kind, slot, values[0].Text),
            Operator.Matches => new AttributePatternTest(kind, slot, Patterns.Compile(values[0])),
            _ => new AttributeOrderTest(kind, slot, comparison.Operator, values[0]),
        };
    }
}
