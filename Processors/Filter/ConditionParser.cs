using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Matching;

namespace TelemetryPipeline.Processors.Filter;

/// <summary>Compiles conditions in the supported part of OTTL (see the README).</summary>
/// <remarks>
/// Grammar: or := and ("or" and)*; and := term ("and" term)*; term := "not" term | "(" or ")" | IsMatch | sum (op sum)?;
/// sum := value (("+" | "-") value)*. The first problem ends the parse.
/// </remarks>
internal sealed class ConditionParser
{
    private const int DepthMax = 64;

    private readonly ConditionContext _context;
    private readonly AttributeSlots _slots;
    private readonly List<Token> _tokens;
    private int _at;
    private int _depth;
    private string? _problem;

    private ConditionParser(ConditionContext context, AttributeSlots slots, string condition)
    {
        _context = context;
        _slots = slots;
        _tokens = ConditionLexer.Read(condition);
    }

    private Token Current => _tokens[_at];

    /// <summary>Compiles a condition.</summary>
    /// <param name="context">What it is about.</param>
    /// <param name="condition">Its text.</param>
    /// <param name="slots">Takes the attribute keys it names.</param>
    /// <param name="compiled">The compiled condition.</param>
    /// <param name="problem">Where and what is wrong, and what is allowed.</param>
    public static bool TryParse(
        ConditionContext context,
        string condition,
        AttributeSlots slots,
        [NotNullWhen(true)] out Condition? compiled,
        [NotNullWhen(false)] out string? problem)
    {
        var parser = new ConditionParser(context, slots, condition);
        compiled = parser.Or();
        if (compiled is not null && parser.Current.Kind != TokenKind.End)
        {
            compiled = null;
            parser.Fail("expected and, or, or the end");
        }

        problem = compiled is null ? parser._problem ?? "" : null;
        return compiled is not null;
    }

    private Condition? Or()
    {
        var left = And();
        while (left is not null && TakeWord("or"))
        {
            left = And() is { } right ? new OrCondition(left, right) : null;
        }

        return left;
    }

    private Condition? And()
    {
        var left = Term();
        while (left is not null && TakeWord("and"))
        {
            left = Term() is { } right ? new AndCondition(left, right) : null;
        }

        return left;
    }

    private Condition? Term()
    {
        if (++_depth > DepthMax)
        {
            return FailCondition($"nested deeper than {DepthMax}");
        }

        var term = TakeWord("not") ? (Term() is { } inner ? new NotCondition(inner) : null)
            : Current is { Kind: TokenKind.Symbol, Text: "(" } ? Parenthesised()
            : Current is { Kind: TokenKind.Word, Text: "IsMatch" } ? Match()
            : Compared();
        _depth--;
        return term;
    }

    // A parenthesis opens a condition or a sum; only what follows tells, so the sum is tried first.
    private Condition? Parenthesised()
    {
        var start = _at;
        var depth = _depth;
        if (Compared() is { } compared)
        {
            return compared;
        }

        var sumProblem = (_problem, _at);
        (_at, _depth, _problem) = (start, depth, null);
        _at++;
        var inner = Or();
        if (inner is null)
        {
            // The reading that came further is the one that was meant.
            _problem = sumProblem._at > _at ? sumProblem._problem : _problem;
            return null;
        }

        return TakeSymbol(")") ? inner : FailCondition("expected )");
    }

    private Condition? Match()
    {
        _at++;
        if (!TakeSymbol("("))
        {
            return FailCondition("expected ( after IsMatch");
        }

        var target = Sum();
        if (target is null)
        {
            return null;
        }

        if (!TakeSymbol(",") || Current.Kind != TokenKind.Text)
        {
            return FailCondition("expected , and a regular expression in quotes");
        }

        if (!Utf8Pattern.TryCompile(Current.Text, out var pattern, out var problem))
        {
            return FailCondition(problem);
        }

        _at++;
        return TakeSymbol(")") ? new MatchCondition(target, pattern) : FailCondition("expected )");
    }

    private Condition? Compared()
    {
        if (Current is { Kind: TokenKind.Word, Text: "true" or "false" } && !IsComparison(_tokens[_at + 1], out _))
        {
            return new ConstantCondition(_tokens[_at++].Text == "true");
        }

        var left = Sum();
        if (left is null)
        {
            return null;
        }

        if (!IsComparison(Current, out var comparison))
        {
            return FailCondition("expected one of == != < <= > >=");
        }

        _at++;
        return Sum() is { } right ? new CompareCondition(left, comparison, right) : null;
    }

