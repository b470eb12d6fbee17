using System.Text;

namespace TelemetryPipeline.Transfers;

/// <summary>An attribute key in the two forms it is used in: text for configuration and maps, UTF-8 for OTLP bytes.</summary>
/// <param name="text">The key.</param>
public sealed class AttributeKey(string text)
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(text);

    /// <summary>The key as text.</summary>
    public string Text { get; } = text;

    /// <summary>The key in UTF-8.</summary>
    public ReadOnlySpan<byte> Utf8 => _utf8;

    /// <summary>The key as text.</summary>
    /// <param name="key">The key.</param>
    public static implicit operator string(AttributeKey key) => key.Text;

    /// <summary>The key in UTF-8.</summary>
    /// <param name="key">The key.</param>
    public static implicit operator ReadOnlySpan<byte>(AttributeKey key) => key._utf8;

    /// <inheritdoc/>
    public override string ToString() => Text;
}
