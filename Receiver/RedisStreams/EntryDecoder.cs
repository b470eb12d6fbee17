using System.Buffers;
using StackExchange.Redis;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Receiver.RedisStreams;

/// <summary>Makes a request of an entry.</summary>
internal static class EntryDecoder
{
    /// <summary>Reads an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="request">What it holds; default on a problem.</param>
    /// <param name="problem">Why it cannot be read: a label and a sentence.</param>
    public static bool TryDecode(in StreamEntry entry, out DecodedRequest request, out (string Reason, string Message) problem)
    {
        request = default;
        problem = default;
        var encoding = entry[EntryField.Encoding];
        if (encoding.IsNull && !entry[EntryField.Type].IsNull)
        {
            problem = ("flat_encoding", "flat entries are for people and queries; they do not hold all of an item, write otlp_proto to be read here");
            return false;
        }

        if (entry[EntryField.Version] != EntryField.CurrentVersion)
        {
            problem = ("unsupported_version", $"the field {EntryField.Version} must be {EntryField.CurrentVersion}");
            return false;
        }

        if (!TryReadSignal(entry[EntryField.Signal], out var signal))
        {
            problem = ("invalid_signal", $"the field {EntryField.Signal} must be traces, metrics or logs");
            return false;
        }

        if (encoding == EntryField.OtlpProto)
        {
            return TryReadProto(signal, entry, ref request, ref problem);
        }

        if (encoding == EntryField.OtlpJson)
        {
            return TryReadJson(signal, entry, ref request, ref problem);
        }

        problem = ("unsupported_encoding", $"the field {EntryField.Encoding} must be {EntryField.OtlpProto} or {EntryField.OtlpJson}");
        return false;
    }

    private static bool TryReadProto(
        Signal signal, in StreamEntry entry, ref DecodedRequest request, ref (string Reason, string Message) problem)
    {
        var data = (byte[]?)entry[EntryField.Data] ?? [];
        if (!OtlpRequest.TryValidate(signal, data, out var items, out var refused, out var error))
        {
            problem = ("malformed", $"not an OTLP request: {error.Problem} at byte {error.Offset}");
            return false;
        }

        if (refused is not null)
        {
            data = data[..OtlpRequest.RemoveRefused(data, refused)];
        }

        return TryMake(signal, entry, data, items, refused, ref request, ref problem);
    }

    private static bool TryReadJson(
        Signal signal, in StreamEntry entry, ref DecodedRequest request, ref (string Reason, string Message) problem)
    {
        var json = (byte[]?)entry[EntryField.Data] ?? [];
        var data = new ArrayBufferWriter<byte>(Math.Max(json.Length / 2, 1));
        if (!OtlpRequest.TryReadJson(signal, json, data, out var items, out var refused, out var error))
        {
            problem = ("malformed", $"not an OTLP/JSON request: {error.Problem} at byte {error.Offset}");
            return false;
        }

        return TryMake(signal, entry, data.WrittenSpan.ToArray(), items, refused, ref request, ref problem);
    }

    private static bool TryMake(
        Signal signal, in StreamEntry entry, byte[] data, int items, RefusedItems? refused, ref DecodedRequest request,
        ref (string Reason, string Message) problem)
    {
        // Unknown names of JSON are ignored, so data that says something else altogether reads as an empty request.
        if (items == 0 && refused is null && entry[EntryField.Items].TryParse(out long announced) && announced > 0)
        {
            problem = ("malformed", $"the field {EntryField.Items} says {announced}, the field {EntryField.Data} holds none");
            return false;
        }

        if (WorkingMemory.IndexBytes(signal, data, items) > WorkingMemory.IndexLimit(data.Length))
        {
            problem = (WorkingMemory.TooExpensive, $"{items} items in {data.Length} bytes need more memory than an entry of this length may take");
            return false;
        }

        request = new DecodedRequest(signal, items == 0 ? null : OtlpChunk.FromArray(signal, data, items), refused);
        return true;
    }

    private static bool TryReadSignal(RedisValue name, out Signal signal)
    {
        foreach (var candidate in SignalNames.All)
        {
            if (name == candidate.PipelineName())
            {
                signal = candidate;
                return true;
            }
        }

        signal = default;
        return false;
    }
}
