using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Service;

namespace TelemetryPipeline.Tests.Pipeline.Service;

public sealed class ConfigWatcherTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly ConfigWatcher _watcher = new(
        new BackgroundWork(NullLogger.Instance, new MetricRegistry(), TimeProvider.System, "service", "service", static (_, _) => { }),
        static () => { });

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Look_FileChanged_TellsOnceWhenItHasSettled()
    {
        var file = Write("config.yaml", "a");
        _watcher.Watch([file]);
        Write("config.yaml", "b");

        Assert.Equal([false, true, false], [_watcher.Look(), _watcher.Look(), _watcher.Look()]);
    }

    [Fact]
    public void Look_FileStillBeingWritten_Waits()
    {
        var file = Write("config.yaml", "a");
        _watcher.Watch([file]);
        Write("config.yaml", "b");
        _watcher.Look();
        Write("config.yaml", "bc");

        Assert.Equal([false, true], [_watcher.Look(), _watcher.Look()]);
    }

    [Fact]
    public void Look_ConfigMapLinkSwapped_SeesIt()
    {
        // Kubernetes: config.yaml -> ..data/config.yaml, ..data -> ..v1, and an update exchanges ..data.
        Directory.CreateDirectory(Path("..v1"));
        Directory.CreateDirectory(Path("..v2"));
        Write("..v1/config.yaml", "a");
        Write("..v2/config.yaml", "b");
        Directory.CreateSymbolicLink(Path("..data"), "..v1");
        File.CreateSymbolicLink(Path("config.yaml"), "..data/config.yaml");
        _watcher.Watch([Path("config.yaml")]);
        Directory.Delete(Path("..data"));
        Directory.CreateSymbolicLink(Path("..data"), "..v2");

        Assert.Equal([false, true], [_watcher.Look(), _watcher.Look()]);
    }

    [Fact]
    public void Look_FileGone_CountsAsChange()
    {
        var file = Write("config.yaml", "a");
        _watcher.Watch([file]);
        File.Delete(file);

        Assert.Equal([false, true, false], [_watcher.Look(), _watcher.Look(), _watcher.Look()]);
    }

    [Fact]
    public void Look_ChangedAndChangedBack_SaysNothing()
    {
        var file = Write("config.yaml", "a");
        _watcher.Watch([file]);
        Write("config.yaml", "b");
        _watcher.Look();
        Write("config.yaml", "a");

        Assert.Equal([false, false], [_watcher.Look(), _watcher.Look()]);
    }

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    private string Write(string name, string text)
    {
        File.WriteAllText(Path(name), text);
        return Path(name);
    }
}
