using System.Runtime.Versioning;
using TelemetryPipeline.Pipeline.Files;

namespace TelemetryPipeline.Tests.Pipeline.Files;

[UnsupportedOSPlatform("windows")]
public sealed class PrivateFileTests : IDisposable
{
    private const UnixFileMode Everyone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("private-file-");

    private string Target => Path.Combine(_directory.FullName, "queue");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Open_Created_IsForTheOwnerOnly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix permissions");
        PrivateFile.Open(Target, FileMode.Create, FileAccess.Write, FileShare.None).Dispose();
        Assert.Equal(PrivateFile.FilePermissions, File.GetUnixFileMode(Target));
        File.Delete(Target);

        PrivateFile.OpenHandle(Target, FileMode.CreateNew, FileAccess.ReadWrite).Dispose();
        Assert.Equal(PrivateFile.FilePermissions, File.GetUnixFileMode(Target));
    }

    [Fact]
    public void Open_Exists_KeepsItsMode()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix permissions");
        File.WriteAllText(Target, "");
        File.SetUnixFileMode(Target, Everyone);
        PrivateFile.Open(Target, FileMode.Create, FileAccess.Write, FileShare.None).Dispose();
        Assert.Equal(Everyone, File.GetUnixFileMode(Target));
    }

    [Fact]
    public void Restrict_FilesOfAnEarlierVersion_BecomeTheOwnersOnly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix permissions");
        File.WriteAllText(Target, "");
        File.SetUnixFileMode(Target, Everyone);

        Assert.Null(PrivateFile.Restrict(_directory.FullName));

        Assert.Equal(PrivateFile.FilePermissions, File.GetUnixFileMode(Target));
        Assert.Equal(PrivateFile.DirectoryPermissions, File.GetUnixFileMode(_directory.FullName));
    }

    [Fact]
    public void Restrict_DirectoryMissing_SaysSo() =>
        Assert.NotNull(PrivateFile.Restrict(Path.Combine(_directory.FullName, "missing")));
}
