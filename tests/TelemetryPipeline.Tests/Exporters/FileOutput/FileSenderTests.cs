using System.Buffers.Binary;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Exporters.FileOutput;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Tests.Exporters.Otlp;

namespace TelemetryPipeline.Tests.Exporters.FileOutput;

public sealed class FileSenderTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("file-exporter-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 9, 14, 5, 2, 14, 173, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Target => Path.Combine(_directory.FullName, "data.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Send_Json_IsARequestALine()
    {
        using var batch = Batches.Traces(2, 3);
        await WriteAsync("", batch, batch);
        var lines = await File.ReadAllLinesAsync(Target, Cancel);
        Assert.Equal(2, lines.Length);
        Assert.All(lines, static line => Assert.Equal(6, ItemsOfJson(System.Text.Encoding.UTF8.GetBytes(line))));
    }

    [Theory]
    [InlineData("format: proto", "")]
    [InlineData("format: proto, compression: zstd", "zstd")]
    public async Task Send_Proto_IsFramedByteForByte(string settings, string decoder)
    {
        using var one = Batches.Traces(2, 3);
        using var other = Batches.Traces(1, 500);
        await WriteAsync(settings, one, other);
        var records = Records(await File.ReadAllBytesAsync(Target, Cancel));
        Assert.Equal(2, records.Count);
        Assert.Equal(Batches.Bytes(one), Decoders.Decode(decoder, records[0]));
        Assert.Equal(Batches.Bytes(other), Decoders.Decode(decoder, records[1]));
    }

    [Fact]
    public async Task Send_CompressedJson_IsFramed()
    {
        using var batch = Batches.Traces(1, 3);
        await WriteAsync("compression: zstd", batch);
        var record = Assert.Single(Records(await File.ReadAllBytesAsync(Target, Cancel)));
        Assert.Equal(3, ItemsOfJson(Decoders.Decode("zstd", record)));
    }

    [Theory]
    [InlineData("append: true", 2)]
    [InlineData("append: false", 1)]
    [InlineData("rotation: {}", 2)]
    public async Task Start_FileExists_ContinuesOrEmptiesIt(string settings, int lines)
    {
        using var batch = Batches.Traces();
        await WriteAsync(settings, batch);
        await WriteAsync(settings, batch);
        Assert.Equal(lines, (await File.ReadAllLinesAsync(Target, Cancel)).Length);
    }

    [Fact]
    public async Task Start_AfterACrashInTheMiddleOfARecord_KeepsTheWholeOnes()
    {
        using var batch = Batches.Traces(1, 4);
        await WriteAsync("format: proto", batch, batch);
        var whole = await File.ReadAllBytesAsync(Target, Cancel);
        for (var cut = 1; cut < whole.Length / 2; cut += 37)
        {
            await File.WriteAllBytesAsync(Target, whole[..^cut], Cancel);
            var harness = await WriteAsync("format: proto, append: true", batch);
            var records = Records(await File.ReadAllBytesAsync(Target, Cancel));
            Assert.Equal(2, records.Count);
            Assert.All(records, record => Assert.Equal(Batches.Bytes(batch), record));
            Assert.Single(harness.Logs);
        }
    }

    [Fact]
    public async Task Start_AfterACrashInTheMiddleOfALine_BeginsANewOne()
    {
        await File.WriteAllTextAsync(Target, "{\"resourceSp", Cancel);
        using var batch = Batches.Traces();
        await WriteAsync("append: true", batch);
        var lines = await File.ReadAllLinesAsync(Target, Cancel);
        Assert.Equal(2, lines.Length);
        Assert.Equal("{\"resourceSp", lines[0]);
    }

    [Fact]
    public async Task Send_FileIsFull_RotatesWithTheTimeInTheNameAndKeepsTheNewest()
    {
        using var batch = Batches.Traces(1, 2000);
        var harness = new ExporterHarness { Time = _time };
        using var sender = Sender(harness, "format: proto, rotation: {max_megabytes: 1, max_backups: 2}");
        await sender.StartAsync(Cancel);
        for (var i = 0; i < 12; i++)
        {
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await sender.StopAsync(Cancel);
        var names = new List<string>();
        foreach (var file in _directory.GetFiles())
        {
            Assert.True(file.Length <= Math.Max(1024 * 1024, batch.ByteCount + 4));
            Assert.All(Records(await File.ReadAllBytesAsync(file.FullName, Cancel)), r => Assert.Equal(batch.ByteCount, r.Length));
            names.Add(file.Name);
        }

        Assert.Equal(3, names.Count);
        Assert.Contains("data.json", names);
        Assert.Contains(names, static name => name.StartsWith("data-2026-09-14T05-02-", StringComparison.Ordinal));
        Assert.Equal(0, harness.Count("otelcol_exporter_file_rotation_failures"));
    }

    [Fact]
    public async Task Send_FlushInterval_WritesWhenTheTimeHasCome()
    {
        using var batch = Batches.Traces();
        using var sender = Sender(new ExporterHarness { Time = _time }, "flush_interval: 1s");
        await sender.StartAsync(Cancel);
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.Equal(0, new FileInfo(Target).Length);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(new FileInfo(Target).Length > 0);
        await sender.StopAsync(Cancel);
    }

    [Fact]
    public async Task Send_DiskIsFull_AsksForARetry()
    {
        // /dev/full answers every write as a full disk does.
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        using var batch = Batches.Traces();
        var config = ExporterHarness.Config<FileConfig>(new FileFactory(), "{path: /dev/full, append: true, flush_interval: 0}");
        using var sender = new FileSender(new ExporterHarness().Context("file"), config);
        await sender.StartAsync(Cancel);
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Retry, "disk_full"), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Start_DirectoryMissing_FailsUnlessItIsToBeCreated()
    {
        var path = Path.Combine(_directory.FullName, "a", "b", "data.json");
        var config = ExporterHarness.Config<FileConfig>(new FileFactory(), $"path: {path}");
        using var refused = new FileSender(new ExporterHarness().Context("file"), config);
        await Assert.ThrowsAsync<ComponentStartException>(() => refused.StartAsync(Cancel));

        using var sender = new FileSender(new ExporterHarness().Context("file"), config with { CreateDirectory = true });
        await sender.StartAsync(Cancel);
        await sender.StopAsync(Cancel);
        await sender.StopAsync(Cancel);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public void Read_Unsupported_IsRefusedByName()
    {
        var (_, errors) = ExporterHarness.Read(new FileFactory(), "{path: x, group_by: {enabled: true}}");
        Assert.EndsWith(
            "file::group_by: not supported by this build: use a file exporter and a pipeline for each group",
            Assert.Single(errors), StringComparison.Ordinal);
    }

    private static int ItemsOfJson(byte[] json)
    {
        Assert.True(OtlpRequest.TryReadJson(
            Signal.Traces, json, new System.Buffers.ArrayBufferWriter<byte>(), out var items, out var error), error.ToString());
        return items;
    }

    private static List<byte[]> Records(byte[] bytes)
    {
        var records = new List<byte[]>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
            records.Add(bytes[(at + 4)..(at + 4 + length)]);
            at += 4 + length;
        }

        return records;
    }

    private async Task<ExporterHarness> WriteAsync(string settings, params OtlpBatch[] batches)
    {
        var harness = new ExporterHarness { Time = _time };
        using var sender = Sender(harness, settings);
        await sender.StartAsync(Cancel);
        foreach (var batch in batches)
        {
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        }

        await sender.StopAsync(Cancel);
        return harness;
    }

    private FileSender Sender(ExporterHarness harness, string settings) => new(
        harness.Context("file"),
        ExporterHarness.Config<FileConfig>(new FileFactory(), $"{{path: '{Target}', {settings}}}"));
}
