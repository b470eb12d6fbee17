using System.Diagnostics;
using System.Linq;
using System.Text;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>Encryption in a whole collector: what its exporters write, and what the holder of the key reads.</summary>
public sealed class EncryptionTests
{
    // Made for tests; in no other value that is sent.
    private const string Account = "ACC-7788991234567";
    private const string Diagnosis = "J45.901-diagnosis";
    private const string Cvv = "cvv-739";
    private const long PatientNumber = 8877665544332211L;

    private static readonly string[] Clear = [Account, Diagnosis, Cvv, "8877665544332211"];

    // Guarantees: no exporter's output holds a clear value, in any form; and nothing is lost to who holds the key.
    [Fact]
    public async Task ClearValues_InNoExportersOutput_AndDecryptReadsThem()
    {
        await using var collector = await CollectorProcess.StartAsync("""
            processors:
              field_encryption:
                keys: [{tenant: bank-a, keys: [{id: k1, file: key}]}]
            exporters:
              file/json: {path: out.jsonl}
              file/proto: {path: out.binpb, format: proto}
              debug: {verbosity: detailed}
            service:
              telemetry: {metrics: {level: none}}
              pipelines:
                traces: {receivers: [otlp], processors: [field_encryption], exporters: [file/json, file/proto, debug]}
                metrics: {receivers: [otlp], processors: [field_encryption], exporters: [file/json, file/proto, debug]}
                logs: {receivers: [otlp], processors: [field_encryption], exporters: [file/json, file/proto, debug]}
            """, ("key", "00112233445566778899aabbccddeeff00112233445566778899aabbccddee01"));
        IMessage[] requests = [Traces(), Metrics(), Logs()];
        foreach (var (request, path) in requests.Zip((string[])["v1/traces", "v1/metrics", "v1/logs"]))
        {
            await SendAsync(collector, request, path);
        }

        Assert.Equal(0, await collector.StopAsync());
        var json = await File.ReadAllTextAsync(collector.PathOf("out.jsonl"), TestContext.Current.CancellationToken);
        var proto = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(collector.PathOf("out.binpb"), TestContext.Current.CancellationToken));
        foreach (var output in (string[])[json, proto, collector.Output])
        {
            Assert.All(Clear, clear => Assert.DoesNotContain(clear, output, StringComparison.Ordinal));
            Assert.Contains("enc:v1:t:k1:", output, StringComparison.Ordinal);
            Assert.Contains("enc:v1:v:k1:", output, StringComparison.Ordinal);
        }

        var (code, decrypted, problems) = await DecryptAsync(collector, json);
        Assert.Equal((0, ""), (code, problems));
        Assert.Equal(3, decrypted.TrimEnd('\n').Split('\n').Length);
        Assert.All(Clear, clear => Assert.Equal(clear != Cvv, decrypted.Contains(clear, StringComparison.Ordinal)));
        Assert.Contains("\"intValue\":\"8877665544332211\"", decrypted, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Problems)> DecryptAsync(CollectorProcess collector, string lines)
    {
        var (program, first) = CollectorProcess.Program();
        var start = new ProcessStartInfo(program, [.. first, "decrypt", "--config", "otel-config.yaml"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = collector.Folder,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var problems = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(lines);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await problems);
    }

    private static async Task SendAsync(CollectorProcess collector, IMessage request, string path)
    {
        using var client = new HttpClient();
        using var content = new ByteArrayContent(request.ToByteArray());
        content.Headers.ContentType = new("application/x-protobuf");
        using var answer = await client.PostAsync(new Uri(collector.HttpEndpoint, path), content, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static ExportTraceServiceRequest Traces()
    {
        var span = new SpanBuilder("transfer").Build();
        span.Attributes.Add(Sensitive());
        span.Events.Add(new Span.Types.Event { Name = "e", Attributes = { Sensitive() } });
        span.Links.Add(new Span.Types.Link { Attributes = { Sensitive() } });
        return new ExportTraceServiceRequest
        {
            ResourceSpans = { new ResourceSpans { Resource = BankA(), ScopeSpans = { new ScopeSpans { Spans = { span } } } } },
        };
    }

    private static ExportMetricsServiceRequest Metrics()
    {
        var point = new NumberDataPoint { AsInt = 1, Attributes = { Sensitive() } };
        point.Exemplars.Add(new Exemplar { AsInt = 1, FilteredAttributes = { Sensitive() } });
        var metric = new Metric { Name = "m", Gauge = new Gauge { DataPoints = { point } } };
        return new ExportMetricsServiceRequest
        {
            ResourceMetrics = { new ResourceMetrics { Resource = BankA(), ScopeMetrics = { new ScopeMetrics { Metrics = { metric } } } } },
        };
    }

    private static ExportLogsServiceRequest Logs()
    {
        var body = new AnyValue { KvlistValue = new KeyValueList { Values = { Sensitive() } } };
        var record = new LogRecord { Body = body, Attributes = { Sensitive() } };
        return new ExportLogsServiceRequest
        {
            ResourceLogs = { new ResourceLogs { Resource = BankA(), ScopeLogs = { new ScopeLogs { LogRecords = { record } } } } },
        };
    }

    private static Resource BankA() => new() { Attributes = { Pair("tenant.id", "bank-a"), Sensitive() } };

    private static KeyValue[] Sensitive() =>
    [
        Pair("account_number", Account), Pair("payer.account_number", Account), Pair("diagnosis", Diagnosis), Pair("cvv", Cvv),
        new() { Key = "patient_id", Value = new AnyValue { IntValue = PatientNumber } },
        new()
        {
            Key = "details",
            Value = new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue { KvlistValue = new KeyValueList { Values = { Pair("account_number", Account), Pair("cvv", Cvv) } } } } } },
        },
    ];

    private static KeyValue Pair(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
