using System.IO.Hashing;
using System.Text;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Service;

/// <summary>Tells whether the files of a configuration have changed, by looking at their contents.</summary>
/// <remarks>
/// Contents rather than file events or times: Kubernetes swaps a ConfigMap by renaming a directory's symbolic link, so
/// neither the path nor the file behind it changes, and network file systems send no events at all. The files are
/// small and looked at once a second.
/// </remarks>
public static class ConfigFiles
{
    /// <summary>A figure that differs when a file's content does, when it appears or when it goes.</summary>
    /// <param name="paths">The files.</param>
    public static ulong Fingerprint(IReadOnlyList<string> paths)
    {
        var hash = new XxHash64();
        foreach (var path in paths)
        {
            hash.Append(Encoding.UTF8.GetBytes(path));
            Append(hash, path);
        }

        return hash.GetCurrentHashAsUInt64();
    }

    private static void Append(XxHash64 hash, string path)
    {
        try
        {
            var content = BoundedFile.ReadAllBytes(path, YamlLimits.SourceLengthMax);
            hash.Append(content);

            // A length after each content, so that bytes moving from one file to the next are seen.
            hash.Append(BitConverter.GetBytes((long)content.Length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Why a file cannot be read is for the loader to report; that it cannot is a difference.
            hash.Append("unreadable"u8);
        }
    }
}
