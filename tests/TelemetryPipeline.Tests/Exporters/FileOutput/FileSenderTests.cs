using System.Buffers.Binary;
using System.Linq;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Exporters.FileOutput;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Tests.Exporters.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

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
    public async Task Send_MaxDays_DeletesWhatIsOlderByItsName()
    {
        foreach (var day in (string[])["01", "10", "11", "13"])
        {
            await File.WriteAllTextAsync(Path.Combine(_directory.FullName, $"data-2026-09-{day}T06-00-00.000.json"), "", Cancel);
        }

        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "data-notes.json"), "", Cancel);

        await RotateOnceAsync("max_days: 3");

        Assert.Equal(
            ["data-2026-09-11T06-00-00.000.json", "data-2026-09-13T06-00-00.000.json", "data-2026-09-14T05-02-14.173.json", "data-notes.json", "data.json"],
            _directory.GetFiles().Select(static file => file.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Send_LocalTime_IsTheTimeInTheNames()
    {
        _time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("bank", TimeSpan.FromHours(8), "bank", "bank"));

        await RotateOnceAsync("localtime: true");

        Assert.Contains(_directory.GetFiles(), static file => file.Name == "data-2026-09-14T13-02-14.173.json");
    }

    // Scenario: the directory is gone when the file is to be rotated, and comes back.
    // Guarantees: nothing is refused or lost, the failure is counted, and rotation is made up for.
    [Fact]
    public async Task Send_RotationFails_GoesOnInTheFileAndRotatesLater()
    {
        var elsewhere = _directory.FullName + ".moved";
        using var batch = Batches.Traces(1, 2000);
        var harness = new ExporterHarness { Time = _time };
        using var sender = Sender(harness, "format: proto, rotation: {max_megabytes: 1}");
        await sender.StartAsync(Cancel);
        Directory.Move(_directory.FullName, elsewhere);
        for (var i = 0; i < 3; i++)
        {
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        }

        Assert.True(harness.Count("otelcol_exporter_file_rotation_failures") > 0);
        Assert.Single(harness.Logs);
        Directory.Move(elsewhere, _directory.FullName);
        Assert.Single(_directory.GetFiles());
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        await sender.StopAsync(Cancel);

        Assert.Equal(2, _directory.GetFiles().Length);
        var records = _directory.GetFiles().SelectMany(static file => Records(File.ReadAllBytes(file.FullName))).ToList();
        Assert.Equal(4, records.Count);
        Assert.All(records, record => Assert.Equal(Batches.Bytes(batch), record));
    }

    // Scenario: logrotate with copytruncate, and without.
    // Guarantees: each file holds whole records and nothing else, whoever rotates.
    [Theory]
    [InlineData("", true)]
    [InlineData("", false)]
    [InlineData("append: true", true)]
    [InlineData("append: true", false)]
    [InlineData("rotation: {max_megabytes: 1}", true)]
    [InlineData("rotation: {max_megabytes: 1}", false)]
    public async Task Send_FileRotatedByAnotherProgram_GoesOnInTheFileOfItsName(string settings, bool copyTruncate)
    {
        using var batch = Batches.Traces(1, 4);
        var harness = new ExporterHarness { Time = _time };
        using var sender = Sender(harness, $"format: proto, {settings}");
        await sender.StartAsync(Cancel);
        for (var i = 0; i < 3; i++)
        {
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
            _time.Advance(TimeSpan.FromSeconds(1));
            if (copyTruncate)
            {
                File.Copy(Target, $"{Target}.{i}");
                await File.WriteAllBytesAsync(Target, [], Cancel);
            }
            else
            {
                File.Move(Target, $"{Target}.{i}");
            }
        }

        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        await sender.StopAsync(Cancel);

        foreach (var (name, count) in new[] { (".0", 2), (".1", 2), (".2", 2), ("", 1) })
        {
            var records = Records(await File.ReadAllBytesAsync(Target + name, Cancel));
            Assert.Equal(count, records.Count);
            Assert.All(records, record => Assert.Equal(Batches.Bytes(batch), record));
        }

        Assert.Empty(harness.Logs);
    }

    [Fact]
    public async Task Start_CreatesFile_ForTheOwnerOnly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix permissions");
        using var batch = Batches.Traces(1, 2000);
        await WriteAsync("format: proto, rotation: {max_megabytes: 1}", batch, batch);
        Assert.Equal(2, _directory.GetFiles().Length);
        Assert.All(_directory.GetFiles(), static file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
    }

    [Fact]
    public async Task Send_FileWasTakenAway_IsBegunAnew()
    {
        using var batch = Batches.Traces(1, 2000);
        var harness = new ExporterHarness { Time = _time };
        using var sender = Sender(harness, "format: proto, rotation: {max_megabytes: 1}");
        await sender.StartAsync(Cancel);
        File.Move(Target, Target + ".taken");
        for (var i = 0; i < 3; i++)
        {
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        }

        await sender.StopAsync(Cancel);

        Assert.Equal(0, harness.Count("otelcol_exporter_file_rotation_failures"));
        Assert.Equal(3, _directory.GetFiles().Sum(static file => Records(File.ReadAllBytes(file.FullName)).Count));
        Assert.True(new FileInfo(Target).Length > 0);
    }

    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public async Task Send_Json_IsReadByTheOracle(Signal signal)
    {
        var requests = Enumerable.Range(1, 5).Select(seed => OtlpGenerators.Request(signal, seed)).ToArray();
        var batches = Array.ConvertAll(requests, static request => OtlpPayloads.Batch(request));
        await WriteAsync("", batches);
        Array.ForEach(batches, static batch => batch.Dispose());

        var lines = await File.ReadAllLinesAsync(Target, Cancel);

        Assert.Equal(requests, lines.Select(line => OracleJson.Parse(signal, line)));
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

    // 2000 spans are about a megabyte.
    private async Task RotateOnceAsync(string rotation)
    {
        using var batch = Batches.Traces(1, 2000);
        await WriteAsync($"format: proto, rotation: {{max_megabytes: 1, {rotation}}}", batch, batch);
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
