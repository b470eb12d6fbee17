using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>A secret that stands in the settings or in a file, which is read again before each use. Immutable.</summary>
/// <param name="Value">The secret itself; null where it is in a file.</param>
/// <param name="File">The file; null where the secret is in the settings.</param>
internal sealed record SecretSource(Secret? Value, string? File)
{
    private const int BytesMax = 64 * 1024;

    /// <summary>Reads <c>KEY</c> and <c>KEY_file</c>, of which one may be there.</summary>
    /// <param name="section">The section.</param>
    /// <param name="key">The key of the secret itself.</param>
    /// <returns>Null when neither is there.</returns>
    public static SecretSource? Read(ConfigSection section, string key)
    {
        var value = section.Secret(key);
        var file = section.Text(key + "_file");
        if (value is not null && file is not null)
        {
            section.Error(key, $"must not be set together with {key}_file");
        }

        if (file is "")
        {
            section.Error(key + "_file", "must not be empty, got \"\"");
        }

        if (value?.Reveal() is "")
        {
            section.Error(key, "must not be empty; is the variable set that it comes from?");
        }

        return value is null && file is null ? null : new SecretSource(value, file);
    }

    /// <summary>The secret as it is now.</summary>
    /// <param name="secret">The secret, without the line break at the end of the file.</param>
    /// <param name="problem">Why it cannot be read.</param>
    public bool TryRead(out string secret, out string problem)
    {
        secret = Value?.Reveal() ?? "";
        problem = "";
        if (File is null)
        {
            return true;
        }

        try
        {
            var length = new FileInfo(File).Length;
            secret = length <= BytesMax ? BoundedFile.ReadAllText(File, BytesMax).Trim() : "";
            problem = secret.Length > 0 ? ""
                : length > BytesMax ? $"{File} has {length} bytes, too many for a secret" : $"{File} is empty";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = $"cannot read {File}: {e.Message}";
        }

        return problem.Length == 0;
    }
}
