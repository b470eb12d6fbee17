using System.Linq;
using System.Runtime.Versioning;
using System.Text;
using CsCheck;
using TelemetryPipeline.Pipeline.Files;

namespace TelemetryPipeline.Tests.Pipeline.Files;

/// <summary>Other programs truncate, move and remove the file while it is written, as logrotate does.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class AppendedFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("appended-file-");

    private string Target => Path.Combine(_directory.FullName, "transfers.json");

    private string Aside => Target + ".1";

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Write_AfterCopyTruncate_BeginsAtTheStartOfTheFile()
    {
        using var file = new AppendedFile(Target, isEmptied: true);
        Write(file, "first\n");
        CopyTruncate(Aside);
        Write(file, "second\n");
        Assert.Equal("second\n", File.ReadAllText(Target));
        Assert.Equal("first\n", File.ReadAllText(Aside));
    }

    // Between the length that is asked for and the write there must be no moment for a truncation.
    [Fact]
    public void Write_PositionIsBehindTheEnd_AppendsAllTheSame()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the append flag of Linux");
        using var file = new AppendedFile(Target, isEmptied: true);
        Write(file, "first\n");
        file.Stream.Position = 1000;
        file.Stream.Write("second\n"u8);
        Assert.Equal("first\nsecond\n", File.ReadAllText(Target));
    }

    [Fact]
    public void Write_AnotherHandleAppends_OverwritesNothing()
    {
        using var ours = new AppendedFile(Target, isEmptied: true);
        using var theirs = new AppendedFile(Target, isEmptied: false);
        Write(ours, "ours 1\n");
        Write(theirs, "theirs\n");
        Write(ours, "ours 2\n");
        Assert.Equal("ours 1\ntheirs\nours 2\n", File.ReadAllText(Target));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reopen_Moved_WritesToANewFileWithTheSameMode(bool isReplaced)
    {
        const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix permissions");
        using var file = new AppendedFile(Target, isEmptied: true);
        Assert.Equal(PrivateFile.FilePermissions, File.GetUnixFileMode(Target));
        File.SetUnixFileMode(Target, Shared);
        Write(file, "first\n");
        File.Move(Target, Aside);
        if (isReplaced)
        {
            File.WriteAllText(Target, "");
            File.SetUnixFileMode(Target, Shared);
        }

        Assert.Null(file.ReopenIfMoved());
        Write(file, "second\n");

        Assert.Equal("second\n", File.ReadAllText(Target));
        Assert.Equal("first\n", File.ReadAllText(Aside));
        Assert.Equal(Shared, File.GetUnixFileMode(Target));
    }

    [Fact]
    public void Reopen_Removed_WritesToANewFile()
    {
        using var file = new AppendedFile(Target, isEmptied: true);
        Write(file, "first\n");
        File.Delete(Target);
        Assert.Null(file.ReopenIfMoved());
        Write(file, "second\n");
        Assert.Equal("second\n", File.ReadAllText(Target));
    }

    [Fact]
    public void Reopen_DirectoryMovedAway_KeepsTheMovedFile()
    {
        var elsewhere = _directory.FullName + ".moved";
        using var file = new AppendedFile(Target, isEmptied: true);
        Write(file, "first\n");
        Directory.Move(_directory.FullName, elsewhere);
        try
        {
            Assert.NotNull(file.ReopenIfMoved());
            Write(file, "second\n");
            Assert.Equal("first\nsecond\n", File.ReadAllText(Path.Combine(elsewhere, "transfers.json")));
        }
        finally
        {
            Directory.Move(elsewhere, _directory.FullName);
        }
    }

    [Fact]
    public void Reopen_DirectoryRemoved_FailsRatherThanWritingToNowhere()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");
        var folder = Directory.CreateDirectory(Path.Combine(_directory.FullName, "folder"));
        using var file = new AppendedFile(Path.Combine(folder.FullName, "transfers.json"), isEmptied: true);
        folder.Delete(recursive: true);
        Assert.ThrowsAny<IOException>(() => file.ReopenIfMoved());
    }

    [Fact]
    public void Rotate_NewFile_HasTheModeOfTheOld()
    {
        const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix permissions");
        using var file = new AppendedFile(Target, isEmptied: true);
        File.SetUnixFileMode(Target, Shared);
        Write(file, "first\n");
        file.Rotate(Aside);
        Write(file, "second\n");
        Assert.Equal(("first\n", "second\n"), (File.ReadAllText(Aside), File.ReadAllText(Target)));
        Assert.Equal(Shared, File.GetUnixFileMode(Target));
    }

    // Property: whatever other programs do between writes, every line is whole, exactly once, in one of the files that exist
    // (those the others removed excepted), and there is no NUL byte.
    [Fact]
    public void Write_RandomRotations_LoseAndDamageNothing() => Gen.Int[0, 5].Array[1, 60].Sample(
        steps =>
        {
            foreach (var old in _directory.GetFiles())
            {
                old.Delete();
            }

            var removed = new List<string>();
            var number = 0;
            using var file = new AppendedFile(Target, isEmptied: true);
            for (var i = 0; i < steps.Length; i++)
            {
                switch (steps[i])
                {
                    case 0:
                        CopyTruncate($"{Target}.{i}");
                        break;
                    case 1:
                        File.Move(Target, $"{Target}.{i}");
                        break;
                    case 2:
                        File.Move(Target, $"{Target}.{i}");
                        File.WriteAllText(Target, "");
                        break;
                    case 3:
                        removed.AddRange(File.ReadAllLines(Target));
                        File.Delete(Target);
                        break;
                    case 4:
                        file.Rotate($"{Target}.{i}");
                        break;
                    default:
                        break;
                }

                Assert.Null(file.ReopenIfMoved());
                Write(file, $"transfer {number++}\n");
            }

            var lines = removed.Concat(_directory.GetFiles().SelectMany(static f => File.ReadAllLines(f.FullName))).ToList();
            Assert.Equal(
                Enumerable.Range(0, number).Select(static n => $"transfer {n}").Order(StringComparer.Ordinal),
                lines.Order(StringComparer.Ordinal));
        },
        iter: 200, threads: 1);

    private static void Write(AppendedFile file, string text) => file.Write(Encoding.UTF8.GetBytes(text));

    private void CopyTruncate(string to)
    {
        File.Copy(Target, to);
        using var truncated = new FileStream(Target, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite);
    }
}
