using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace TelemetryPipeline.Fuzz;

/// <summary>The hash of what a parser said about an input: the same input must have the same outcome.</summary>
internal sealed class Outcome
{
    private readonly XxHash3 _hash = new();

    /// <summary>The hash so far.</summary>
    public ulong Value => _hash.GetCurrentHashAsUInt64();

    public void Clear() => _hash.Reset();

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        _hash.Append(bytes);
    }

    public void Add(string? text)
    {
        Add(text?.Length ?? -1);
        _hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
    }

    public void Add(long number) => _hash.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in number)));

    public void Add(double number) => Add(BitConverter.DoubleToInt64Bits(number));

    public void Add(bool value) => Add(value ? 1 : 0);
}
