namespace TelemetryPipeline.Processors.Matching;

/// <summary>
/// Finds the occurrences of one value in one text from left to right. The text is scanned once, however many occurrences
/// there are and however often the next one is asked for.
/// </summary>
internal struct Occurrences
{
    private int _next;
    private bool _isKnown;

    /// <summary>How many bytes were scanned.</summary>
    public long ScannedBytes { get; private set; }

    /// <summary>The place of the first occurrence at or after a place; <see cref="int.MaxValue"/> for none.</summary>
    /// <param name="from">The place; never less than in the call before.</param>
    /// <param name="text">The text, the same in all calls.</param>
    /// <param name="value">The value, the same in all calls; not empty.</param>
    public int NextFrom(int from, ReadOnlySpan<byte> text, ReadOnlySpan<byte> value)
    {
        if (!_isKnown || _next < from)
        {
            var at = text[from..].IndexOf(value);
            ScannedBytes += at < 0 ? text.Length - from : at + value.Length;
            _next = at < 0 ? int.MaxValue : from + at;
            _isKnown = true;
        }

        return _next;
    }
}
