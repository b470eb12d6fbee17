using System.Linq;
using System.Text;
using TelemetryPipeline.Pipeline.Matching;

namespace TelemetryPipeline.Tests.Pipeline.Matching;

/// <summary>Expressions and texts at random, with Go's <c>regexp</c> as the oracle.</summary>
public sealed class Utf8PatternOracleTests(ITestOutputHelper output)
{
    private const int PatternCount = 4000;
    private const int TextsPerPattern = 4;

    private static readonly string[] Atoms =
    [
        "a", "b", "k", "K", "s", "S", "_", "-", " ", "7", "\n", ".", "^", "$", @"\A", @"\z", @"\b", @"\B", @"\d", @"\D", @"\w", @"\W",
        @"\s", @"\S", "[[:digit:]]", "[[:^alpha:]]", "[[:word:]]", "[[:space:]]", "[[:punct:]x]", @"\pL", @"\pN", @"\PL", @"\p{Greek}",
        @"\p{^Han}", @"\P{Lu}", @"\p{Lu}", @"\p{Any}", "[a-k]", "[^a-k]", "[^b]", @"[\w-]", "[]a]", "[^]]", "[a-]", @"[\d\s]", @"[^\W_]",
        @"[\pL\d]", @"[^\x00-\x{10FFFF}]", @"\x61", @"\x{1F600}", @"\141", @"\07", @"\Qa.b\E", @"\Q\E", @"\Q[", @"\.", @"\_", @"\n", @"\t",
        "\u00e9", "\u03c3", "\u4e2d", "\ud83d\ude00", "[\u00e0-\u00ff]", "[\u03b1-\u03c9]", "[\ud83d\ude00-\ud83d\ude0f]", "(?i)", "(?-i)",
        "(?m)", "(?s)", "(?U)", "(?im-s)", "\u017f", "{", "}", "{,2}", "{a}", "]", ",", "@", "ab", "ACC[[:digit:]]{2}",
    ];

