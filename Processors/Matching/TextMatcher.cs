using TelemetryPipeline.Pipeline.Matching;

namespace TelemetryPipeline.Processors.Matching;

/// <summary>Whether a text is one of several, or matches one of several expressions. Immutable; matching does not allocate.</summary>
internal sealed class TextMatcher
{
    private readonly byte[][] _texts;
    private readonly Utf8Pattern[] _patterns;

    /// <summary>A matcher of any of the texts and expressions.</summary>
    /// <param name="texts">Whole texts in UTF-8.</param>
    /// <param name="patterns">Expressions that match somewhere in a text.</param>
    public TextMatcher(byte[][] texts, Utf8Pattern[] patterns)
    {
        _texts = texts;
        _patterns = patterns;
    }

    /// <summary>Whether one of them fits.</summary>
    /// <param name="utf8">The text.</param>
    public bool Matches(ReadOnlySpan<byte> utf8)
    {
        foreach (var text in _texts)
        {
            if (utf8.SequenceEqual(text))
            {
                return true;
            }
        }

        foreach (var pattern in _patterns)
        {
            if (pattern.IsMatch(utf8))
            {
                return true;
            }
        }

        return false;
    }
}
