using System.Text;

namespace TelemetryPipeline.Heatmap.Snapshots;

/// <summary>Reads the parts of a snapshot. Nothing throws: damaged bytes make every later answer false.</summary>
internal ref struct SnapshotReader(ReadOnlySpan<byte> bytes)
{
    private const int VarintSizeBytesMax = 10;
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public bool TryNumber(out ulong value)
    {
        value = 0;
        for (var at = 0; at < Math.Min(_rest.Length, VarintSizeBytesMax); at++)
        {
            value |= (ulong)(_rest[at] & 0x7F) << (7 * at);
            if (_rest[at] < 0x80)
            {
                _rest = _rest[(at + 1)..];
                return true;
            }
        }

        _rest = default;
        return false;
    }

    public bool TryBytes(out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!TryNumber(out var length) || length > (ulong)_rest.Length)
        {
            return false;
        }

        content = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return true;
    }

    public bool TryText(out string text)
    {
        var read = TryBytes(out var content);
        text = Encoding.UTF8.GetString(content);
        return read;
    }
}
