using System.Runtime.InteropServices;
using TelemetryPipeline.Otlp.Schema;

namespace TelemetryPipeline.Otlp;

/// <summary>A resource, scope, metric or item of a request, and where its bytes are. Nodes are in preorder.</summary>
[StructLayout(LayoutKind.Auto)]
public struct OtlpNode : IEquatable<OtlpNode>
{
    /// <summary>What it is.</summary>
    public OtlpNodeKind Kind { get; internal init; }

    /// <summary>Index of the node that holds it; -1 for resource envelopes.</summary>
    public int Parent { get; internal init; }

    /// <summary>Index of the first node after this one and everything inside it.</summary>
    public int Next { get; internal set; }

    /// <summary>Items before this node, which is the ordinal of its first item where it has any.</summary>
    public int FirstItem { get; internal init; }

    /// <summary>For a resource or scope envelope, the index of its resource or scope; else -1.</summary>
    public int Content { get; internal set; }

    /// <summary>Offset of the node's tag in the chunk.</summary>
    internal int HeaderOffset { get; init; }

    /// <summary>Offset of the node's content; equal to <see cref="HeaderOffset"/> for a node that the sender left out.</summary>
    internal int BodyOffset { get; init; }

    /// <summary>Length of the content in bytes.</summary>
    internal int Length { get; init; }

    /// <summary>The message type.</summary>
    internal MessageKind Message { get; init; }

    /// <summary>Offset behind the node's last byte.</summary>
    internal readonly int End => BodyOffset + Length;

    /// <summary>Bytes of tag, length and content.</summary>
    internal readonly int TotalLength => BodyOffset + Length - HeaderOffset;

    /// <summary>Whether the sender left the node out, so that it has no bytes.</summary>
    internal readonly bool Absent => BodyOffset == HeaderOffset;

    /// <summary>Whether two nodes are at the same place.</summary>
    public static bool operator ==(OtlpNode left, OtlpNode right) => left.Equals(right);

    /// <summary>Whether two nodes are at different places.</summary>
    public static bool operator !=(OtlpNode left, OtlpNode right) => !left.Equals(right);

    /// <inheritdoc/>
    public readonly bool Equals(OtlpNode other) =>
        Message == other.Message && HeaderOffset == other.HeaderOffset && Length == other.Length;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is OtlpNode other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Message, HeaderOffset, Length);
}
