using System.Linq;
using CsCheck;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Tests.Pipeline.Configuration;

public sealed class ConfigExpansionTests
{
    private static readonly Dictionary<string, string> Variables = new()
    {
        ["HOST"] = "localhost",
        ["PORT"] = "3044",
        ["OS"] = "ubuntu",
        ["VALUE"] = "some value",
        ["OCTAL"] = "0123",
        ["QUOTED"] = "\"0123\"",
        ["MAP"] = "{inner: \"${env:PORT}\", inline: \"in ${env:MAP2}\"}",
        ["MAP2"] = "{a: 1}",
        ["DOLLAR"] = "here is 1 $$",
        ["DOLLARS"] = "here are 2 $$$",
        ["WRAP"] = "The value ${env:PORT} is wrapped",
        ["COMMENT"] = "true # see ${env:hello.world}",
        ["BROKEN"] = "{a: ",
        ["NULL"] = "null",
        ["EMPTY"] = "",
        ["NAME"] = "HOST",
        ["LIST"] = "['$$A','$${A}','$${env:A}']",
        ["IPV6"] = "1111:1111:1111:1111:1111::",
        ["BOOL"] = "true",
    };

    private static readonly string[] TrickyTexts =
        ["pa$$word", "${env:HOST}", "0123", "true", "null", "{a: 1}", "- a", "x # y", "a: b", "$", "$$"];

    [Theory]
    [InlineData("${HOST}:${PORT}", "localhost:3044")]
    [InlineData("$HOST:${PORT}", "$HOST:3044")]
    [InlineData("https://${env:HOST}:3045", "https://localhost:3045")]
    [InlineData("${env:PORT}${env:PORT}", "30443044")]
    [InlineData("${env:${env:NAME}}", "localhost")]
    [InlineData("${env:WRAP}", "The value 3044 is wrapped")]
    [InlineData("${env:QUOTED}", "\"0123\"")]
    [InlineData("in ${env:OCTAL}", "in 0123")]
    [InlineData("in ${env:MAP2}", "in {a: 1}")]
    [InlineData("${env:BROKEN}", "{a: ")]
    [InlineData("at ${env:IPV6}", "at 1111:1111:1111:1111:1111::")]
    [InlineData("${env:UNSET:-fallback}", "fallback")]
    [InlineData("${env:UNSET:-}", "")]
    [InlineData("a${env:UNSET}b", "ab")]
    [InlineData("a${env:EMPTY}b", "ab")]
    [InlineData("${env:HOST:-fallback}", "localhost")]
    [InlineData("${yaml:text}", "text")]
    [InlineData("$$HOST", "$HOST")]
    [InlineData("$$$HOST", "$$HOST")]
    [InlineData("$${HOST}", "${HOST}")]
    [InlineData("$$${VALUE}", "$some value")]
    [InlineData("$$$${HOST}", "$${HOST}")]
    [InlineData("$${ONE}$${TWO}", "${ONE}${TWO}")]
    [InlineData("$${ONE} ${HOST}", "${ONE} localhost")]
    [InlineData("${env:$${HOST}}", "${env:${HOST}}")]
    [InlineData("env:A}$${HOST}{", "env:A}${HOST}{")]
    [InlineData("${env:DOLLAR}", "here is 1 $")]
    [InlineData("${env:DOLLARS}", "here are 2 $$")]
    [InlineData("text$$", "text$")]
    [InlineData("env:HOST}${env:PORT}", "env:HOST}3044")]
    [InlineData("${env:HOST}env:PORT}", "localhostenv:PORT}")]
    [InlineData("${env:HOST${env:PORT}", "${env:HOST3044")]
    [InlineData("${env:HOST}${env:PORT", "localhost${env:PORT")]
    [InlineData("${env:HOST}}}}${env:PORT?os=${env:OS}", "localhost}}}${env:PORT?os=ubuntu")]
    [InlineData("${HOST", "${HOST")]
    [InlineData("HO{ST}", "HO{ST}")]
    public void Expand_Text_FollowsTheCollectorsRules(string text, string expected)
    {
        var (node, errors) = Expand(text);
        Assert.Empty(errors.Sorted());
        var scalar = Assert.IsType<ConfigScalar>(node);
        Assert.Equal(expected, scalar.Text);
        Assert.Equal(ScalarKind.Text, scalar.Kind);
    }

