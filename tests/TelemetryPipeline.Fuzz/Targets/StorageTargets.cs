using System.Buffers.Binary;
using System.IO.Hashing;
using System.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using TelemetryPipeline.Fuzz.Mutation;
using TelemetryPipeline.Heatmap;
using TelemetryPipeline.Heatmap.Snapshots;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Sending.Durable;
using TelemetryPipeline.Receiver.RedisStreams;
using TelemetryPipeline.Redis;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>What comes back from Redis, from disk and from logs.</summary>
internal static class StorageTargets
{
    private const uint Salt = 0x5a17;
    private const int RecordsMax = 1000;
    private const long GridBytes = 1 << 20;

    private static readonly string[] SignalsOfEntries = ["traces", "metrics", "logs", "profiles"];
    private static readonly RedisValue[] Encodings = [EntryField.OtlpProto, EntryField.OtlpJson, "flat", RedisValue.Null];
    private static readonly HeatmapDimension[] Dimensions = [new("service.name"), new("span.kind")];
    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2024, 5, 21, 0, 0, 0, TimeSpan.Zero));

    public static IEnumerable<FuzzTarget> All =>
    [
        new FuzzTarget { Name = "redis-entry", Form = InputForm.OptionsAndProtobuf, Seeds = EntrySeeds, Words = Seeds.AttributeWords, Run = Entry },
        new FuzzTarget { Name = "queue-segment", Form = InputForm.Bytes, Seeds = SegmentSeeds, Run = Segment },
        new FuzzTarget { Name = "queue-metadata", Form = InputForm.Bytes, Seeds = MetadataSeeds, Run = Metadata },
        new FuzzTarget { Name = "heatmap-snapshot", Form = InputForm.Bytes, Seeds = SnapshotSeeds, Run = Snapshot },
        new FuzzTarget { Name = "attribution-event", Form = InputForm.Protobuf, Seeds = EventSeeds, Words = Seeds.AttributeWords, Run = Event },
    ];

    private static IEnumerable<byte[]> EntrySeeds() => SignalNames.All.ToArray().SelectMany(static signal =>
        Seeds.Prefixed(Seeds.Requests(signal).Take(4), (byte)signal, 0)
            .Concat(Seeds.Prefixed(Seeds.JsonRequests(signal).Take(4), (byte)signal, 1)));

    private static void Entry(byte[] input, Outcome outcome)
    {
        var (first, second) = (input.Length > 0 ? input[0] : 0, input.Length > 1 ? input[1] : 0);
        var fields = new List<NameValueEntry>
        {
            new(EntryField.Version, (first & 0xf0) == 0xf0 ? "2" : EntryField.CurrentVersion),
            new(EntryField.Signal, SignalsOfEntries[first & 3]),
            new(EntryField.Encoding, Encodings[second & 3]),
        };
        if ((second & 0x80) == 0)
        {
            fields.Add(new(EntryField.Data, input[Math.Min(Mutator.OptionBytes, input.Length)..]));
        }

        if ((second & 0x40) != 0)
        {
            fields.Add(new(EntryField.Type, "span"));
        }

        var isRead = EntryDecoder.TryDecode(new StreamEntry("1-0", [.. fields]), out var decoded, out var problem);
        outcome.Add(isRead);
        outcome.Add(problem.Reason);
        outcome.Add(problem.Message);
        FuzzFailureException.ThrowUnless(isRead != (problem.Reason is { Length: > 0 }), "an entry that is refused has a reason, and no other has");
        if (decoded.Chunk is { } chunk)
        {
            FuzzFailureException.ThrowUnless(
                OtlpRequest.TryValidate(chunk.Signal, chunk.Bytes, out var items, out _) && items == chunk.ItemCount,
                "what is read from an entry validates");
            outcome.Add(chunk.Bytes);
            chunk.Release();
        }
    }

    private static SegmentLogOptions LogIn(string folder) => new()
    {
        Background = Settings.Context("fuzz").Background,
        Directory = folder,
        Owner = new ComponentId("fuzz", ""),
        Signal = Signal.Traces,
        Fsync = FsyncPolicy.Never,
        Logger = NullLogger.Instance,
        Metrics = new MetricRegistry(),
        Random = new Random(1),
        Time = Time,
    };

    private static IEnumerable<byte[]> SegmentSeeds()
    {
        var folder = Directory.CreateTempSubdirectory("fuzz-seeds-").FullName;
        try
        {
            var log = SegmentLog.TryOpen(LogIn(folder))!;
            foreach (var request in Seeds.Requests(Signal.Traces).Where(static bytes => bytes.Length < 600).Take(3))
            {
                OtlpRequest.TryValidate(Signal.Traces, request, out var items, out _);
                var metadata = new RequestMetadata([new("x-tenant", (IReadOnlyList<string>)["a", "b"])]);
                using var batch = new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, request, items), metadata);
                log.AppendAsync(batch, ["x-tenant"]).AsTask().GetAwaiter().GetResult();
            }

            log.Close();
            var file = Directory.GetFiles(folder, "*.segment")[0];
            var segment = File.ReadAllBytes(file);
            return [[0, .. segment], [1, .. segment]];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The first byte says whether checksums are made right, as in a file that somebody wrote on purpose.
    private static void Segment(byte[] input, Outcome outcome)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"fuzz-segment-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        try
        {
            var segment = input.Length > 0 ? input[1..] : input;
            if (input.Length > 0 && (input[0] & 1) != 0)
            {
                RepairChecksums(segment);
            }

            File.WriteAllBytes(Path.Combine(folder, $"{0UL:x16}-{Salt:x8}.segment"), segment);
            var log = SegmentLog.TryOpen(LogIn(folder)) ?? throw new FuzzFailureException("nobody else holds the folder");
            var records = 0;
            while (log.TryRead(out var record))
            {
                records++;
                FuzzFailureException.ThrowUnless(records <= RecordsMax, "reading ends");
                foreach (var chunk in record.Batch.Chunks)
                {
                    outcome.Add(chunk.Bytes);
                }

                record.Batch.Dispose();
                log.Acknowledge(record);
            }

            outcome.Add(records);
            log.Close();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void RepairChecksums(byte[] segment)
    {
        for (long at = 0; at + RecordHeader.Size <= segment.Length;)
        {
            var source = segment.AsSpan((int)at);
            var metadata = BinaryPrimitives.ReadInt32LittleEndian(source[16..]);
            var payload = BinaryPrimitives.ReadInt32LittleEndian(source[20..]);
            var body = (long)metadata + payload;
            if (metadata < 0 || payload < 0 || at + RecordHeader.Size + body > segment.Length)
            {
                break;
            }

            var crc = ~Crc32C.Append(RecordHeader.StartBodyCrc(Salt), source.Slice(RecordHeader.Size, (int)body));
            var header = new RecordHeader(
                BinaryPrimitives.ReadUInt64LittleEndian(source[8..]), metadata, payload,
                BinaryPrimitives.ReadInt32LittleEndian(source[24..]), crc, (Signal)source[32]);
            header.Write(source, Salt);
            at += header.TotalLength;
        }
    }

    private static IEnumerable<byte[]> MetadataSeeds() =>
    [
        EncodeAll(new RequestMetadata([new("x-tenant", (IReadOnlyList<string>)["a", "b"]), new("authorization", (IReadOnlyList<string>)[""])])),
    ];

    private static byte[] EncodeAll(RequestMetadata? metadata) =>
        RecordMetadata.Encode(metadata, metadata is null ? [] : [.. metadata.Headers.Select(static header => header.Key)]);

    private static void Metadata(byte[] input, Outcome outcome)
    {
        var metadata = RecordMetadata.Decode(input);
        var encoded = EncodeAll(metadata);
        outcome.Add(encoded);
        FuzzFailureException.ThrowUnless(
            EncodeAll(RecordMetadata.Decode(encoded)).AsSpan().SequenceEqual(encoded), "headers survive a round trip");
    }

    private static IEnumerable<byte[]> SnapshotSeeds()
    {
        var grid = NewGrid();
        var second = grid.NowSecond;
        var column = new DenseColumn();
        var compact = new MemoryStream();
        SnapshotCodec.Write(grid, Dimensions, compact);
        yield return Content(compact.ToArray());
        foreach (var key in (byte[][])[[1, (byte)'a', 1, (byte)'b'], []])
        {
            var series = key.Length == 0 ? LatencyGrid.OverflowSeries : grid.Series(key);
            column.Clear();
            column.Count(12_000_000, 3);
            grid.Restore(series, second, column);
        }

        var filled = new MemoryStream();
        SnapshotCodec.Write(grid, Dimensions, filled);
        yield return Content(filled.ToArray());
    }

    private static byte[] Content(byte[] file) => file[SnapshotCodec.Magic.Length..^sizeof(ulong)];

    private static LatencyGrid NewGrid()
    {
        var grid = new LatencyGrid(GridBytes, exemplars: new ExemplarStore(GridBytes / 4));
        grid.Advance(Time.GetUtcNow().ToUnixTimeSeconds());
        return grid;
    }

    // The checksum is right: what it protects from is chance, not somebody who writes a file.
    private static void Snapshot(byte[] input, Outcome outcome)
    {
        byte[] content = [.. SnapshotCodec.Magic, .. input];
        byte[] file = [.. content, .. BitConverter.GetBytes(XxHash3.HashToUInt64(content))];
        var grid = NewGrid();
        var restored = SnapshotCodec.Restore(file, grid, Dimensions);
        outcome.Add((long)restored);
        FuzzFailureException.ThrowUnless(
            restored is SnapshotOutcome.Restored or SnapshotOutcome.Damaged or SnapshotOutcome.OtherDimensions, "a snapshot is whole or is not");
        if (restored != SnapshotOutcome.Restored)
        {
            return;
        }

        var written = new MemoryStream();
        SnapshotCodec.Write(grid, Dimensions, written);
        outcome.Add(written.ToArray());
        FuzzFailureException.ThrowUnless(
            SnapshotCodec.Restore(written.ToArray(), NewGrid(), Dimensions) == SnapshotOutcome.Restored, "what was restored can be written and restored again");
    }

    private static IEnumerable<byte[]> EventSeeds()
    {
        yield return Google.Protobuf.MessageExtensions.ToByteArray(AttributionRecord.Request(
            new AttributionRecord(1).Saying("the ledger is slow").Notify("oncall"), new AttributionRecord(2).Resolved()));
    }

    private static void Event(byte[] input, Outcome outcome)
    {
        using var batch = OtlpTargets.TryBatch(Signal.Logs, input, outcome);
        if (batch is null)
        {
            return;
        }

        var view = batch.View(0);
        foreach (var node in view.ItemNodes)
        {
            var read = AttributionEventReader.Read(view, node);
            outcome.Add(read?.EventId);
            outcome.Add(read?.Summary);
            outcome.Add(read?.Time.Ticks ?? -1);
            FuzzFailureException.ThrowUnless((read?.Chain.Count ?? 0) <= AttributionEventReader.ChainMax, "a chain is bounded");
            foreach (var step in read?.Chain ?? [])
            {
                outcome.Add(step.ToString());
            }
        }
    }
}
