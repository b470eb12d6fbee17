using System.Text;
using Google.Protobuf;
using TelemetryPipeline.Collector;
using TelemetryPipeline.Collector.Cli;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Tests.Processors.FieldEncryption;
using TelemetryPipeline.Tests.Processors.FinancialEnrichment;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Collector.Cli;

public sealed class DecryptCommandTests : IDisposable
{
    private const string Account = "6222020200112233445";
    private readonly string _folder = Directory.CreateTempSubdirectory("decrypt-").FullName;
    private readonly string _key;
    private readonly string _keys;

    public DecryptCommandTests()
    {
        _key = EncryptionRun.KeyFile(_folder, "a1", EncryptionRun.KeyA);
        _keys = Path.Combine(_folder, "keys.yaml");
        File.WriteAllText(_keys, Keys);
    }

    private string Keys => $"keys: [{{tenant: bank-a, keys: [{{id: a1, file: \"{_key}\"}}]}}]";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Decrypt_Values_PrintsTheirPlainForm()
    {
        var text = await EncryptAsync(s => s.With("account_number", Account));
        var number = await EncryptAsync(s => s.With("account_number", 42L));
        var (code, output, problems) = await RunAsync("", "decrypt", "--keys", _keys, "--tenant=bank-a", "--field", "account_number", text, number);

        Assert.Equal((0, $"{Account}\n42\n", ""), (code, output, problems));
    }

    [Fact]
    public async Task Decrypt_WithTheCollectorsConfiguration_FindsItsKeys()
    {
        var config = Path.Combine(_folder, "config.yaml");
        File.WriteAllText(config, $"""
            receivers:
              otlp:
                protocols:
                  grpc:
            processors:
              field_encryption:
                {Keys}
            exporters:
              nop:
            service:
              pipelines:
                traces:
                  receivers: [otlp]
                  processors: [field_encryption]
                  exporters: [nop]
            """);
        var value = await EncryptAsync(s => s.With("account_number", Account));

        Assert.Equal((0, Account + "\n", ""), await RunAsync("", "decrypt", $"--config={config}", "--tenant", "bank-a", "--field", "account_number", value));
    }

    [Fact]
    public async Task Decrypt_WrongTenant_SaysWhatDoesNotFitAndFails()
    {
        var value = await EncryptAsync(s => s.With("account_number", Account));
        var (code, output, problems) = await RunAsync("", "decrypt", "--keys", _keys, "--tenant", "bank-a", "--field", "cvv", value, "hello");

        Assert.Equal((1, ""), (code, output));
        Assert.Equal(
            "Error: value 1: authentication fails: it is damaged, or of another key, tenant or field than key \"a1\", tenant \"bank-a\", field \"cvv\"\n"
            + "Error: value 2: it is not an encrypted value, which is enc:v1:<t|v>:<key>:<base64>\n",
            problems);
        Assert.Equal(
            "Error: value 1: there is no key \"a1\" for tenant \"\"\n",
            (await RunAsync("", "decrypt", "--keys", _keys, "--field", "account_number", value)).Problems);
    }