    [Theory]
    [InlineData("${env:PORT}", ScalarKind.Int, "3044", "3044")]
    [InlineData("${env:OCTAL}", ScalarKind.Int, "0123", "0123")]
    [InlineData("${env:BOOL}", ScalarKind.Bool, "true", "true")]
    [InlineData("${env:COMMENT}", ScalarKind.Bool, "true", null)]
    [InlineData("${env:NULL}", ScalarKind.Null, "null", "null")]
    [InlineData("${env:EMPTY}", ScalarKind.Null, "", "")]
    [InlineData("${env:UNSET}", ScalarKind.Null, "", null)]
    [InlineData("${env:UNSET:-8}", ScalarKind.Int, "8", "8")]
    public void Expand_WholeValue_TakesItsTypeAndKeepsItsText(string text, ScalarKind kind, string value, string? original)
    {
        var (node, errors) = Expand(text);
        Assert.Empty(errors.Sorted());
        var scalar = Assert.IsType<ConfigScalar>(node);
        Assert.Equal((kind, value, original), (scalar.Kind, scalar.Text, scalar.ExpandedText));
        Assert.Equal(new SourcePosition("test", 7, 3), scalar.Position);
    }

    [Fact]
    public void Expand_MapsAndLists_ReplaceTheValueAndAreExpandedThemselves()
    {
        var map = Assert.IsType<ConfigMap>(Expand("${env:MAP}").Node);
        Assert.Equal("3044", Assert.IsType<ConfigScalar>(map.Find("inner")!.Value).Text);
        Assert.Equal("in {a: 1}", Assert.IsType<ConfigScalar>(map.Find("inline")!.Value).Text);
        Assert.Equal("{inner: \"3044\", inline: \"in {a: 1}\"}", map.ExpandedText);

        // YAML takes the last colon for the end of a key; a setting that is a string takes the text.
        Assert.Equal("1111:1111:1111:1111:1111::", Assert.IsType<ConfigMap>(Expand("${env:IPV6}").Node).ExpandedText);
        var list = Assert.IsType<ConfigList>(Expand("${env:LIST}").Node);
        Assert.Equal(["$A", "${A}", "${env:A}"], list.Items.Select(static item => ((ConfigScalar)item).Text));
    }

    [Fact]
    public void Expand_Keys_AreLeftAlone()
    {
        Assert.True(YamlReader.TryRead("${env:HOST}: $$x", "test", out var document, out _));
        var map = Assert.IsType<ConfigMap>(new ConfigExpansion(new ConfigProviders(static _ => null), new ConfigErrors()).Expand(document));
        Assert.Equal(["${env:HOST}"], map.Entries.Select(static entry => entry.Key));
        Assert.Equal("$x", Assert.IsType<ConfigScalar>(map.Entries[0].Value).Text);
    }

