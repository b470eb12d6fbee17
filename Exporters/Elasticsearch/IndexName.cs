using System.Buffers;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Elasticsearch;

/// <summary>Reads names of indexes.</summary>
internal static class IndexName
{
    private const int LengthMax = 255;
    private const string Forbidden = "\\/*?\"<>| ,#:";

    private static readonly SearchValues<char> ForbiddenCharacters = SearchValues.Create(Forbidden);

    /// <summary>Reads a name.</summary>
    /// <param name="section">The section.</param>
    /// <param name="key">The key.</param>
    /// <returns>The name; null when nothing is set, or what is set was reported as wrong.</returns>
    public static string? Read(ConfigSection section, string key)
    {
        var name = section.Text(key);
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        if (name.Length > LengthMax || name is "." or ".." || name[0] is '-' or '_' or '+' || name.AsSpan().ContainsAny(ForbiddenCharacters)
            || HasUpperCase(name) || name.AsSpan().ContainsAnyInRange('\0', '\x1f'))
        {
            section.Error(
                key,
                $"must be the name of an index: lower case, up to {LengthMax} characters, not beginning with - _ + and without {Forbidden}, got \"{name}\"");
            return null;
        }

        return name;
    }

    private static bool HasUpperCase(string name)
    {
        foreach (var c in name)
        {
            if (char.IsUpper(c))
            {
                return true;
            }
        }

        return false;
    }
}
