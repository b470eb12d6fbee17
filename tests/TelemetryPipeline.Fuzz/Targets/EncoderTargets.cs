using System.Buffers;
using System.Linq;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Exporters.DebugOutput;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.Exporters.Prometheus;
using TelemetryPipeline.Exporters.RedisStreams;
using TelemetryPipeline.Exporters.RedisStreams.Flat;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>Everything that writes a request in another form: debug text, Elasticsearch, Redis entries, Prometheus.</summary>
internal static class EncoderTargets
{
    private const int BulkBytesMax = 4096;

    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2024, 5, 21, 0, 0, 0, TimeSpan.Zero));

    public static IEnumerable<FuzzTarget> All => SignalNames.All.ToArray().SelectMany(static signal => (FuzzTarget[])
    [
        Target("debug", signal, Debug),
        Target("elasticsearch", signal, Elasticsearch),
        Target("redis-flat", signal, Flat),
        .. signal == Signal.Metrics ? [Target("prometheus", signal, Prometheus)] : (FuzzTarget[])[],
    ]);

    private static FuzzTarget Target(string name, Signal signal, Action<OtlpBatch, Outcome> run) => new()
    {
        Name = $"{name}-{signal.PipelineName()}",
        Form = InputForm.Protobuf,
        Seeds = () => Seeds.Requests(signal),
        Words = Seeds.AttributeWords,
        Run = (input, outcome) =>
        {
            using var batch = OtlpTargets.TryBatch(signal, input, outcome);
            if (batch is not null)
            {
                run(batch, outcome);
            }
        },
    };

    private static void Debug(OtlpBatch batch, Outcome outcome)
    {
        using var normal = new NormalText(new Lines(outcome));
        normal.Write(batch);
        using var detailed = new DetailedText(new Lines(outcome));
        detailed.Write(batch);
    }

    private static void Elasticsearch(OtlpBatch batch, Outcome outcome)
    {
        foreach (var mode in (ReadOnlySpan<MappingMode>)[MappingMode.Otel, MappingMode.Ecs])
        {
            using var encoder = new BulkEncoder(new EncoderOptions { Mode = mode, LogsDynamicId = true, LogsDynamicPipeline = true, Time = Time });
            using var body = new BulkBuffer(BulkBytesMax);
            var cursor = default(BulkCursor);
            var items = 0;
            bool more;
            encoder.Begin();
            do
            {
                body.Clear();
                more = encoder.Encode(batch, ref cursor, body, BulkBytesMax);
                outcome.Add(body.Bytes.WrittenSpan);
                CheckLines(body.Bytes.WrittenSpan, body.Documents.Length);
                foreach (var document in body.Documents)
                {
                    items += document.Items;
                }
            }
            while (more);
            outcome.Add(items);
        }
    }

    // An action and a source for each document, each one JSON object that names no field twice.
    private static void CheckLines(ReadOnlySpan<byte> body, int documents)
    {
        var lines = 0;
        foreach (var range in body.Split((byte)'\n'))
        {
            if (!body[range].IsEmpty)
            {
                lines++;
                CheckObject(body[range]);
            }
        }

        FuzzFailureException.ThrowUnless(lines == 2 * documents, "a bulk body has two lines for each document");
    }

    private static void CheckObject(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 256 });
        var names = new Stack<HashSet<string>>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    names.Push(new HashSet<string>(StringComparer.Ordinal));
                    break;
                case JsonTokenType.EndObject:
                    names.Pop();
                    break;
                case JsonTokenType.PropertyName:
                    if (!names.Peek().Add(reader.GetString()!))
                    {
                        throw new FuzzFailureException("a document names no field twice", reader.GetString()!);
                    }

                    break;
                default:
                    break;
            }
        }
    }

    private static void Flat(OtlpBatch batch, Outcome outcome)
    {
        using var encoder = new FlatEncoder([], ["*"]);
        using var entry = new EntryBuffer();
        var view = batch.View(0);
        for (var item = 0; item < view.ItemNodes.Length; item++)
        {
            entry.Clear();
            encoder.Encode(view, item, encoder.Identify(view, item), entry);
            for (var field = 0; field < entry.FieldCount; field++)
            {
                outcome.Add(entry.Name(field).Span);
                outcome.Add(entry.Value(field).Span);
            }
        }

        encoder.Forget();
    }

    private static void Prometheus(OtlpBatch batch, Outcome outcome)
    {
        var store = new SampleStore(Settings.Read<PrometheusConfig>(new PrometheusFactory(), "{endpoint: \"localhost:0\"}"), Time);
        var dropped = 0;
        outcome.Add(store.Take(batch, _ => dropped++));
        outcome.Add(dropped);
        foreach (var isOpenMetrics in (ReadOnlySpan<bool>)[false, true])
        {
            var page = new ArrayBufferWriter<byte>();
            var writer = new ExpositionWriter(page, isOpenMetrics, sendTimestamps: true);
            store.Write(writer.Write);
            writer.End();
            outcome.Add(page.WrittenSpan);
        }
    }

    private sealed class Lines(Outcome outcome) : IDebugDestination
    {
        public void Open()
        {
            // Nothing to open.
        }

        public void WriteSummary(in BatchSummary summary) => outcome.Add(summary.ToString());

        public void WriteText(ReadOnlySpan<byte> lines)
        {
            foreach (var b in lines)
            {
                FuzzFailureException.ThrowUnless(b is >= 0x20 or (byte)'\n', "shown text has no control characters");
            }

            outcome.Add(lines);
        }

        public void Dispose()
        {
            // Nothing was opened.
        }
    }
}