    [Theory]
    [InlineData("A", "${env:A}")]
    [InlineData("A", "${env:A}${env:A}")]
    [InlineData("A", "{deeper: \"${env:A}\"}")]
    public void Expand_Endless_IsGivenUp(string name, string value)
    {
        var (_, errors) = Expand("${env:A}", new() { [name] = value });
        Assert.StartsWith("too many recursive expansions", Assert.Single(errors.Sorted()).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Expand_ExponentialGrowth_IsBounded()
    {
        var variables = new Dictionary<string, string>();
        for (var i = 0; i < 40; i++)
        {
            variables[$"V{i}"] = $"[\"${{env:V{i + 1}}}\", \"${{env:V{i + 1}}}\"]";
        }

        variables["V40"] = "x";
        Assert.NotEmpty(Expand("${env:V0}", variables).Errors.Sorted());
    }

    [Fact]
    public void Expand_AnyText_NeverThrowsAndLeavesPlainTextAlone()
    {
        string[] words = ["$", "${", "}", "env:", ":", "HOST", "-", "{", "$$", "yaml:", "a", " ", "[", "]", "PORT"];
        Gen.Int[0, words.Length - 1].Array[0, 30].Select(picks => string.Concat(picks.Select(pick => words[pick]))).Sample(static text =>
        {
            var (node, errors) = Expand(text);
            if (!text.Contains('$', StringComparison.Ordinal))
            {
                Assert.Equal(text, Assert.IsType<ConfigScalar>(node).Text);
                Assert.True(errors.IsEmpty);
            }
        });
    }

    [Fact]
    public void Expand_EscapedText_ComesBackAsItWas() =>
        Gen.String[Gen.Char["${}ab:"], 0, 30].Sample(static text =>
        {
            var (node, errors) = Expand(text.Replace("$", "$$", StringComparison.Ordinal));
            Assert.True(errors.IsEmpty);
            Assert.Equal(text, Assert.IsType<ConfigScalar>(node).Text);
        });

    [Theory]
    [InlineData("${env+raw:V}", "{0}")]
    [InlineData("Bearer ${env+raw:V}!", "Bearer {0}!")]
    [InlineData("$$${env+raw:V}$$", "${0}$")]
    [InlineData("${env+raw:V}{HOST}", "{0}{{HOST}}")]
    public void Expand_RawReference_InsertsAnyTextAsItIs(string text, string expected) =>
        Gen.OneOf(
            Gen.String[Gen.Char["${}ab:"], 1, 30],
            Gen.Int[0, TrickyTexts.Length - 1].Select(static i => TrickyTexts[i])).Sample(value =>
        {
            var (node, errors) = Expand(text, new() { ["V"] = value, ["HOST"] = "localhost" });
            Assert.True(errors.IsEmpty);
            var scalar = Assert.IsType<ConfigScalar>(node);
            Assert.Equal((ScalarKind.Text, string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, value)), (scalar.Kind, scalar.Text));
        });

    [Theory]
    [InlineData("${env+raw:UNSET}", ScalarKind.Null, "")]
    [InlineData("${env+raw:UNSET:-a$b}", null, null)]
    [InlineData("${env+raw:UNSET:-fallback}", ScalarKind.Text, "fallback")]
    [InlineData("${env+raw:${env:NAME}}", ScalarKind.Text, "localhost")]
    public void Expand_RawReference_TakesDefaultsAndNullAsOthersDo(string text, ScalarKind? kind, string? expected)
    {
        var (node, errors) = Expand(text);
        Assert.Equal(kind is null, !errors.IsEmpty);
        if (kind is not null)
        {
            var scalar = Assert.IsType<ConfigScalar>(node);
            Assert.Equal((kind, expected), (scalar.Kind, scalar.Text));
        }
    }

    [Fact]
    public void Expand_RawFile_IsTextWithoutItsFinalLineBreak()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "{k: $$${HOST}}\n");
            var scalar = Assert.IsType<ConfigScalar>(Expand($"${{file+raw:{file}}}").Node);
            Assert.Equal((ScalarKind.Text, "{k: $$${HOST}}"), (scalar.Kind, scalar.Text));
        }
        finally
        {
            File.Delete(file);
        }
    }

    // Scenario: a password with a dollar sign and a brace is inserted by an ordinary reference.
    // Guarantees: the error shows nothing of it and says what to do.
    [Theory]
    [InlineData("${env:PASSWORD}")]
    [InlineData("Bearer ${env:PASSWORD}")]
    public void Expand_InsertedValueThatCannotBeExpanded_IsNotShown(string text)
    {
        var (_, errors) = Expand(text, new() { ["PASSWORD"] = "hunter2${s3:cr3t}" });
        var problem = Assert.Single(errors.Sorted()).Problem;
        Assert.DoesNotContain("cr3t", problem, StringComparison.Ordinal);
        Assert.Contains("${env+raw:NAME}", problem, StringComparison.Ordinal);
    }

    private static (ConfigNode Node, ConfigErrors Errors) Expand(string text, Dictionary<string, string>? variables = null)
    {
        var errors = new ConfigErrors();
        var scalar = new ConfigScalar { Kind = ScalarKind.Text, Text = text, Position = new SourcePosition("test", 7, 3) };
        var providers = new ConfigProviders(name => (variables ?? Variables).GetValueOrDefault(name));
        return (new ConfigExpansion(providers, errors).Expand(scalar), errors);
    }
}
