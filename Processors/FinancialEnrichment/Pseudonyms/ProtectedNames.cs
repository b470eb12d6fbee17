using System.Linq;
using System.Text;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>Names of attributes whose values are replaced. Immutable.</summary>
internal sealed class ProtectedNames
{
    private readonly byte[][] _names;

    // Those that hold no other: each occurrence of any name is counted once.
    private readonly byte[][] _shortest;

    /// <summary>A set of names.</summary>
    /// <param name="names">The names.</param>
    public ProtectedNames(IReadOnlyList<string> names)
    {
        _names = [.. names.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)];
        _shortest = [.. _names.Where(name => !Array.Exists(_names, other => other.Length < name.Length && name.AsSpan().IndexOf(other) >= 0))];
    }

    /// <summary>Whether a key is one of the names.</summary>
    /// <param name="key">The key in UTF-8.</param>
    public bool Contains(ReadOnlySpan<byte> key)
    {
        foreach (var name in _names)
        {
            if (key.SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How often the names are in a message.</summary>
    /// <param name="message">The encoded message.</param>
    public int CountIn(ReadOnlySpan<byte> message)
    {
        var count = 0;
        foreach (var name in _shortest)
        {
            count += message.Count(name);
        }

        return count;
    }
}
