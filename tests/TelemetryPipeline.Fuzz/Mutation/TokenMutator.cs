using System.Text;

namespace TelemetryPipeline.Fuzz.Mutation;

/// <summary>Removes, repeats, swaps and replaces whole tokens of JSON or YAML: texts in quotes, words, numbers, punctuation, white space.</summary>
internal sealed class TokenMutator(Random random, IReadOnlyList<byte[]> words, bool isJson)
{
    private static readonly byte[][] JsonWords = Utf8(
        "null", "true", "false", "{}", "[]", "\"\"", "0", "-0", "-1", "1e999", "1E-999", "9223372036854775808", "18446744073709551616",
        "0.1", "\"NaN\"", "\"Infinity\"", "\"\\ud83d\"", "\"\\udc00x\"", "\"\\u0000\"", "\"\\", "{\"\\ud83d\":1}", "[[[[[[[[", "}", "]",
        ",", ":", "\"-9223372036854775809\"", "\"AA==\"", "\"00\"", "/**/", "\ufeff", "123456789012345678901234567890");

    private static readonly byte[][] YamlWords = Utf8(
        "null", "~", "true", "{}", "[]", "''", "\"\"", "0", "-1", "1e999", ".nan", ".inf", "0x7fffffffffffffff", "5s", "-5m", "1h1h", "10MiB",
        "%", "100%", "&a", "*a", "<<: *a", "!!str", "!!binary", "|\n", ">\n", "---\n", "...\n", "${env:A}", "${env:A:-b}", "${", "$$", "\t",
        "- ", ": ", "? ", "#", "(?P<a>", "[[:digit:]]", "http://[::1]:99999/", "localhost:0", "\"\\ud83d\"", "\ufeff", "\u0085", "999999999999");

    public void Mutate(List<byte> made, byte[] other)
    {
        var text = made.ToArray();
        var tokens = Tokens(text);
        if (tokens.Count == 0)
        {
            made.AddRange(Word());
            return;
        }

        var at = random.Next(tokens.Count);
        var (start, end) = tokens[at];
        var token = text[start..end];
        switch (random.Next(7))
        {
            case 0:
                Put(made, start, end, []);
                break;
            case 1:
                Put(made, start, end, [.. token, .. token]);
                break;
            case 2:
                Put(made, start, end, Word());
                break;
            case 3:
                made.InsertRange(start, Word());
                break;
            case 4:
                var (from, to) = tokens[random.Next(tokens.Count)];
                Put(made, start, end, text[from..to]);
                break;
            case 5 when Tokens(other) is { Count: > 0 } foreign:
                (from, to) = foreign[random.Next(foreign.Count)];
                Put(made, start, end, other[from..to]);
                break;
            default:
                var last = Math.Min(at + random.Next(1, 12), tokens.Count - 1);
                made.InsertRange(tokens[last].End, text[start..tokens[last].End]);
                break;
        }
    }

    private static void Put(List<byte> made, int start, int end, byte[] by)
    {
        made.RemoveRange(start, end - start);
        made.InsertRange(start, by);
    }

    private static byte[][] Utf8(params ReadOnlySpan<string> texts)
    {
        var utf8 = new byte[texts.Length][];
        for (var i = 0; i < texts.Length; i++)
        {
            utf8[i] = Encoding.UTF8.GetBytes(texts[i]);
        }

        return utf8;
    }

    private static List<(int Start, int End)> Tokens(byte[] text)
    {
        var tokens = new List<(int, int)>();
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            if (text[at] == '"')
            {
                at++;
                while (at < text.Length && text[at] != '"')
                {
                    at += text[at] == '\\' ? 2 : 1;
                }

                at = Math.Min(at + 1, text.Length);
            }
            else if (IsWord(text[at]))
            {
                while (at < text.Length && IsWord(text[at]))
                {
                    at++;
                }
            }
            else
            {
                at++;
            }

            tokens.Add((start, at));
        }

        return tokens;
    }

    private static bool IsWord(byte b) => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'_' or (byte)'.' or (byte)'-' or >= 0x80;

    private byte[] Word()
    {
        if (words.Count > 0 && random.Next(2) == 0)
        {
            return words[random.Next(words.Count)];
        }

        var common = isJson ? JsonWords : YamlWords;
        return common[random.Next(common.Length)];
    }
}
