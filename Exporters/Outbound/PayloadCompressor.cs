using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Compression;
using Snappier;
using ZstdSharp;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>Compresses payloads one way at one level. Thread-safe; disposing frees the kept compressors.</summary>
internal sealed class PayloadCompressor : IDisposable
{
    // Compressors kept for the next message: as many as can be at work at once on a machine of this size.
    private static readonly int KeptMax = 2 * Environment.ProcessorCount;

    private readonly ConcurrentBag<Compressor> _zstd = [];
    private readonly PayloadEncoding _encoding;
    private readonly ZLibCompressionOptions _zlib;
    private readonly int _level;
    private volatile bool _disposed;

    /// <summary>A compressor.</summary>
    /// <param name="encoding">The way.</param>
    /// <param name="level">The level in the terms of the way; 0 to 9 for gzip and zlib, 1 to 22 for zstd, unused for snappy.</param>
    public PayloadCompressor(PayloadEncoding encoding, int level)
    {
        _encoding = encoding;
        _level = level;
        _zlib = new ZLibCompressionOptions { CompressionLevel = Math.Clamp(level, 0, 9) };
    }

    /// <summary>The way it compresses.</summary>
    public PayloadEncoding Encoding => _encoding;

    /// <summary>Appends the compressed payload to a buffer.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="output">The buffer.</param>
    public void Compress(in Payload payload, PooledBuffer output)
    {
        switch (_encoding)
        {
            case PayloadEncoding.Gzip:
                WriteThrough(payload, new GZipStream(output, _zlib, leaveOpen: true));
                break;
            case PayloadEncoding.Zlib:
                WriteThrough(payload, new ZLibStream(output, _zlib, leaveOpen: true));
                break;
            case PayloadEncoding.SnappyFramed:
                WriteThrough(payload, new SnappyStream(output, CompressionMode.Compress, leaveOpen: true));
                break;
            case PayloadEncoding.SnappyBlock:
                CompressSnappyBlock(payload, output);
                break;
            case PayloadEncoding.Zstd:
                CompressZstd(payload, output);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        while (_zstd.TryTake(out var compressor))
        {
            compressor.Dispose();
        }
    }

    private static void WriteThrough(in Payload payload, Stream stream)
    {
        using (stream)
        {
            for (var i = 0; i < payload.PieceCount; i++)
            {
                stream.Write(payload[i].Span);
            }
        }
    }

    // A block starts with the length of the whole, so the pieces are brought together first.
    private static void CompressSnappyBlock(in Payload payload, PooledBuffer output)
    {
        if (payload.PieceCount == 1)
        {
            CompressSnappyBlock(payload[0].Span, output);
            return;
        }

        using var whole = new PooledBuffer(checked((int)payload.Length));
        for (var i = 0; i < payload.PieceCount; i++)
        {
            whole.Write(payload[i].Span);
        }

        CompressSnappyBlock(whole.WrittenSpan, output);
    }

    private static void CompressSnappyBlock(ReadOnlySpan<byte> whole, PooledBuffer output) =>
        output.Advance(Snappy.Compress(whole, output.GetSpan(Snappy.GetMaxCompressedLength(whole.Length))));

    private void CompressZstd(in Payload payload, PooledBuffer output)
    {
        if (!_zstd.TryTake(out var compressor))
        {
            compressor = new Compressor(_level);
        }

        for (var i = 0; i < payload.PieceCount; i++)
        {
            var last = i == payload.PieceCount - 1;
            var piece = payload[i].Span;
            OperationStatus status;
            do
            {
                status = compressor.WrapStream(
                    piece, output.GetSpan(Compressor.GetCompressBound(piece.Length)), out var consumed, out var written, last);
                output.Advance(written);
                piece = piece[consumed..];
            }
            while (status == OperationStatus.DestinationTooSmall || !piece.IsEmpty);
        }

        // Not returned after an exception: its state would be unknown.
        if (_disposed || _zstd.Count >= KeptMax)
        {
            compressor.Dispose();
        }
        else
        {
            _zstd.Add(compressor);
        }
    }
}
