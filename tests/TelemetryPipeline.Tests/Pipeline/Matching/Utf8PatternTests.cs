using System.Buffers;
using System.Linq;
using System.Text;
using TelemetryPipeline.Pipeline.Matching;

namespace TelemetryPipeline.Tests.Pipeline.Matching;

public sealed class Utf8PatternTests
{
    // Expected values are those of Go's regexp package.
    [Theory]
    [InlineData("ACC[[:digit:]]{6}", "pays ACC004711 now", true)]
    [InlineData("^[[:alpha:]]+$", "abc1", false)]
    [InlineData(@"\d", "\u0661", false)]
    [InlineData(@"\w", "\u00e9", false)]
    [InlineData(@"\s", "\v", false)]
    [InlineData(@"\s", "\u00a0", false)]
    [InlineData(@"\D", "\u0661", true)]
    [InlineData(@"a\b", "a\u00e9", true)]
    [InlineData(@"a\b", "a\u200d", true)]
    [InlineData(@"a\B", "ab", true)]
    [InlineData("ok$", "ok\n", false)]
    [InlineData("(?m)ok$", "ok\nnot", true)]
    [InlineData("^b", "a\nb", false)]
    [InlineData("(?m)^b", "a\nb", true)]
    [InlineData("a.b", "a\nb", false)]
    [InlineData("a.b", "a\rb", true)]
    [InlineData("(?s)a.b", "a\nb", true)]
    [InlineData("^.$", "\ud83d\ude00", true)]
    [InlineData("^[^a]$", "\ud83d\ude00", true)]
    [InlineData("^[\ud83d\ude00-\ud83d\ude0f]$", "\ud83d\ude05", true)]
    [InlineData("^[\ud83d\ude00-\ud83d\ude0f]$", "\ud83d\udee0", false)]
    [InlineData(@"^\x{1F600}{2}$", "\ud83d\ude00\ud83d\ude00", true)]
    [InlineData("(?i)k", "\u212a", true)]
    [InlineData("(?i)[^k]", "\u212a", false)]
    [InlineData("(?i)\u03c3", "\u03c2", true)]
    [InlineData("(?i)i", "\u0130", false)]
    [InlineData("(?i)\ud801\udc00", "\ud801\udc28", true)]
    [InlineData("a(?i)b|c", "C", true)]
    [InlineData("(?i:a)b", "aB", false)]
    [InlineData(@"^\pL+$", "\u4e2d\u00e9a", true)]
    [InlineData(@"^\p{Greek}$", "\u03b1", true)]
    [InlineData(@"^\p{^Greek}$", "\u03b1", false)]
    [InlineData(@"^\P{Han}$", "\u4e2d", false)]
    [InlineData(@"^\Qa.b[\E+$", "a.b[[", true)]
    [InlineData(@"\Qa.b", "axb", false)]
    [InlineData(@"^\101\x42\x{43}$", "ABC", true)]
    [InlineData(@"a\z", "a\n", false)]
    [InlineData(@"^[]a]+$", "]a", true)]
    [InlineData(@"[^\x00-\x{10FFFF}]", "a", false)]
    [InlineData("x{,2}", "x{,2}", true)]
    [InlineData("^(?:a|b)*$", "abab", true)]
    [InlineData("a {2}b", "a  b", true)]
    [InlineData("#a", "#a", true)]
    public void IsMatch_Re2Syntax_MatchesAsGoDoes(string pattern, string text, bool expected) =>
        Assert.Equal(expected, Compiled(pattern).IsMatch(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("(?U)a+", "aaa", "a")]
    [InlineData("(?U)a+?", "aaa", "aaa")]
    [InlineData("a|ab", "ab", "a")]
    [InlineData("a*?b", "xaab", "aab")]
    [InlineData(".", "\u4e2db", "\u4e2d")]
    public void Match_Re2Syntax_IsTheLeftmostFirst(string pattern, string text, string expected)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Assert.Equal(expected, Encoding.UTF8.GetString(utf8.AsSpan(Compiled(pattern).Match(utf8)![0]!.Value)));
    }

    // Guarantees: groups are numbered from left to right, whether they have names or not.
    [Fact]
    public void Match_NamedAndUnnamedGroups_AreInTheirOrder()
    {
        var pattern = Compiled("(?P<bank>[A-Z]+)-([0-9]+)(?<rest>x)?");
        var text = "\ud83d\ude00 ICBC-17"u8.ToArray();
        Assert.Equal(["bank", "", "rest"], pattern.GroupNames);
        Assert.Equal(["ICBC-17", "ICBC", "17", null], pattern.Match(text)!.Select(p => p is { } r ? Encoding.UTF8.GetString(text.AsSpan(r)) : null));
    }

