namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Where a configuration or a value comes from: <c>scheme:rest</c>.</summary>
/// <param name="Scheme">A letter, then at least one letter, digit, <c>+</c>, <c>.</c> or <c>-</c>.</param>
/// <param name="Rest">What the scheme's provider is asked for.</param>
internal readonly record struct ConfigLocation(string Scheme, string Rest)
{
    /// <summary>Files.</summary>
    public const string File = "file";

    /// <summary>Environment variables.</summary>
    public const string Env = "env";

    /// <summary>YAML text in place.</summary>
    public const string Yaml = "yaml";

    /// <inheritdoc/>
    public override string ToString() => $"{Scheme}:{Rest}";

    /// <summary>Reads the value of <c>--config</c>: without a scheme, or with a drive letter, it is a file.</summary>
    /// <param name="text">The value.</param>
    /// <param name="location">The location.</param>
    public static bool TryParseSource(string text, out ConfigLocation location)
    {
        if (!text.Contains(':', StringComparison.Ordinal) || (text.Length > 1 && text[1] == ':' && char.IsAsciiLetter(text[0])))
        {
            location = new ConfigLocation(File, text);
            return true;
        }

        return TryParse(text, out location);
    }

    /// <summary>Reads a location that has a scheme.</summary>
    /// <param name="text">The text.</param>
    /// <param name="location">The location.</param>
    public static bool TryParse(string text, out ConfigLocation location)
    {
        location = default;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 2 || !char.IsAsciiLetter(text[0]))
        {
            return false;
        }

        foreach (var c in text.AsSpan(0, colon))
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '.' or '-'))
            {
                return false;
            }
        }

        location = new ConfigLocation(text[..colon], text[(colon + 1)..]);
        return true;
    }
}