    [Fact]
    public async Task Decrypt_OtlpJsonLines_CopiesThemDecrypted()
    {
        await using var run = await EncryptionRun.StartAsync("policies: [{fields: ['*']}]\n" + Keys);
        var request = EnrichmentRun.Request(
            new SpanBuilder("x").With("t", Account).With("i", 7L).With("d", 1.5).With("b", true).Build(), ("tenant.id", "bank-a"), ("host.name", "h\u00e9"));
        var encrypted = OracleJson.Format(await run.SendAsync(request), JsonFormatter.Default);
        Assert.DoesNotContain(Account, encrypted, StringComparison.Ordinal);

        var (code, output, problems) = await RunAsync($"{encrypted}\n\n{encrypted}\n", "decrypt", "--keys", _keys);

        Assert.Equal((0, ""), (code, problems));
        var lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.Equal(request, OracleJson.Parse(Signal.Traces, line)));
    }

    // Guarantees: a line that cannot be decrypted, or is none, is named and passed on; the others are decrypted.
    [Fact]
    public async Task Decrypt_SomeLinesWrong_NamesThemAndGoesOn()
    {
        await using var run = await EncryptionRun.StartAsync("policies: [{fields: [account_number]}]\n" + Keys);
        string Line(string tenant) => OracleJson.Format(
            run.SendAsync(EnrichmentRun.Request(new SpanBuilder("x").With("account_number", Account).Build(), ("tenant.id", "bank-a"))).GetAwaiter().GetResult(),
            JsonFormatter.Default).Replace("bank-a", tenant, StringComparison.Ordinal);
        var good = Line("bank-a");
        var moved = Line("bank-b");

        var (code, output, problems) = await RunAsync($"hello\n{moved}\n{good}\n{{\"a\":1}}\n", "decrypt", "--keys", _keys);

        Assert.Equal(1, code);
        Assert.Equal(
            "Error: line 1: it is not an OTLP/JSON request: it has none of resourceSpans, resourceMetrics and resourceLogs\n"
            + "Error: line 2: account_number: there is no key \"a1\" for tenant \"bank-b\"\n"
            + "Error: line 4: it is not an OTLP/JSON request: it has none of resourceSpans, resourceMetrics and resourceLogs\n",
            problems);
        var lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(("hello", "{\"a\":1}"), (lines[0], lines[3]));
        Assert.Contains("enc:v1:", lines[1], StringComparison.Ordinal);
        Assert.Contains(Account, lines[2], StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(moved, "decrypt", "--keys", _keys, "--tenant", "bank-a")).Code);
    }

    [Theory]
    [InlineData("zz\\ud83d")]
    [InlineData("zz\u00ff")]
    public async Task Decrypt_LineWithTextThatIsNotUnicode_ReplacesThatPartAndDecrypts(string latin)
    {
        await using var run = await EncryptionRun.StartAsync("policies: [{fields: [account_number]}]\n" + Keys);
        var request = await run.SendAsync(EnrichmentRun.Request(
            new SpanBuilder("transfer-name").With("account_number", Account).Build(), ("tenant.id", "bank-a")));
        var line = OracleJson.Format(request, JsonFormatter.Default).Replace("transfer-name", latin, StringComparison.Ordinal);
        line = $"{{ \"{latin}\": 1, {line.TrimStart()[1..]}";

        var (code, output, problems) = await RunAsync(Encoding.Latin1.GetBytes(line + "\n"), "decrypt", "--keys", _keys);

        Assert.Equal((0, ""), (code, problems));
        var span = ((OpenTelemetry.Proto.Collector.Trace.V1.ExportTraceServiceRequest)OracleJson.Parse(Signal.Traces, output.TrimEnd('\n')))
            .ResourceSpans[0].ScopeSpans[0].Spans[0];
        Assert.Equal(("zz\uFFFD", Account), (span.Name, span.Text("account_number")));
    }

    [Theory]
    [InlineData("decrypt needs --keys FILE or --config SOURCE", "x")]
    [InlineData("decrypt needs --field with values, and --tenant where they belong to one: a value is bound to both", "--keys", "k", "x")]
    [InlineData("--field is for values on the command line; a request on standard input names its fields", "--keys", "k", "--field", "f")]
    [InlineData("unknown flag: --key; decrypt has --keys, --config, --tenant, --field", "--key", "k")]
    [InlineData("flag needs an argument: --keys", "--keys")]
    public async Task Decrypt_WrongArguments_FailsWithOneLine(string message, params string[] arguments) =>
        Assert.Equal((1, "", $"Error: {message}\n"), await RunAsync("", ["decrypt", .. arguments]));

    [Fact]
    public async Task Decrypt_WrongKeysFile_SaysWhereAndNeverQuotesAKey()
    {
        File.WriteAllText(_keys, $"keys: [{{keys: [{{id: a1, fiel: \"{_key}\"}}]}}]");
        var (code, _, problems) = await RunAsync("", "decrypt", "--keys", _keys, "--field", "f", "x");
        Assert.Equal(1, code);
        Assert.Contains($"{_keys}:1:", problems, StringComparison.Ordinal);
        Assert.Contains("keys::0::keys::0: unknown key \"fiel\"; did you mean \"file\"?", problems, StringComparison.Ordinal);

        foreach (var content in (string[])[EncryptionRun.KeyA, $"\"{EncryptionRun.KeyA}", $"keys: {EncryptionRun.KeyA}", $"{EncryptionRun.KeyA}: 1"])
        {
            File.WriteAllText(_keys, content);
            (code, var output, problems) = await RunAsync("", "decrypt", "--keys", _keys, "--field", "f", "x");
            Assert.Equal(1, code);
            Assert.DoesNotContain(EncryptionRun.KeyA, output + problems, StringComparison.Ordinal);
        }

        Assert.Equal(1, (await RunAsync("", "decrypt", "--keys", Path.Combine(_folder, "none"), "--field", "f", "x")).Code);
    }

    [Fact]
    public async Task Decrypt_KeyFileMissing_MattersToItsValuesOnly()
    {
        var value = await EncryptAsync(s => s.With("account_number", Account));
        File.Delete(_key);
        var (code, _, problems) = await RunAsync("", "decrypt", "--keys", _keys, "--tenant", "bank-a", "--field", "account_number", value);

        Assert.Equal(1, code);
        Assert.StartsWith($"Error: value 1: key \"a1\" of tenant \"bank-a\" cannot be read from {_key}: ", problems, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decrypt_Help_PrintsTheUsage() =>
        Assert.Contains("--keys FILE|--config SOURCE", (await RunAsync("", "decrypt", "--help")).Output, StringComparison.Ordinal);

    private async Task<string> EncryptAsync(Func<SpanBuilder, SpanBuilder> with)
    {
        await using var run = await EncryptionRun.StartAsync(Keys);
        return (await run.SendAsync(with(new SpanBuilder("x")).Build(), ("tenant.id", "bank-a"))).Text("account_number")!;
    }

    private static Task<(int Code, string Output, string Problems)> RunAsync(string input, params string[] arguments) =>
        RunAsync(Encoding.UTF8.GetBytes(input), arguments);

    private static async Task<(int Code, string Output, string Problems)> RunAsync(byte[] input, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var problems = new StringWriter { NewLine = "\n" };
        using var stream = new MemoryStream(input);
        var runner = new CommandRunner(Components.All, output, problems, input: () => stream);
        var code = await runner.RunAsync(arguments, TestContext.Current.CancellationToken);
        return (code, output.ToString(), problems.ToString());
    }
}
