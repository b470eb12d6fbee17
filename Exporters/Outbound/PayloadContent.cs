using System.Buffers;
using System.Buffers.Binary;
using System.Net;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>
/// A request body written straight from the pieces of a payload, with gRPC's five-byte prefix where asked for.
/// </summary>
/// <remarks>
/// HTTP/2 sends frames of at most 16 KiB and pays for each one, so small pieces are gathered to full frames (a batch of
/// 8192 one-span requests would otherwise be 8192 frames) and long pieces are written from where they lie.
/// </remarks>
internal sealed class PayloadContent : HttpContent
{
    /// <summary>Length of the prefix of a gRPC message: a flag for compression and the message's length.</summary>
    public const int GrpcPrefixLength = 5;

    // The payload of a DATA frame of the default maximum size (RFC 9113, 4.2).
    private const int FrameSize = 16384;

    private readonly Payload _payload;
    private readonly bool _grpcPrefix;
    private readonly Lock _lock = new();
    private TaskCompletionSource? _idle;
    private int _writers;
    private bool _closed;

    /// <summary>A body.</summary>
    /// <param name="payload">What to write; borrowed until the request is over.</param>
    /// <param name="grpcPrefix">Whether the prefix of an uncompressed gRPC message goes in front.</param>
    public PayloadContent(in Payload payload, bool grpcPrefix)
    {
        _payload = payload;
        _grpcPrefix = grpcPrefix;
    }

    /// <summary>
    /// Waits until nobody reads the payload any more. An answer may come before the body is sent, and the handler then
    /// goes on writing in the background: the payload's memory must not go back to its pool before that has ended.
    /// Call it after the response was disposed of, which ends such a write.
    /// </summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            if (_writers == 0)
            {
                return Task.CompletedTask;
            }

            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _payload.Length + (_grpcPrefix ? GrpcPrefixLength : 0);
        return true;
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Enter();
        var gathered = ArrayPool<byte>.Shared.Rent(FrameSize);
        try
        {
            var used = 0;
            if (_grpcPrefix)
            {
                gathered[0] = 0;
                BinaryPrimitives.WriteUInt32BigEndian(gathered.AsSpan(1), checked((uint)_payload.Length));
                used = GrpcPrefixLength;
            }

            for (var i = 0; i < _payload.PieceCount; i++)
            {
                used = await WriteAsync(stream, _payload[i], gathered, used, cancellationToken).ConfigureAwait(false);
            }

            if (used > 0)
            {
                await stream.WriteAsync(gathered.AsMemory(0, used), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(gathered);
            Leave();
        }
    }

    // Short pieces complete without a task: nothing is allocated for them.
    private static async ValueTask<int> WriteAsync(
        Stream stream, ReadOnlyMemory<byte> rest, byte[] gathered, int used, CancellationToken cancellation)
    {
        while (!rest.IsEmpty)
        {
            if (used == 0 && rest.Length >= FrameSize)
            {
                var whole = rest.Length - (rest.Length % FrameSize);
                await stream.WriteAsync(rest[..whole], cancellation).ConfigureAwait(false);
                rest = rest[whole..];
                continue;
            }

            var count = Math.Min(rest.Length, FrameSize - used);
            rest.Span[..count].CopyTo(gathered.AsSpan(used));
            used += count;
            rest = rest[count..];
            if (used == FrameSize)
            {
                await stream.WriteAsync(gathered.AsMemory(0, used), cancellation).ConfigureAwait(false);
                used = 0;
            }
        }

        return used;
    }

    private void Enter()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _writers++;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_writers == 0)
            {
                _idle?.TrySetResult();
            }
        }
    }
}
