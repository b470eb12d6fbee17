using System.Diagnostics;
using System.Linq;
using System.Text;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Service;

namespace TelemetryPipeline.Tests.Pipeline.Configuration;

/// <summary>
/// Scenario: a path in the configuration leads to something that is not a file of a reasonable length.
/// Guarantees: it is refused with the reason, without reading it whole and without waiting for it.
/// </summary>
public sealed class BoundedFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bounded-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 5)]
    [InlineData(1_000_000, 1_000_000)]
    [InlineData(300_000, 4 * 1024 * 1024)]
    public void ReadAllBytes_FileWithinTheLimit_IsReadWhole(int length, int limit)
    {
        var content = Enumerable.Range(0, length).Select(static i => (byte)(i * 31)).ToArray();
        Assert.Equal(content, BoundedFile.ReadAllBytes(Write(content), limit));
    }

    [Theory]
    [InlineData(6, 5)]
    [InlineData(1, 0)]
    [InlineData(200_000, 100_000)]
    public void ReadAllBytes_FileTooLong_IsRefused(int length, int limit)
    {
        var problem = Assert.Throws<IOException>(() => BoundedFile.ReadAllBytes(Write(new byte[length]), limit));
        Assert.EndsWith($"has more than {limit} bytes", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/null")]
    [InlineData("/")]
    public void ReadAllBytes_NotARegularFile_IsRefused(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "devices are those of Linux");
        var problem = Assert.Throws<IOException>(() => BoundedFile.ReadAllBytes(path, 1000));
        Assert.Equal($"'{path}' is not a regular file", problem.Message);
    }

    [Fact]
    public void ReadAllBytes_PipeWithoutWriter_IsRefusedAtOnce()
    {
        var problem = Assert.Throws<IOException>(() => BoundedFile.ReadAllBytes(Pipe(), 1000));
        Assert.EndsWith("is not a regular file", problem.Message, StringComparison.Ordinal);
    }

    // As the kubelet lays out a ConfigMap.
    [Fact]
    public void ReadAllBytes_SymbolicLink_IsFollowed()
    {
        var link = Path.Combine(_folder.FullName, "link");
        File.CreateSymbolicLink(link, Write("a: 1"u8.ToArray()));
        Assert.Equal("a: 1", BoundedFile.ReadAllText(link, 100));
    }

    // Their length is 0 until they are read.
    [Fact]
    public void ReadAllText_FileWithoutALength_IsReadWhole()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is of Linux");
        Assert.NotEmpty(BoundedFile.ReadAllText("/proc/self/status", 100_000));
    }

    [Fact]
    public void ReadAllText_ByteOrderMark_IsDecodedAndDropped()
    {
        var file = Write([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("account: \u8d26")]);
        Assert.Equal("account: \u8d26", BoundedFile.ReadAllText(file, 100));
    }

    [Fact]
    public void ReadAllBytes_NoSuchFile_SaysSo() =>
        Assert.Throws<FileNotFoundException>(() => BoundedFile.ReadAllBytes(Path.Combine(_folder.FullName, "none"), 10));

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("pipe")]
    public void Load_ReferenceToADeviceOrPipe_IsAnErrorOfTheConfiguration(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "devices are those of Linux");
        path = path == "pipe" ? Pipe() : path;
        var loader = new ConfigLoader(FakeComponents.Registry, static _ => null);

        var result = loader.Load(new ConfigSources { Configs = [$"yaml:exporters: ${{file:{path}}}"] });

        Assert.Contains(result.Errors, e => e.Problem.Contains($"'{path}' is not a regular file", StringComparison.Ordinal));
        Assert.Equal(ConfigFiles.Fingerprint([path]), ConfigFiles.Fingerprint([path]));
    }

    private string Write(byte[] content)
    {
        var path = Path.Combine(_folder.FullName, "file");
        File.WriteAllBytes(path, content);
        return path;
    }

    private string Pipe()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "named pipes of the file system are those of Linux");
        var path = Path.Combine(_folder.FullName, "pipe");
        using var process = Process.Start("mkfifo", path);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return path;
    }
}
