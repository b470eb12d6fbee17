using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Extensions.FileStorage;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.CrashingQueue;

/// <summary>An exporter with its queue in file_storage, as the collector would build it.</summary>
internal sealed class CrashQueue : IExtensionHost
{
    private const int ProducerCount = 4;
    private const int BatchSizeMax = 50;

    private readonly MetricRegistry _metrics = new();
    private readonly IExtension _storage;
    private readonly SendingExporter _exporter;

    private CrashQueue(string directory, string fsync, ISender sink)
    {
        var storageId = new ComponentId("file_storage", "");
        var factory = new FileStorageFactory();
        _storage = factory.Create(Context(storageId, []), factory.ReadConfig(Section(directory, fsync)));
        var config = new SendingConfig
        {
            Queue = new QueueConfig { Storage = storageId, NumConsumers = 4, QueueSize = 500, BlockOnOverflow = true },
            Retry = new RetryConfig
            {
                InitialInterval = TimeSpan.FromMilliseconds(1),
                MaxInterval = TimeSpan.FromMilliseconds(5),
                MaxElapsedTime = TimeSpan.Zero,
            },
        };
        _exporter = new SendingExporter(Context(new ComponentId("otlp", "crash"), [Signal.Traces]), config, sink);
    }

    public static async Task<CrashQueue> OpenAsync(string directory, string fsync, ISender sink)
    {
        var queue = new CrashQueue(directory, fsync, sink);
        await queue._storage.StartAsync(CancellationToken.None);
        await queue._exporter.StartAsync(CancellationToken.None);
        return queue;
    }

    /// <summary>Offers batches of consecutive ids and prints "first count" for each that was accepted.</summary>
    public async Task LoadForEverAsync(long firstId)
    {
        var next = firstId;
        var producers = new List<Task>();
        for (var p = 0; p < ProducerCount; p++)
        {
            var random = new Random(p);
            producers.Add(Task.Run(async () =>
            {
                while (true)
                {
                    var count = random.Next(1, BatchSizeMax);
                    var first = Interlocked.Add(ref next, count) - count;
                    using var batch = BatchOf(first, count);
                    if ((await _exporter.ConsumeAsync(batch, CancellationToken.None)).IsAccepted)
                    {
                        lock (producers)
                        {
                            Console.WriteLine($"{first} {count}");
                        }
                    }
                }
            }));
        }

        await Task.WhenAll(producers);
    }

    /// <summary>Waits until everything is delivered: stopping alone would leave on disk what fails just then.</summary>
    public async Task DrainAsync()
    {
        while (QueueSize() > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }

        await _exporter.StopAsync(CancellationToken.None);
    }

    private double QueueSize()
    {
        foreach (var family in _metrics.Families)
        {
            foreach (var (_, value) in family.Series)
            {
                if (family.Name == "otelcol_exporter_queue_size")
                {
                    return ((Gauge)value).Read();
                }
            }
        }

        throw new InvalidOperationException("the queue does not show its size");
    }

    public T? Find<T>(ComponentId id)
        where T : class => _storage as T;

    private static OtlpBatch BatchOf(long first, int count)
    {
        var bytes = new byte[count * sizeof(long)];
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), first + i);
        }

        return new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, bytes, count));
    }

    private static ConfigSection Section(string directory, string fsync)
    {
        var nowhere = new SourcePosition("test", 1, 1);
        return new ConfigSection(
            new ConfigMap
            {
                Position = nowhere,
                Entries =
                [
                    Entry("directory", directory, ScalarKind.Text),
                    Entry("fsync", fsync, ScalarKind.Text),
                    Entry("create_directory", "true", ScalarKind.Bool),
                ],
            },
            nowhere, "", new ConfigErrors());

        ConfigEntry Entry(string key, string text, ScalarKind kind) =>
            new(key, nowhere, new ConfigScalar { Position = nowhere, Kind = kind, Text = text });
    }

    private ComponentContext Context(ComponentId id, IReadOnlyList<Signal> signals) => new()
    {
        Id = id,
        Signals = signals,
        Loggers = NullLoggerFactory.Instance,
        Metrics = _metrics,
        Extensions = this,
        ReportStatus = static (_, _) => { },
    };
}
