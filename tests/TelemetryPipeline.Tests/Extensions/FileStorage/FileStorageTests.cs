using System.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Extensions.FileStorage;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Sending.Durable;

namespace TelemetryPipeline.Tests.Extensions.FileStorage;

public sealed class FileStorageTests
{
    [Theory]
    [InlineData("{}", FsyncPolicy.Interval)]
    [InlineData("{fsync: true}", FsyncPolicy.Always)]
    [InlineData("{fsync: false}", FsyncPolicy.Never)]
    [InlineData("{fsync: always}", FsyncPolicy.Always)]
    [InlineData("{fsync: never}", FsyncPolicy.Never)]
    public void ReadConfig_Fsync_TakesTheCollectorsBoolAndOurWords(string yaml, FsyncPolicy expected) =>
        Assert.Equal(expected, Read(yaml, out _).Fsync);

    [Fact]
    public void ReadConfig_Permissions_AreOctal()
    {
        var expected = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(expected, Read("{directory_permissions: 0700}", out _).DirectoryPermissions);
        Assert.Equal(expected, Read("{directory_permissions: \"0700\"}", out _).DirectoryPermissions);
        Read("{directory_permissions: 0888}", out var errors);
        Assert.Single(errors.Sorted());
    }

    [Fact]
    public void ReadConfig_Compaction_IsRefusedByName()
    {
        Read("{compaction: {on_start: true}}", out var errors);
        Assert.Equal(
            "compaction::on_start: not supported by this build: there is nothing to compact; a segment is deleted as soon as everything in it is delivered",
            errors.Sorted().Select(e => $"{e.Path}: {e.Problem}").Single());
    }

    [Theory]
    [InlineData("otlp", "otlp")]
    [InlineData("otlp/a b~", "otlp~002Fa~0020b~007E")]
    public void SafeName_IsTheCollectors(string name, string expected) =>
        Assert.Equal(expected, FileStorageExtension.SafeName(name));

    [Fact]
    public async Task Start_DirectoryMissing_FailsOrCreatesIt()
    {
        var parent = Directory.CreateTempSubdirectory("file-storage-");
        try
        {
            var directory = Path.Combine(parent.FullName, "queues");
            var failure = await Assert.ThrowsAsync<ComponentStartException>(
                () => Create($"{{directory: \"{directory}\"}}").StartAsync(CancellationToken.None));
            Assert.Contains("does not exist", failure.Message, StringComparison.Ordinal);

            var storage = Create($"{{directory: \"{directory}\", create_directory: true}}");
            await storage.StartAsync(CancellationToken.None);
            using (await ((IQueueStorage)storage).OpenAsync(new ComponentId("otlp", "x"), Signal.Logs))
            {
                Assert.True(Directory.Exists(Path.Combine(directory, "exporter_otlp~002Fx_logs")));
            }
        }
        finally
        {
            parent.Delete(recursive: true);
        }
    }

    // Scenario: something that is no lock stands where the lock belongs, so the queue cannot be opened at all.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_QueueCannotBeOpened_FailsOrIsPutAsideWithRecreate(bool recreate)
    {
        var parent = Directory.CreateTempSubdirectory("file-storage-");
        try
        {
            var queue = Path.Combine(parent.FullName, "exporter_otlp_traces");
            Directory.CreateDirectory(Path.Combine(queue, "lock"));
            var storage = Create($"{{directory: \"{parent.FullName}\", recreate: {(recreate ? "true" : "false")}}}");
            await storage.StartAsync(CancellationToken.None);
            var open = ((IQueueStorage)storage).OpenAsync(new ComponentId("otlp", ""), Signal.Traces).AsTask();
            if (recreate)
            {
                using var lease = await open;
                Assert.True(File.Exists(Path.Combine(queue, "lock")));
                Assert.True(Directory.Exists(Path.Combine(queue + ".aside1", "lock")));
            }
            else
            {
                var failure = await Assert.ThrowsAsync<ComponentStartException>(() => open);
                Assert.Contains(queue, failure.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            parent.Delete(recursive: true);
        }
    }

    private static IExtension Create(string yaml)
    {
        var context = new ComponentContext
        {
            Id = new ComponentId("file_storage", ""),
            Signals = [],
            Loggers = NullLoggerFactory.Instance,
            Metrics = new MetricRegistry(),
            Extensions = new NoExtensions(),
            ReportStatus = static (_, _) => { },
        };
        return new FileStorageFactory().Create(context, Read(yaml, out _));
    }

    private static FileStorageConfig Read(string yaml, out ConfigErrors errors)
    {
        errors = new ConfigErrors();
        Assert.True(YamlReader.TryRead(yaml, "test", out var node, out var error), error?.ToString());
        return FileStorageConfig.Read(new ConfigSection(node, default, "", errors));
    }

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
