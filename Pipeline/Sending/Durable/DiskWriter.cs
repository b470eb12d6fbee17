using Microsoft.Win32.SafeHandles;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>The calls that can fail because of the disk, in one place.</summary>
internal class DiskWriter
{
    public virtual void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset) =>
        RandomAccess.Write(file, buffers, offset);

    public virtual void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);
}