    private static bool IsComparison(Token token, out Comparison comparison)
    {
        (var known, comparison) = token.Text switch
        {
            "==" => (true, Comparison.Equal),
            "!=" => (true, Comparison.NotEqual),
            "<" => (true, Comparison.Less),
            "<=" => (true, Comparison.LessOrEqual),
            ">" => (true, Comparison.Greater),
            ">=" => (true, Comparison.GreaterOrEqual),
            _ => (false, default),
        };
        return known && token.Kind == TokenKind.Symbol;
    }

    private Operand? Sum()
    {
        var left = Value();
        while (left is not null && Current is { Kind: TokenKind.Symbol, Text: "+" or "-" } sign)
        {
            _at++;
            left = Value() is { } right ? new SumOperand(left, right, subtract: sign.Text == "-") : null;
        }

        return left;
    }

    private Operand? Value()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Text:
                _at++;
                return new TextOperand(Encoding.UTF8.GetBytes(token.Text));
            case TokenKind.Number:
                return Number("");
            case TokenKind.Symbol when token.Text == "-" && _tokens[_at + 1].Kind == TokenKind.Number:
                _at++;
                return Number("-");
            case TokenKind.Symbol when token.Text == "(" && _depth < DepthMax:
                _at++;
                _depth++;
                var inner = Sum();
                _depth--;
                return inner is null || TakeSymbol(")") ? inner : FailOperand("expected )");
            case TokenKind.Word:
                return Word(token.Text);
            default:
                return FailOperand("expected a path, a constant or IsMatch");
        }
    }

    private Operand? Number(string sign)
    {
        var text = sign + Current.Text;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            _at++;
            return new IntOperand(whole);
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real))
        {
            _at++;
            return new FloatOperand(real);
        }

        return FailOperand("expected a number; bytes such as 0x0A are not supported");
    }

    private Operand? Word(string word)
    {
        if (word is "nil")
        {
            _at++;
            return new NilOperand();
        }

        if (word is "true" or "false")
        {
            _at++;
            return new BoolOperand(word == "true");
        }

        if (ConditionPaths.TryName(word, out var value))
        {
            _at++;
            return new IntOperand(value);
        }

        if (ConditionPaths.TryField(_context, word, out var field))
        {
            _at++;
            return new FieldOperand(field);
        }

        return ConditionPaths.TryAttributes(_context, word, out var owner)
            ? Attribute(owner)
            : FailOperand(_tokens[_at + 1] is { Kind: TokenKind.Symbol, Text: "(" }
                ? $"unknown function {word}; supported is IsMatch(value, \"regular expression\")"
                : $"unknown path {word}; allowed are {ConditionPaths.Allowed(_context)}, and constants such as STATUS_CODE_ERROR");
    }

    private Operand? Attribute(AttributeOwner owner)
    {
        _at++;
        if (!TakeSymbol("[") || Current.Kind != TokenKind.Text)
        {
            return FailOperand("expected [\"key\"] after attributes");
        }

        var key = Current.Text;
        _at++;
        if (!TakeSymbol("]"))
        {
            return FailOperand("expected ]");
        }

        if (Current is { Kind: TokenKind.Symbol, Text: "[" })
        {
            return FailOperand("parts of lists and maps are not supported, only whole attributes");
        }

        return _slots.Count < AttributeSlots.MaxKeys
            ? new AttributeOperand(_slots, _slots.Register(key), owner)
            : FailOperand($"more than {AttributeSlots.MaxKeys} attribute keys in the conditions of one processor");
    }

    private bool TakeWord(string word)
    {
        var found = Current.Kind == TokenKind.Word && Current.Text == word;
        _at += found ? 1 : 0;
        return found;
    }

    private bool TakeSymbol(string symbol)
    {
        var found = Current.Kind == TokenKind.Symbol && Current.Text == symbol;
        _at += found ? 1 : 0;
        return found;
    }

    private Condition? FailCondition(string problem)
    {
        Fail(problem);
        return null;
    }

    private Operand? FailOperand(string problem)
    {
        Fail(problem);
        return null;
    }

    private void Fail(string problem) => _problem ??= Current.Kind == TokenKind.Bad
        ? $"position {Current.Position}: {Current.Text}"
        : $"position {Current.Position} (at {Current.Text}): {problem}";
}
