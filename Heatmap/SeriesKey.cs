using System.Text;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// The values of a series' dimensions in one run of bytes: for each dimension a byte, 0 where the value is missing,
/// else the length plus one, and then the value in UTF-8.
/// </summary>
internal static class SeriesKey
{
    /// <summary>Bytes of a value that count; longer ones are cut.</summary>
    public const int ValueSizeBytesMax = 200;

    /// <summary>Dimensions a heat map can have.</summary>
    public const int DimensionsMax = 8;

    /// <summary>Bytes of one value with its length.</summary>
    public const int Stride = ValueSizeBytesMax + 1;

    /// <summary>Reads the next value.</summary>
    /// <param name="key">The rest of the key; moves on.</param>
    /// <param name="value">The value in UTF-8.</param>
    /// <returns>False where the value is missing.</returns>
    public static bool TryReadValue(ref ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var length = key[0] - 1;
        value = length < 0 ? default : key.Slice(1, length);
        key = key[(1 + value.Length)..];
        return length >= 0;
    }

    /// <summary>Whether bytes from outside are a key of so many dimensions.</summary>
    public static bool IsValid(ReadOnlySpan<byte> key, int dimensions)
    {
        for (; dimensions > 0; dimensions--)
        {
            if (key.IsEmpty || key[0] > key.Length)
            {
                return false;
            }

            TryReadValue(ref key, out _);
        }

        return key.IsEmpty;
    }

    /// <summary>The dimensions that have a value, with it.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Values(ReadOnlySpan<byte> key, IReadOnlyList<HeatmapDimension> dimensions)
    {
        var values = new List<KeyValuePair<string, string>>(dimensions.Count);
        foreach (var dimension in dimensions)
        {
            if (TryReadValue(ref key, out var value))
            {
                values.Add(new(dimension.Name, Encoding.UTF8.GetString(value)));
            }
        }

        return values;
    }
}
