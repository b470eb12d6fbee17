using System.Buffers.Binary;

namespace TelemetryPipeline.Exporters.FileOutput;

/// <summary>Finds out how a file that is to be continued ends: a process that was killed may have left half a record.</summary>
internal static class RecordTail
{
    private const int LengthPrefixSize = 4;
    private const byte LineEnd = (byte)'\n';

    /// <summary>Brings a file of framed records to the end of its last whole record.</summary>
    /// <param name="file">The file, readable and writable.</param>
    /// <returns>Bytes of the half record that were cut off; 0 for none.</returns>
    public static long CutHalfRecord(FileStream file)
    {
        var length = file.Length;
        long end = 0;
        Span<byte> prefix = stackalloc byte[LengthPrefixSize];
        while (end + LengthPrefixSize <= length)
        {
            file.Position = end;
            file.ReadExactly(prefix);
            var next = end + LengthPrefixSize + BinaryPrimitives.ReadUInt32BigEndian(prefix);
            if (next > length)
            {
                break;
            }

            end = next;
        }

        if (end < length)
        {
            file.SetLength(end);
        }

        file.Position = end;
        return length - end;
    }

    /// <summary>Ends a line that was left open, so that the next record has a line of its own.</summary>
    /// <param name="file">The file, readable and writable.</param>
    /// <returns>Whether a line was open.</returns>
    public static bool EndOpenLine(FileStream file)
    {
        if (file.Length == 0)
        {
            return false;
        }

        file.Position = file.Length - 1;
        if (file.ReadByte() == LineEnd)
        {
            return false;
        }

        file.WriteByte(LineEnd);
        return true;
    }
}
