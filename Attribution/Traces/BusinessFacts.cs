using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TelemetryPipeline.Attribution.Traces;

/// <summary>Whose transfer a trace is: the first value of each key that any of its spans brought.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct BusinessFacts
{
    /// <summary>Bytes of an order number or customer pseudonym that are kept.</summary>
    public const int TextSizeBytesMax = 64;

    private Text64 _orderNo;
    private Text64 _customerId;
    private byte _orderNoLength;
    private byte _customerIdLength;

    /// <summary>Numbers of <see cref="TraceNames.Keys"/>.</summary>
    public ushort Tenant;
    public ushort Channel;
    public ushort Currency;

    /// <summary>Minor units.</summary>
    public long Amount;
    public bool HasAmount;

    /// <summary><c>biz.order_no</c>; empty where unknown.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> OrderNo => ((ReadOnlySpan<byte>)_orderNo)[.._orderNoLength];

    /// <summary><c>biz.customer_id</c>; empty where unknown.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> CustomerId => ((ReadOnlySpan<byte>)_customerId)[.._customerIdLength];

    /// <summary>Whether nothing is left to learn.</summary>
    public readonly bool IsFull => KnownCount == 5;

    /// <summary>How many of the values are known.</summary>
    public readonly int KnownCount =>
        (_orderNoLength != 0 ? 1 : 0) + (_customerIdLength != 0 ? 1 : 0) + (Tenant != 0 ? 1 : 0)
        + (Channel != 0 ? 1 : 0) + (HasAmount ? 1 : 0);

    /// <summary>Sets the order number.</summary>
    /// <param name="text">UTF-8; one that is too long is left out, since a part of it would name another order.</param>
    public void SetOrderNo(ReadOnlySpan<byte> text) => _orderNoLength = Set(ref _orderNo, text);

    /// <summary>Sets the customer's pseudonym.</summary>
    /// <param name="text">UTF-8; one that is too long is left out.</param>
    public void SetCustomerId(ReadOnlySpan<byte> text) => _customerIdLength = Set(ref _customerId, text);

    private static byte Set(ref Text64 target, ReadOnlySpan<byte> text)
    {
        if (text.Length > TextSizeBytesMax)
        {
            return 0;
        }

        text.CopyTo(target);
        return (byte)text.Length;
    }

    [InlineArray(TextSizeBytesMax)]
    private struct Text64
    {
        private byte _first;
    }
}
