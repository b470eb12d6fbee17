using System.Text;

namespace TelemetryPipeline.Processors.Filter;

/// <summary>What a piece of a condition is.</summary>
internal enum TokenKind : byte
{
    End,
    Word,
    Text,
    Number,
    Symbol,
    Bad,
}

/// <summary>A piece of a condition.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text, without quotes; for a bad piece, what is wrong.</param>
/// <param name="Position">Where it starts, from 1.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Position);

/// <summary>Cuts a condition into words, texts, numbers and symbols.</summary>
internal static class ConditionLexer
{
    private static readonly string[] LongSymbols = ["==", "!=", "<=", ">="];

    /// <summary>All pieces; the last one is the end, or the first bad one.</summary>
    /// <param name="condition">The condition.</param>
    public static List<Token> Read(string condition)
    {
        var tokens = new List<Token>();
        var at = 0;
        while (true)
        {
            while (at < condition.Length && char.IsWhiteSpace(condition[at]))
            {
                at++;
            }

            var token = at == condition.Length ? new Token(TokenKind.End, "the end", at + 1) : Next(condition, ref at);
            tokens.Add(token);
            if (token.Kind is TokenKind.End or TokenKind.Bad)
            {
                return tokens;
            }
        }
    }

    private static Token Next(string text, ref int at)
    {
        var start = at;
        var c = text[at];
        if (c == '"')
        {
            return Quoted(text, ref at);
        }

        if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
        {
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '.' || IsExponentSign(text, at)))
            {
                at++;
            }

            return new Token(TokenKind.Number, text[start..at], start + 1);
        }

        if (char.IsAsciiLetter(c) || c == '_')
        {
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '.'))
            {
                at++;
            }

            return new Token(TokenKind.Word, text[start..at], start + 1);
        }

        foreach (var symbol in LongSymbols)
        {
            if (string.CompareOrdinal(text, at, symbol, 0, symbol.Length) == 0)
            {
                at += symbol.Length;
                return new Token(TokenKind.Symbol, symbol, start + 1);
            }
        }

        at++;
        return "<>()[],+-".Contains(c, StringComparison.Ordinal)
            ? new Token(TokenKind.Symbol, c.ToString(), start + 1)
            : new Token(TokenKind.Bad, $"unexpected character '{c}'", start + 1);
    }

    private static bool IsExponentSign(string text, int at) =>
        text[at] is '+' or '-' && text[at - 1] is 'e' or 'E';

    private static Token Quoted(string text, ref int at)
    {
        var start = at++;
        var content = new StringBuilder();
        while (at < text.Length && text[at] != '"')
        {
            if (text[at] != '\\')
            {
                content.Append(text[at++]);
                continue;
            }

            if (at + 1 == text.Length)
            {
                break;
            }

            switch (text[at + 1])
            {
                case 'n':
                    content.Append('\n');
                    break;
                case 't':
                    content.Append('\t');
                    break;
                case 'r':
                    content.Append('\r');
                    break;
                case '"' or '\\':
                    content.Append(text[at + 1]);
                    break;
                default:
                    return new Token(
                        TokenKind.Bad, $"unknown escape \\{text[at + 1]}; known are \\\\ \\\" \\n \\r \\t", at + 1);
            }

            at += 2;
        }

        return at++ < text.Length
            ? new Token(TokenKind.Text, content.ToString(), start + 1)
            : new Token(TokenKind.Bad, "the text that starts here has no closing quote", start + 1);
    }
}
