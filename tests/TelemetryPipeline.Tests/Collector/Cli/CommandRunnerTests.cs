using TelemetryPipeline.Collector.Cli;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Tests.Pipeline.Configuration;

namespace TelemetryPipeline.Tests.Collector.Cli;

public sealed class CommandRunnerTests
{
    private static readonly string Full = Path.Combine(ConfigTestData.Folder("good"), "full.yaml");
    private static readonly string Bad = Path.Combine(ConfigTestData.Folder("bad"), "references.yaml");

    [Fact]
    public async Task Components_ListsTheBuildInTheCollectorsForm()
    {
        var (code, output, _) = await RunAsync("components");
        Assert.Equal(0, code);
        ConfigTestData.AssertGolden(
            Path.Combine(ConfigTestData.Folder("cli"), "components.txt"),
            output.Replace(BuildInfo.Version, "VERSION", StringComparison.Ordinal));
        Assert.True(YamlReader.TryRead(output, "output", out _, out _));
    }

    [Theory]
    [InlineData("print_redacted.txt", "print-config")]
    [InlineData("print_json.txt", "print-initial-config", "--format=json", "--mode", "redacted")]
    [InlineData("print_unredacted.txt", "print-config", "--mode=unredacted", "--validate=false", "--feature-gates=otelcol.printInitialConfig")]
    public async Task PrintConfig_ValidFile_PrintsTheResolvedDocument(string golden, params string[] arguments)
    {
        var (code, output, problems) = await RunAsync([.. arguments, "--config", Full]);
        Assert.Equal("", problems);
        Assert.Equal(0, code);
        ConfigTestData.AssertGolden(Path.Combine(ConfigTestData.Folder("cli"), golden), output);
        Assert.Equal(golden == "print_unredacted.txt", output.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PrintConfig_Unredacted_ReadsBackAsTheSameTree()
    {
        var (_, output, _) = await RunAsync("print-config", "--mode=unredacted", "--config", Full);
        var loader = new ConfigLoader(FakeComponents.Registry, Variable);
        var original = loader.Load(new ConfigSources { Configs = [Full] }).Document!;
        Assert.True(YamlReader.TryRead(output, "output", out var printed, out _));
        Assert.True(YamlReader.TryRead(DocumentWriter.ToYaml(original), "output", out var again, out _));
        Assert.True(again.SameAs(printed));
    }

    [Fact]
    public async Task PrintConfig_InvalidFile_PrintsOnlyWhenNotToValidate()
    {
        var (refused, nothing, problems) = await RunAsync("print-config", "--config", Bad);
        Assert.Equal(1, refused);
        Assert.Equal("", nothing);
        Assert.Contains("which is not configured", problems, StringComparison.Ordinal);
        var (code, output, _) = await RunAsync("print-config", "--validate=false", "--config", Bad);
        Assert.Equal(0, code);
        Assert.Contains("nop/tow", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_InvalidFile_ListsEveryErrorAndFails()
    {
        var (code, output, problems) = await RunAsync("validate", $"--config={Bad}");
        Assert.Equal(1, code);
        Assert.Equal("", output);
        var expected = await File.ReadAllLinesAsync(Path.ChangeExtension(Bad, ".errors.txt"), TestContext.Current.CancellationToken);
        Assert.Equal("Error: " + string.Join("\nError: ", expected) + "\n", ConfigTestData.WithoutRoot(problems));
    }

    [Theory]
    [InlineData("Error: --config:1:1: at least one config flag must be provided", "validate")]
    [InlineData("Error: --set:1:1: missing equal sign, got \"a\"", "validate", "--config=yaml:{}", "--set", "a")]
    [InlineData("Error: unknown flag: --confg; --help lists them", "--confg=x")]
    [InlineData("Error: unknown flag: --mode; --help lists them", "validate", "--mode=redacted")]
    [InlineData("Error: flag needs an argument: --config", "validate", "--config")]
    [InlineData("Error: unknown command \"run\"; known are validate, components, print-config, decrypt, rules, help", "run")]
    [InlineData("Error: unknown command \"validate\"; known are validate, components, print-config, decrypt, rules, help", "components", "validate")]
    [InlineData("Error: invalid value \"secret\" for --mode: must be one of redacted, unredacted", "print-config", "--mode", "secret")]
    [InlineData("Error: feature gate \"confmap.strictlyTypedInput\" is always enabled in this build, can not be disabled",
        "--feature-gates=-confmap.strictlyTypedInput")]
    public async Task AnyCommand_WrongArguments_FailsWithOneLine(string message, params string[] arguments)
    {
        var (code, output, problems) = await RunAsync(arguments);
        Assert.Equal(1, code);
        Assert.Equal("", output);
        Assert.Equal(message + "\n", problems);
    }

    [Fact]
    public async Task FeatureGates_Unknown_IsRefusedByName()
    {
        var (code, _, problems) = await RunAsync("validate", "--feature-gates=+service.profilesSupport");
        Assert.Equal(1, code);
        Assert.StartsWith("Error: no such feature gate \"service.profilesSupport\". valid gates: ", problems, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("-v")]
    public async Task Version_IsPrinted(string flag)
    {
        var (code, output, _) = await RunAsync(flag);
        Assert.Equal(0, code);
        Assert.Equal($"telemetry-pipeline version {BuildInfo.Version}\n", output);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("help")]
    [InlineData("validate", "-h")]
    public async Task Help_ListsEveryCommandAndFlag(params string[] arguments)
    {
        var (code, output, _) = await RunAsync(arguments);
        Assert.Equal(0, code);
        foreach (var word in (string[])["validate", "components", "print-config", "--config", "--set", "--feature-gates", "--mode"])
        {
            Assert.Contains(word, output, StringComparison.Ordinal);
        }
    }

    private static string? Variable(string name) => name == "PASSWORD" ? "hunter2" : null;

    private static async Task<(int Code, string Output, string Problems)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var problems = new StringWriter { NewLine = "\n" };
        var runner = new CommandRunner(FakeComponents.Registry, output, problems, Variable);
        var code = await runner.RunAsync(arguments, TestContext.Current.CancellationToken);
        return (code, output.ToString(), problems.ToString());
    }
}