    [Theory]
    [InlineData(@"\C", @"invalid escape sequence: `\C`")]
    [InlineData(@"a\1", @"invalid escape sequence: `\1`")]
    [InlineData(@"\Z", @"invalid escape sequence: `\Z`")]
    [InlineData("(?=a)", "invalid or unsupported Perl syntax: `(?=`")]
    [InlineData("(?<=a)", "invalid named capture: `(?<=a)`")]
    [InlineData("a**", "invalid nested repetition operator: `**`")]
    [InlineData("a{1001}", "invalid repeat count: `{1001}`")]
    [InlineData("(a{100}){11}", "invalid repeat count: `{11}`")]
    [InlineData("|*", "missing argument to repetition operator: `*`")]
    [InlineData("(a", "missing closing ): `(a`")]
    [InlineData("a)", "unexpected ): `)`")]
    [InlineData("[a", "missing closing ]: `[a`")]
    [InlineData("[b-a]", "invalid character class range: `b-a`")]
    [InlineData("[[:nope:]]", "invalid character class range: `[:nope:]`")]
    [InlineData(@"\p{Nope}", @"unknown Unicode category or script: `\p{Nope}`")]
    [InlineData("\\", "trailing backslash at end of expression")]
    public void TryCompile_NotRe2_IsRefusedWithTheReason(string pattern, string reason)
    {
        Assert.False(Utf8Pattern.TryCompile(pattern, out _, out var problem));
        Assert.Equal($"must be a regular expression in RE2 syntax, got \"{pattern}\": {reason}", problem);
    }

    [Theory]
    [InlineData("a|b", "b", true)]
    [InlineData("a|b", "bc", false)]
    [InlineData("a", "a\n", false)]
    [InlineData("(?i)a", "A", true)]
    public void TryCompile_WholeText_MustMatchFromEndToEnd(string pattern, string text, bool expected)
    {
        Assert.True(Utf8Pattern.TryCompile(pattern, out var compiled, out _, wholeText: true));
        Assert.Equal(expected, compiled.IsMatch(Encoding.UTF8.GetBytes(text)));
        Assert.False(Utf8Pattern.TryCompile("a)|(b", out _, out _, wholeText: true));
    }

    [Fact]
    public void TryReplace_SeveralMatches_ReplacesEachAndKeepsTheRest()
    {
        var output = new ArrayBufferWriter<byte>();
        var matches = new List<string>();
        Assert.True(Compiled("[0-9]*").TryReplace("\u4e2d12\ud83d\ude007x"u8, output, (match, writer) =>
        {
            matches.Add(Encoding.UTF8.GetString(match));
            writer.Write("#"u8);
        }));
        Assert.Equal(["12", "7"], matches);
        Assert.Equal("\u4e2d#\ud83d\ude00#x", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    // Guarantees: .NET 10's miscount of lazy loops around what may be empty does not reach anyone; Go finds the same.
    [Theory]
    [InlineData(@"((?:x?)+?\w){2}!", "xkk!", "#")]
    [InlineData(@"((?:x*)+?\w){2}!", "xkk!", "#")]
    [InlineData(@"((?:x?){2,}?\w){2}!", "xkk!", "#")]
    [InlineData(@"[a-z]+?", "ab1", "##1")]
    public void TryReplace_LazyLoopAroundWhatMayBeEmpty_FindsThePlace(string pattern, string text, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(Compiled(pattern).TryReplace(Encoding.UTF8.GetBytes(text), output, static (_, writer) => writer.Write("#"u8)));
        Assert.Equal(expected, Encoding.UTF8.GetString(output.WrittenSpan));
    }

    // Guarantees: an expression of the largest permitted repetition can be built.
    [Theory]
    [InlineData("a{1000}")]
    [InlineData("[a-z0-9]{1,1000}x")]
    [InlineData("(?:[a-z]{10}){100}")]
    public void TryCompile_LargestRepetition_IsAccepted(string pattern) => Assert.False(Compiled(pattern).IsMatch("zzz"u8));

    private static Utf8Pattern Compiled(string pattern)
    {
        Assert.True(Utf8Pattern.TryCompile(pattern, out var compiled, out var problem), problem);
        return compiled;
    }
}
