using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Processors.FieldEncryption;
using TelemetryPipeline.Processors.FieldEncryption.Keys;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Benchmarks.Processors.FieldEncryption;

/// <summary>
/// What protecting fields costs a span of twelve attributes. Every round has a new chunk, so index, slots and the writing
/// of changes are part of it; <see cref="NoField"/> is a round in which no policy finds a field.
/// </summary>
[MemoryDiagnoser]
public class EncryptionBenchmarks
{
    private const int Spans = 100;
    private const int Values = 1000;

    private readonly byte[] _bytes = UnmappedTransfers.Bytes(Spans);
    private readonly byte[] _target = new byte[16 + FieldCipher.Overhead];
    private FieldEncryptionProcessor _noField = null!;
    private FieldEncryptionProcessor _encryptOne = null!;
    private FieldEncryptionProcessor _encryptThree = null!;
    private FieldEncryptionProcessor _mask = null!;
    private FieldEncryptionProcessor _hash = null!;
    private FieldCipher _cipher = null!;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        var key = RandomNumberGenerator.GetBytes(FieldKey.KeyBytes);
        Environment.SetEnvironmentVariable("BENCH_FIELD_KEY", Convert.ToHexString(key));
        _noField = await StartAsync("none", "encrypt");
        _encryptOne = await StartAsync("risk.policy_id", "encrypt");
        _encryptThree = await StartAsync("risk.policy_id, payment.amount, http.request.header.x-biz-order-no", "encrypt");
        _mask = await StartAsync("risk.policy_id", "mask");
        _hash = await StartAsync("risk.policy_id", "hash");
        _cipher = new FieldKey("k", key).Rent();
    }

    [GlobalCleanup]
    public void Cleanup() => _cipher.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Spans)]
    public bool NoField() => Run(_noField);

    [Benchmark(OperationsPerInvoke = Spans)]
    public bool EncryptOneField() => Run(_encryptOne);

    [Benchmark(OperationsPerInvoke = Spans)]
    public bool EncryptThreeFields() => Run(_encryptThree);

    [Benchmark(OperationsPerInvoke = Spans)]
    public bool MaskOneField() => Run(_mask);

    [Benchmark(OperationsPerInvoke = Spans)]
    public bool HashOneField() => Run(_hash);

    /// <summary>AES-256-GCM alone, over 16 bytes and 30 of associated data.</summary>
    [Benchmark(OperationsPerInvoke = Values)]
    public bool CipherAlone()
    {
        var done = true;
        for (var i = 0; i < Values; i++)
        {
            done &= _cipher.TryEncrypt("POL-TRANSFER-070"u8, "enc:v1:t:6:bank-a:risk.policy_id"u8, _target);
        }

        return done;
    }

    private static async Task<FieldEncryptionProcessor> StartAsync(string fields, string action)
    {
        var factory = new FieldEncryptionFactory();
        var yaml = $$$"""
            default_policies: false
            policies: [{fields: [{{{fields}}}], action: {{{action}}}}]
            keys: [{keys: [{id: k, env: BENCH_FIELD_KEY}]}]
            hash: {keys: [{keys: [{id: k, env: BENCH_FIELD_KEY}]}]}
            """;
        YamlDocument.TryRead(yaml, "bench", out var node, out _);
        var errors = new ConfigErrors();
        var config = factory.ReadConfig(new ConfigSection(node, default, "bench", errors));
        var context = new ComponentContext
        {
            Id = new ComponentId(factory.Type, ""),
            Signals = [Signal.Traces],
            Loggers = NullLoggerFactory.Instance,
            Metrics = new MetricRegistry(),
            Extensions = new NoExtensions(),
            ReportStatus = static (_, _) => { },
        };
        var processor = (FieldEncryptionProcessor)factory.Create(context, config, new Accepting());
        await processor.StartAsync(CancellationToken.None);
        return errors.IsEmpty ? processor : throw new InvalidOperationException(string.Join('\n', errors.Sorted()));
    }

    private bool Run(FieldEncryptionProcessor processor)
    {
        using var batch = new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, _bytes, Spans));
        return processor.ConsumeAsync(batch, CancellationToken.None).AsTask().GetAwaiter().GetResult().IsAccepted;
    }

    /// <summary>Asks for the bytes, as an exporter does.</summary>
    private sealed class Accepting : IConsumer
    {
        public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
            new(batch.ByteCount > 0 ? ConsumeResult.Accepted : default);
    }

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
