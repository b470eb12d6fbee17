using System.Linq;
using System.Text;
using CsCheck;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Tests.Pipeline.Configuration;

public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("x", ScalarKind.Text)]
    [InlineData("", ScalarKind.Null)]
    [InlineData("~", ScalarKind.Null)]
    [InlineData("null", ScalarKind.Null)]
    [InlineData("\"\"", ScalarKind.Text)]
    [InlineData("'null'", ScalarKind.Text)]
    [InlineData("true", ScalarKind.Bool)]
    [InlineData("FALSE", ScalarKind.Bool)]
    [InlineData("yes", ScalarKind.Text)]
    [InlineData("on", ScalarKind.Text)]
    [InlineData("-12", ScalarKind.Int)]
    [InlineData("0x1F", ScalarKind.Int)]
    [InlineData("0o17", ScalarKind.Int)]
    [InlineData("0123", ScalarKind.Int)]
    [InlineData("1_000", ScalarKind.Text)]
    [InlineData("1.5", ScalarKind.Float)]
    [InlineData(".5e-3", ScalarKind.Float)]
    [InlineData("-.inf", ScalarKind.Float)]
    [InlineData("1.2.3", ScalarKind.Text)]
    [InlineData("2006-01-02", ScalarKind.Text)]
    [InlineData("!!str 12", ScalarKind.Text)]
    [InlineData("! 12", ScalarKind.Text)]
    [InlineData("!!int 12", ScalarKind.Int)]
    [InlineData("!!float 12", ScalarKind.Float)]
    public void TryRead_Scalar_IsTypedByTheCoreSchema(string text, ScalarKind kind) =>
        Assert.Equal(kind, Assert.IsType<ConfigScalar>(Read(text)).Kind);

    [Fact]
    public void TryRead_Document_KeepsEveryPosition()
    {
        var map = Assert.IsType<ConfigMap>(Read("a:\n  - b: [1,\n      two]\n"));
        Assert.Equal(new SourcePosition("test", 1, 1), map.Entries[0].KeyPosition);
        var list = Assert.IsType<ConfigList>(map.Entries[0].Value);
        Assert.Equal(new SourcePosition("test", 2, 3), list.Position);
        var inner = Assert.IsType<ConfigMap>(list.Items[0]);
        Assert.Equal(new SourcePosition("test", 2, 5), inner.Entries[0].KeyPosition);
        var items = Assert.IsType<ConfigList>(inner.Entries[0].Value).Items;
        Assert.Equal([new SourcePosition("test", 2, 9), new SourcePosition("test", 3, 7)], items.Select(static item => item.Position));
    }

    [Fact]
    public void TryRead_AnchorsAndMergeKeys_JoinMaps()
    {
        var map = Assert.IsType<ConfigMap>(Read(
            """
            base: &base { a: 1, b: 2 }
            more: &more { b: 3, c: 4 }
            all:
              <<: [*base, *more]
              a: 0
            same: *base
            """));
        var all = Assert.IsType<ConfigMap>(map.Find("all")!.Value);
        Assert.Equal(
            ["a=0", "b=2", "c=4"],
            all.Entries.Select(static entry => $"{entry.Key}={((ConfigScalar)entry.Value).Text}"));
        Assert.Same(map.Find("base")!.Value, map.Find("same")!.Value);
    }

    [Theory]
    [InlineData("a: 1\na: 2", "test:2:1: not valid YAML: the key \"a\" is there twice in one map")]
    [InlineData("a: *b", "test:1:4: not valid YAML: no anchor \"b\" before this alias")]
    [InlineData("&a [*a]", "test:1:5: not valid YAML: the anchor \"a\" contains itself")]
    [InlineData("a: {<<: 1}", "test:1:5: not valid YAML: the merge key << takes a map or a list of maps")]
    [InlineData("? [a]\n: 1", "test:1:3: not valid YAML: a key must be a single value")]
    [InlineData("a: 1\n---\nb: 2", "test:2:1: not valid YAML: a second document; one source holds one document")]
    [InlineData("!!binary aGk=", "test:1:1: not valid YAML: the tag tag:yaml.org,2002:binary is not supported for \"aGk=\"")]
    [InlineData("!!int x", "test:1:1: not valid YAML: the tag tag:yaml.org,2002:int is not supported for \"x\"")]
    [InlineData("!own {}", "test:1:1: not valid YAML: the tag !own is not supported")]
    public void TryRead_NotOurYaml_SaysWhereAndWhy(string text, string message) => Assert.Equal(message, Fail(text).ToString());

    [Fact]
    public void TryRead_TooDeep_IsRefused()
    {
        Read(new string('[', YamlLimits.DepthMax) + new string(']', YamlLimits.DepthMax));
        var tooDeep = Fail(new string('[', 100_000));
        Assert.Contains("nested deeper than 64 levels", tooDeep.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_AliasesThatMultiply_AreRefused()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++)
        {
            text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }

        Assert.Contains("more than 200000 values", Fail(text.ToString()).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_TooLong_IsRefused() =>
        Assert.Contains("at most 4194304 characters", Fail(new string('a', YamlLimits.SourceLengthMax + 1)).Problem, StringComparison.Ordinal);

    [Fact]
    public void TryRead_AnyText_GivesANodeOrAnError() =>
        Gen.String[Gen.Char["ab01:-[]{}\n \t\"'#&*!|>%@`?,<~\\\u00e9\u2028\ufeff\0\r"], 0, 60].Sample(Check, iter: 20_000);

    [Fact]
    public void TryRead_MutatedConfiguration_GivesANodeOrAnError()
    {
        var original = File.ReadAllText(Path.Combine(ConfigTestData.Folder("good"), "full.yaml"));
        var mutation = Gen.Select(Gen.Int[0, original.Length - 1], Gen.Int[0, 20], Gen.String[Gen.Char[" :-[]{}\n\"'&*!|>\0x"], 0, 4]);
        mutation.Array[1, 4].Sample(
            mutations =>
            {
                var text = original;
                foreach (var (at, length, inserted) in mutations)
                {
                    var begin = Math.Min(at, text.Length);
                    text = text.Remove(begin, Math.Min(length, text.Length - begin)).Insert(begin, inserted);
                }

                Check(text);
            },
            iter: 1_000);
    }

    private static void Check(string text)
    {
        if (YamlReader.TryRead(text, "test", out var node, out var error))
        {
            Assert.NotNull(node);
        }
        else
        {
            Assert.True(error.Position is { Line: >= 1, Column: >= 1 });
            Assert.NotEmpty(error.Problem);
        }
    }

    private static ConfigNode Read(string text)
    {
        Assert.True(YamlReader.TryRead(text, "test", out var node, out var error), error?.ToString());
        return node;
    }

    private static ConfigError Fail(string text)
    {
        Assert.False(YamlReader.TryRead(text, "test", out _, out var error));
        return error;
    }
}
