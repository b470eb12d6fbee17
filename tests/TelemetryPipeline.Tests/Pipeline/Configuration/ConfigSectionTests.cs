using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Tests.Pipeline.Configuration;

public sealed class ConfigSectionTests
{
    private readonly ConfigErrors _errors = new();

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("-5", -5L)]
    [InlineData("+5", 5L)]
    [InlineData("0x1F", 31L)]
    [InlineData("0o17", 15L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Int64_WholeNumber_IsRead(string text, long expected)
    {
        Assert.Equal(expected, Section($"k: {text}").Int64("k", 42));
        Assert.True(_errors.IsEmpty);
    }

    [Theory]
    [InlineData("1.0", "must be a whole number, got 1.0")]
    [InlineData("\"1\"", "must be a whole number, got \"1\"")]
    [InlineData("9223372036854775808", "must be a whole number, got 9223372036854775808")]
    [InlineData("0xFFFFFFFFFFFFFFFF", "must be a whole number, got 0xFFFFFFFFFFFFFFFF")]
    [InlineData("[1]", "must be a whole number, got a list")]
    [InlineData("{}", "must be a whole number, got a map")]
    [InlineData("true", "must be a whole number, got true")]
    public void Int64_AnythingElse_IsRefusedAndTheDefaultStands(string text, string problem)
    {
        Assert.Equal(42, Section($"k: {text}").Int64("k", 42));
        Refused("k", problem);
    }

    [Fact]
    public void Int32_OutOfRange_NamesTheRange()
    {
        Section("k: 11").Int32("k", 1, 0, 10);
        Refused("k", "must be a whole number from 0 to 10, got 11");
    }

    [Theory]
    [InlineData("1", 1.0)]
    [InlineData("-0.25", -0.25)]
    [InlineData("1e3", 1000.0)]
    public void Float_Number_IsRead(string text, double expected) => Assert.Equal(expected, Section($"k: {text}").Float("k", 7));

    [Theory]
    [InlineData(".inf")]
    [InlineData(".nan")]
    [InlineData("1e999")]
    [InlineData("x")]
    public void Float_NotFinite_IsRefused(string text)
    {
        Assert.Equal(7, Section($"k: {text}").Float("k", 7));
        Assert.StartsWith("must be a number, got ", Assert.Single(_errors.Sorted()).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5s", 5_000)]
    [InlineData("\"1m30s\"", 90_000)]
    [InlineData("0", 0)]
    [InlineData("1000000", 1)]
    public void Duration_GoForm_IsRead(string text, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Section($"k: {text}").Duration("k", TimeSpan.MaxValue));

    [Theory]
    [InlineData("30", "must be 0 or at least 100ns (a number without a unit is nanoseconds), got 30")]
    [InlineData("\"3000\"", "must be a duration such as 200ms, 5s or 1m30s, got \"3000\"")]
    [InlineData("1.5", "must be a duration such as 200ms, 5s or 1m30s, got 1.5")]
    [InlineData("-1s", "must be 0s or more, got -1s")]
    [InlineData("\"\"", "must be a duration such as 200ms, 5s or 1m30s, got \"\"")]
    [InlineData("true", "must be a duration such as 200ms, 5s or 1m30s, got true")]
    public void Duration_AnythingElse_IsRefused(string text, string problem)
    {
        Assert.Equal(TimeSpan.MaxValue, Section($"k: {text}").Duration("k", TimeSpan.MaxValue));
        Refused("k", problem);
    }

    [Theory]
    [InlineData("k:", "default")]
    [InlineData("{}", "default")]
    [InlineData("k: x", "x")]
    [InlineData("k: ''", "")]
    public void Text_AbsentOrNull_IsTheDefault(string text, string expected) =>
        Assert.Equal(expected, Section(text).Text("k", "default"));

    [Fact]
    public void Text_FromAnExpansion_IsTheTextBeforeItWasTyped()
    {
        var position = new SourcePosition("test", 1, 1);
        ConfigNode Value(ScalarKind kind, string text, string expanded) =>
            new ConfigMap { Position = position, Entries = [new("k", position, new ConfigScalar { Kind = kind, Text = text, ExpandedText = expanded, Position = position })] };
        Assert.Equal("0123", new ConfigSection(Value(ScalarKind.Int, "0123", "0123"), position, "", _errors).Text("k"));
        Assert.Equal("", new ConfigSection(Value(ScalarKind.Null, "", ""), position, "", _errors).Text("k", "default"));
        Assert.Equal(7, new ConfigSection(Value(ScalarKind.Null, "", ""), position, "", _errors).Int32("k", 7));
        Assert.True(_errors.IsEmpty);
    }

    [Theory]
    [InlineData("{}", "must be set")]
    [InlineData("k:", "must be set")]
    [InlineData("k: ''", "must not be empty, got \"\"")]
    [InlineData("k: 1", "must be a string, got 1; quote it to make it one")]
    public void RequiredText_Missing_IsOneError(string text, string problem)
    {
        Assert.Equal("", Section(text).RequiredText("k"));
        Refused("k", problem);
    }

    [Fact]
    public void Secret_WrongType_IsNotShown()
    {
        Assert.Null(Section("k: 12345").Secret("k"));
        Refused("k", "must be a string, got [REDACTED]; quote it to make it one");
        Assert.Contains("root::k", _errors.SecretPaths);
    }

    // The variable that it comes from is not set; a mask would look as if there were a value.
    [Fact]
    public void TextMap_SecretValueNull_SaysNull()
    {
        Section("k: {authorization: }").TextMap("k");
        Assert.Equal("must be a string, got null", Assert.Single(_errors.Sorted()).Problem);
    }

    [Fact]
    public void Texts_ListOrSingle_AreReadInOrder()
    {
        Assert.Equal(["a", "b"], Section("k: [a, b]").Texts("k", "d"));
        Assert.Equal(["a"], Section("k: a").Texts("k", "d"));
        Assert.Equal(["d"], Section("k:").Texts("k", "d"));
        Assert.Empty(Section("k: []").Texts("k", "d"));
        Assert.True(_errors.IsEmpty);
        Section("k: [a, 1, {}]").Texts("k");
        Assert.Equal(
            ["root::k::1: must be a string, got 1; quote it to make it one", "root::k::2: must be a string, got a map"],
            _errors.Sorted().Select(static error => $"{error.Path}: {error.Problem}"));
    }

    [Fact]
    public void Word_Other_ListsWhatIsAllowed()
    {
        Assert.Equal(2, Section("k: b").Word("k", 1, ("a", 1), ("b", 2)));
        Assert.Equal(2, Section("k: B").Word("k", 1, StringComparison.OrdinalIgnoreCase, ("a", 1), ("b", 2)));
        Assert.Equal(1, Section("k: B").Word("k", 1, ("a", 1), ("b", 2), ("", 3)));
        Refused("k", "must be one of a, b, \"\", got \"B\"");
    }

    [Fact]
    public void Finish_UnknownKeys_AreReportedOnceWithTheNearest()
    {
        var section = Section("tiemout: 5s\nzzzzzz: 1\nk: 1");
        section.Has("timeout");
        section.Int32("k", 0);
        section.Finish();
        section.Finish();
        Assert.Equal(
            ["test:1:1: root: unknown key \"tiemout\"; did you mean \"timeout\"?", "test:2:1: root: unknown key \"zzzzzz\""],
            _errors.Sorted().Select(static error => error.ToString()));
    }

    [Fact]
    public void Section_NotAMap_IsRefused()
    {
        Section("k: [1]").Section("k");
        Refused("k", "must be a map, got a list");
    }

    [Fact]
    public void Unsupported_Present_IsRefusedByName()
    {
        Section("k:").Unsupported("use other", "k", "absent");
        Refused("k", "not supported by this build: use other");
    }

    [Fact]
    public void Describe_LongText_IsCutToOneLine()
    {
        Section("k: \"" + new string('x', 300) + "\\n\"").Int32("k", 0);
        Assert.Equal("must be a whole number, got \"" + new string('x', 200) + "...\"", Assert.Single(_errors.Sorted()).Problem);
    }

    [Theory]
    [InlineData("a/b", true)]
    [InlineData("a/", false)]
    [InlineData("1a", false)]
    [InlineData("a/\ud83d\ude00", false)]
    [InlineData("a/\u4ea4\u6613", true)]
    public void Id_IsAComponentId(string text, bool valid)
    {
        Assert.Equal(valid, Section($"k: \"{text}\"").Id("k") is not null);
        Assert.Equal(valid, _errors.IsEmpty);
    }

    private ConfigSection Section(string text)
    {
        Assert.True(YamlReader.TryRead(text, "test", out var node, out var error), error?.ToString());
        return new ConfigSection(node, new SourcePosition("test", 1, 1), "root", _errors);
    }

    private void Refused(string key, string problem)
    {
        var error = Assert.Single(_errors.Sorted());
        Assert.Equal(($"root::{key}", problem), (error.Path, error.Problem));
    }
}
