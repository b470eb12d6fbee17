using System.Text;

namespace TelemetryPipeline.Processors.FieldEncryption.Policies;

/// <summary>A text in which <c>*</c> stands for any characters, also none. Immutable; matching does not allocate.</summary>
internal sealed class WildcardText
{
    private readonly byte[][] _parts;

    /// <summary>A pattern.</summary>
    /// <param name="pattern">The text.</param>
    public WildcardText(string pattern)
    {
        Pattern = pattern;
        _parts = Array.ConvertAll(pattern.Split('*'), Encoding.UTF8.GetBytes);
    }

    /// <summary>The text.</summary>
    public string Pattern { get; }

    /// <summary>Whether it is a text without wildcards.</summary>
    public bool IsExact => _parts.Length == 1;

    /// <summary>Whether a text fits.</summary>
    /// <param name="text">The text in UTF-8.</param>
    public bool Matches(ReadOnlySpan<byte> text)
    {
        if (IsExact)
        {
            return text.SequenceEqual(_parts[0]);
        }

        if (!text.StartsWith(_parts[0]))
        {
            return false;
        }

        // What is between wildcards is taken at its first occurrence, which leaves most for the rest.
        text = text[_parts[0].Length..];
        for (var i = 1; i < _parts.Length - 1; i++)
        {
            var at = text.IndexOf(_parts[i]);
            if (at < 0)
            {
                return false;
            }

            text = text[(at + _parts[i].Length)..];
        }

        return text.EndsWith(_parts[^1]);
    }
}
