using System.Text;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FieldEncryption;
using TelemetryPipeline.Tests.Processors.FinancialEnrichment;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FieldEncryption;

/// <summary>Sends telemetry through a <c>field_encryption</c> processor, and decrypts what comes out.</summary>
internal sealed class EncryptionRun : IAsyncDisposable
{
    /// <summary>Made for tests.</summary>
    public const string KeyA = "00112233445566778899aabbccddeeff00112233445566778899aabbccddee01";

    private readonly FieldEncryptionProcessor _processor;
    private readonly FieldEncryptionConfig _config;

    private EncryptionRun(string yaml, ProcessorHarness harness, FieldEncryptionFactory factory, ComponentContext context)
    {
        Harness = harness;
        _config = ProcessorHarness.Config<FieldEncryptionConfig>(factory, EnrichmentRun.Yaml(yaml));
        _processor = (FieldEncryptionProcessor)factory.Create(context, _config, Next);
    }

    public ProcessorHarness Harness { get; }

    public RecordingConsumer Next { get; } = new();

    public FieldEncryptionProcessor Processor => _processor;

    /// <summary>What the processor has told of its health, newest last.</summary>
    public List<(ComponentStatus Status, string Message)> Statuses { get; private init; } = [];

    public static async Task<EncryptionRun> StartAsync(
        string yaml, ProcessorHarness? harness = null, FieldEncryptionFactory? factory = null, Signal signal = Signal.Traces)
    {
        harness ??= new ProcessorHarness(signal);
        var statuses = new List<(ComponentStatus, string)>();
        var bare = harness.Context("field_encryption");
        var context = new ComponentContext
        {
            Id = bare.Id,
            Signals = bare.Signals,
            Loggers = bare.Loggers,
            Metrics = bare.Metrics,
            Time = bare.Time,
            Extensions = bare.Extensions,
            ReportStatus = (status, message) =>
            {
                lock (statuses)
                {
                    statuses.Add((status, message));
                }
            },
        };
        var run = new EncryptionRun(yaml, harness, factory ?? new FieldEncryptionFactory(), context) { Statuses = statuses };
        await run._processor.StartAsync(TestContext.Current.CancellationToken);
        return run;
    }

    /// <summary>A file with a key, deleted with the test's folder.</summary>
    public static string KeyFile(string folder, string name, string content)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }

    public async Task<IMessage> SendAsync(IMessage request)
    {
        using var batch = OtlpPayloads.Batch(request);
        Assert.True((await _processor.ConsumeAsync(batch, TestContext.Current.CancellationToken)).IsAccepted);
        return OtlpPayloads.Parse(Next.Batches[^1]);
    }

    public async Task<Span> SendAsync(Span span, params (string Key, string Value)[] resource) =>
        ((ExportTraceServiceRequest)await SendAsync(EnrichmentRun.Request(span, resource))).ResourceSpans[0].ScopeSpans[0].Spans[0];

    /// <summary>The request with every value decrypted, by the keys of the same settings.</summary>
    public async Task<IMessage> DecryptAsync(IMessage request)
    {
        using var decryption = FieldDecryption.Open([_config]);
        var json = Encoding.UTF8.GetBytes(OracleJson.Format(request, JsonFormatter.Default));
        var (decrypted, problems) = await decryption.DecryptRequestAsync(json, null, TestContext.Current.CancellationToken);
        Assert.Empty(problems);
        return OracleJson.Parse(OtlpPayloads.SignalOf(request), Encoding.UTF8.GetString(decrypted!));
    }

    /// <summary>A value decrypted, or why it is not.</summary>
    public async Task<(string? Text, string? Problem)> DecryptAsync(string value, string tenant, string field)
    {
        using var decryption = FieldDecryption.Open([_config]);
        return await decryption.DecryptAsync(value, tenant, field, TestContext.Current.CancellationToken);
    }

    public double Redacted(string reason) =>
        Harness.Metric("otelcol_processor_field_encryption_redacted_fields", $"reason=\"{reason}\"");

    public double Fields(string outcome) => Harness.Metric("otelcol_processor_field_encryption_fields", $"outcome=\"{outcome}\"");

    public static KeyValue Pair(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    public static bool IsEncrypted(string? text) => text?.StartsWith("enc:v1:", StringComparison.Ordinal) == true;

    /// <summary>Whether a text is anywhere in a message's bytes.</summary>
    public static bool Holds(IMessage message, string text) =>
        message.ToByteArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    public async ValueTask DisposeAsync()
    {
        await _processor.StopAsync(CancellationToken.None);
        Next.Dispose();
    }
}
