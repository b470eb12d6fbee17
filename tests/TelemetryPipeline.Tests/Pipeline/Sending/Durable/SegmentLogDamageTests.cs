using System.Linq;
using CsCheck;

namespace TelemetryPipeline.Tests.Pipeline.Sending.Durable;

public sealed class SegmentLogDamageTests
{
    private const int RecordLength = 48;
    private const int RecordCount = 5;

    // Scenario: each bit position class of each byte of a segment of five records is flipped in turn.
    // Guarantees: the four others come back, the damaged one is counted, nothing is thrown.
    [Theory]
    [InlineData(0x01)]
    [InlineData(0x80)]
    [InlineData(0xFF)]
    public async Task Open_AnyByteFlipped_OnlyItsRecordIsLostAndCounted(byte flip)
    {
        using var original = new LogFolder();
        var (name, bytes) = await WriteAsync(original);
        for (var at = 0; at < bytes.Length; at++)
        {
            using var folder = new LogFolder();
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= flip;
            File.WriteAllBytes(Path.Combine(folder.Path, name), damaged);

            var log = folder.Open();
            var read = LogFolder.Drain(log);

            Assert.Equal(Enumerable.Range(0, RecordCount).Select(i => (long)i).Where(i => i != at / RecordLength), read);
            Assert.Equal(1, folder.DamagedRecords());
            Assert.Equal(default, log.Space.Load);
            log.Close();
            Assert.Empty(folder.Segments);
        }
    }

    [Fact]
    public async Task Open_TruncatedAnywhere_WholeRecordsComeBack()
    {
        using var original = new LogFolder();
        var (name, bytes) = await WriteAsync(original);
        for (var length = 0; length < bytes.Length; length++)
        {
            using var folder = new LogFolder();
            File.WriteAllBytes(Path.Combine(folder.Path, name), bytes[..length]);

            var log = folder.Open();
            var read = LogFolder.Drain(log);

            Assert.Equal(Enumerable.Range(0, length / RecordLength).Select(i => (long)i), read);
            Assert.Equal(length % RecordLength == 0 ? 0 : 1, folder.DamagedRecords("truncated"));

            // It is still a log.
            Assert.True((await LogFolder.AppendAsync(log, 77)).IsAccepted);
            Assert.Equal([77], LogFolder.Drain(log));
            log.Close();
        }
    }

    [Fact]
    public async Task Open_TornEndOfAnEarlierSegment_IsCountedAsDamage()
    {
        using var folder = new LogFolder();
        folder.Options = folder.Options with { SegmentSizeBytes = 3 * RecordLength };
        await WriteAsync(folder);
        var first = folder.Segments.Order(StringComparer.Ordinal).First();
        File.WriteAllBytes(first, File.ReadAllBytes(first)[..(RecordLength + 10)]);

        var log = folder.Open();

        Assert.Equal([0, 3, 4], LogFolder.Drain(log));
        Assert.Equal(1, folder.DamagedRecords("damaged"));
        log.Close();
    }

    [Fact]
    public async Task Open_AcknowledgementsDamaged_RepeatsRatherThanForgets()
    {
        using var original = new LogFolder();
        var log = original.Open();
        for (var i = 0; i < RecordCount; i++)
        {
            await LogFolder.AppendAsync(log, i);
        }

        for (var i = 0; i < 3; i++)
        {
            log.TryRead(out var record);
            log.Acknowledge(record!);
        }

        log.Close();
        var acks = Directory.GetFiles(original.Path, "*.acks").Single();
        var bytes = File.ReadAllBytes(acks);
        for (var at = 0; at < bytes.Length; at++)
        {
            using var folder = new LogFolder();
            File.Copy(original.Segments.Single(), Path.Combine(folder.Path, Path.GetFileName(original.Segments.Single())));
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x04;
            File.WriteAllBytes(Path.Combine(folder.Path, Path.GetFileName(acks)), damaged);

            var reopened = folder.Open();

            Assert.Equal([at / 8, 3, 4], LogFolder.Drain(reopened));
            reopened.Close();
        }
    }

    [Fact]
    public void Open_ForeignBytes_NeverThrows() =>
        Check.Sample(
            Gen.Byte.Array[0, 600],
            bytes =>
            {
                using var folder = new LogFolder();
                File.WriteAllBytes(Path.Combine(folder.Path, "0000000000000000-12345678.segment"), bytes);
                var log = folder.Open();
                Assert.Empty(LogFolder.Drain(log));
                log.Close();
            },
            iter: 50,
            threads: 1);

    private static async Task<(string Name, byte[] Bytes)> WriteAsync(LogFolder folder)
    {
        var log = folder.Open();
        for (var i = 0; i < RecordCount; i++)
        {
            await LogFolder.AppendAsync(log, i);
        }

        log.Close();
        return (Path.GetFileName(folder.Segments[0]), File.ReadAllBytes(folder.Segments[0]));
    }
}