    private static readonly string[] Repeats = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}", "{0}", "{1,}?", "{01}"];

    // What only some parsers take.
    private static readonly string[] Oddities =
    [
        @"\C", @"\Z", @"\E", @"\1", @"\8", @"\q", @"\u0041", @"\x", @"\x{}", @"\x{110000}", @"\pX", @"\p{Nope}", @"\p{", "[", "[b-a]", "[[:nope:]]",
        "(", ")", "(?", "(?=a)", "(?!a)", "(?<=a)", "(?>a)", "(?P=n)", "(?P<n>", "(?P<>a)", "(?P<1>a)", "(?#c)", "(?i-)", "(?--i)", "(?x)", "**", "a++",
        "{1001}", "{2,1}", "(a{100}){11}", "(?)", "(?:)", "()", "|", "\\", @"[\b]", @"[\B]", "[a-\\d]", "[\\d-z]", "[[:alpha:]-z]",
    ];

    private static readonly string[] Pieces =
    [
        "a", "b", "c", "k", "K", "\u212a", "s", "S", "\u017f", "_", "-", " ", "\t", "\v", "\n", "\r", "\r\n", "0", "7", "12", "ACC", "\u0661", "\uff16", "\u00a0",
        "\u00e9", "\u00c9", "\u03c3", "\u03c2", "\u03a3", "\u4e2d", "\u56fd", "\ud83d\ude00", "\ud83d\ude01", "\ud801\udc00", "\u0301", "\u200d", "\u2028",
        ".", "[", "{", "}", ",", "@", "ab", "a.b", "\0", "\u0085",
    ];

    [Fact]
    public void Match_RandomExpressions_AgreesWithGo()
    {
        Assert.SkipWhen(GoRegexp.MissingReason is not null, GoRegexp.MissingReason ?? "");
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var cases = new List<(string Pattern, byte[][] Texts)>();
        for (var i = 0; i < PatternCount; i++)
        {
            cases.Add((Pattern(random, 3), [.. Enumerable.Range(0, TextsPerPattern).Select(_ => Text(random))]));
        }

        var answers = GoRegexp.Answer(cases.Select(static c =>
            string.Join(' ', [Convert.ToHexStringLower(Encoding.UTF8.GetBytes(c.Pattern)), .. c.Texts.Select(Convert.ToHexStringLower)])));
        Assert.Equal(cases.Count, answers.Length);
        var wrong = new List<string>();
        var (accepted, matched) = (0, 0);
        for (var i = 0; i < cases.Count; i++)
        {
            var (pattern, texts) = cases[i];
            var isAccepted = Utf8Pattern.TryCompile(pattern, out var compiled, out var problem);
            if (problem?.Contains("duplicate capture group name", StringComparison.Ordinal) == true)
            {
                // Refused by design; Go accepts it and finds only the first group by its name.
                continue;
            }

            var actual = isAccepted ? string.Join(' ', texts.Select(text => Places(compiled!, text))) : "refused";
            accepted += isAccepted ? 1 : 0;
            matched += isAccepted ? texts.Count(text => compiled!.IsMatch(text)) : 0;
            if (Comparable(pattern, actual) != Comparable(pattern, answers[i]))
            {
                wrong.Add($"{Escaped(pattern)} on {string.Join(" | ", texts.Select(t => Escaped(Encoding.UTF8.GetString(t))))}: "
                    + $"{actual}, Go {answers[i]} {problem}");
            }
        }

        output.WriteLine($"{accepted} accepted, {matched} matches");
        Assert.True(wrong.Count == 0, $"seed {seed}, {wrong.Count} differ:\n{string.Join('\n', wrong.Take(40))}");
        Assert.InRange(accepted, PatternCount / 4, PatternCount);
        Assert.InRange(matched, PatternCount / 4, PatternCount * TextsPerPattern);
    }

    [Fact]
    public void CaseOrbits_EveryCodePoint_AreGos()
    {
        Assert.SkipWhen(GoRegexp.MissingReason is not null, GoRegexp.MissingReason ?? "");
        var missing = new List<string>();
        var orbits = UnicodeGroups.CaseOrbits.SelectMany(static o => o.Select(c => (c, o))).ToDictionary(static p => p.c, static p => p.o);
        foreach (var pair in GoRegexp.Answer(["fold"])[0].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var codes = Array.ConvertAll(pair.Split(':'), int.Parse);
            if (!orbits.TryGetValue(codes[0], out var orbit) || !orbit.Contains(codes[1]))
            {
                missing.Add($"U+{codes[0]:X4} U+{codes[1]:X4}");
            }
        }

        Assert.Empty(missing);
    }

    private static string Pattern(Random random, int depth)
    {
        var pattern = new StringBuilder();
        var count = random.Next(1, 5);
        for (var i = 0; i < count; i++)
        {
            pattern.Append(random.Next(20) switch
            {
                0 when depth == 3 => Oddities[random.Next(Oddities.Length)],
                < 3 when depth > 0 => "(" + Pattern(random, depth - 1) + ")",
                3 when depth > 0 => "(?:" + Pattern(random, depth - 1) + ")",
                4 when depth > 0 => "(?i:" + Pattern(random, depth - 1) + ")",
                5 when depth > 0 => $"(?P<n{random.Next(1000)}>" + Pattern(random, depth - 1) + ")",
                6 when i > 0 => "|",
                _ => Atoms[random.Next(Atoms.Length)],
            });
            if (random.Next(4) == 0)
            {
                pattern.Append(Repeats[random.Next(Repeats.Length)]);
            }
        }

        return pattern.ToString();
    }

    private static byte[] Text(Random random)
    {
        var bytes = new List<byte>();
        var count = random.Next(0, 12);
        for (var i = 0; i < count; i++)
        {
            bytes.AddRange(random.Next(40) == 0 ? [(byte)random.Next(0x80, 0x100)] : Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
        }

        return [.. bytes];
    }

    private static string Places(Utf8Pattern pattern, byte[] text) => pattern.Match(text) is not { } places
        ? "-"
        : string.Join(',', places.Select(p => p is { } range ? $"{range.Start.Value},{range.End.Value}" : "-1,-1"));

    // Of a repeated group with alternatives, one of which may be empty, .NET's engines find other places than Go, so only whether
    // there is a match is compared. A group that matched nothing is as good as one that took no part: its text is
    // empty. Of a repeated group .NET may keep another round than Go, so groups are left out where one may be repeated.
    private static string Comparable(string pattern, string answer)
    {
        var groupsMayRepeat = pattern.Contains(")*", StringComparison.Ordinal) || pattern.Contains(")+", StringComparison.Ordinal)
            || pattern.Contains(")?", StringComparison.Ordinal) || pattern.Contains("){", StringComparison.Ordinal);
        return string.Join(' ', answer.Split(' ').Select(places =>
        {
            var offsets = places.Split(',');
            return groupsMayRepeat && pattern.Contains('|', StringComparison.Ordinal) ? (offsets[0] == "-" ? "-" : "match")
                : string.Join(',', offsets.Chunk(2).Take(groupsMayRepeat ? 1 : int.MaxValue).Select(
                (pair, group) => group > 0 && pair[0] == pair[1] ? "empty" : string.Join(',', pair)));
        }));
    }

    private static string Escaped(string text) => string.Concat(text.Select(c => c is > ' ' and < '\x7F' ? c.ToString() : $"\\u{(int)c:X4}"));
}
