using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.Attributes;

/// <summary>Carries actions out on the attributes of a node, in their order.</summary>
internal static class AttributeActions
{
    private const string MetadataPrefix = "metadata.";

    public static void Apply(IReadOnlyList<AttributeAction> actions, OtlpView view, int node, RequestMetadata? metadata)
    {
        for (var i = 0; i < actions.Count; i++)
        {
            var action = actions[i];
            switch (action.Kind)
            {
                case ActionKind.Delete:
                    Each(action, view, node, static (v, n, key) => v.RemoveAttribute(n, key));
                    break;
                case ActionKind.Hash:
                    Each(action, view, node, Hash);
                    break;
                case ActionKind.Extract:
                    Extract(action, view, node);
                    break;
                case ActionKind.Convert:
                    Convert(action, view, node);
                    break;
                default:
                    Set(action, view, node, metadata);
                    break;
            }
        }
    }

    private static void Set(AttributeAction action, OtlpView view, int node, RequestMetadata? metadata)
    {
        var present = view.TryGetAttribute(node, action.Key, out _);
        if ((action.Kind == ActionKind.Insert && present) || (action.Kind == ActionKind.Update && !present))
        {
            return;
        }

        if (action.Value is not null)
        {
            view.SetValue(node, action.Key, new AnyValueView(action.Value));
        }
        else if (action.FromAttribute is not null && view.TryGetAttribute(node, action.FromAttribute, out var source))
        {
            // The source may be in memory that the change moves.
            view.SetValue(node, action.Key, new AnyValueView(source.Encoded.ToArray()));
        }
        else if (action.FromContext is not null && FromContext(action.FromContext, metadata) is { } text)
        {
            view.SetText(node, action.Key, Encoding.UTF8.GetBytes(text));
        }
        else if (action.DefaultValue is not null)
        {
            view.SetValue(node, action.Key, new AnyValueView(action.DefaultValue));
        }
    }

    private static string? FromContext(string name, RequestMetadata? metadata)
    {
        var header = name.StartsWith(MetadataPrefix, StringComparison.Ordinal) ? name[MetadataPrefix.Length..] : name;
        return metadata?.Get(header) is { Count: > 0 } values ? string.Join(';', values) : null;
    }

    private static void Each(AttributeAction action, OtlpView view, int node, Action<OtlpView, int, byte[]> change)
    {
        if (action.Key.Length > 0)
        {
            change(view, node, action.Key);
        }

        if (action.Pattern is null)
        {
            return;
        }

        // Collected first: the walk does not survive a change.
        List<byte[]>? keys = null;
        foreach (var attribute in view.Attributes(node))
        {
            if (action.Pattern.IsMatch(attribute.Key))
            {
                (keys ??= []).Add(attribute.Key.ToArray());
            }
        }

        foreach (var key in keys ?? [])
        {
            change(view, node, key);
        }
    }

    private static void Hash(OtlpView view, int node, byte[] key)
    {
        if (!view.TryGetAttribute(node, key, out var value))
        {
            return;
        }

        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(
            number, value.Kind == AnyValueKind.Double ? BitConverter.DoubleToInt64Bits(value.Double) : value.Int);
        var content = value.Kind switch
        {
            AnyValueKind.Text => value.Text,
            AnyValueKind.Bool => value.Bool ? [1] : [0],
            AnyValueKind.Int or AnyValueKind.Double => number,
            _ => TextOf(value),
        };
        if (content.IsEmpty)
        {
            view.SetText(node, key, default);
            return;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        Span<byte> hex = stackalloc byte[SHA256.HashSizeInBytes * 2];
        System.Convert.TryToHexStringLower(hash, hex, out _);
        view.SetText(node, key, hex);
    }

    private static void Extract(AttributeAction action, OtlpView view, int node)
    {
        if (!view.TryGetAttribute(node, action.Key, out var value) || value.Kind != AnyValueKind.Text
            || !action.Pattern!.IsMatch(value.Text) || action.Pattern.Match(value.Text) is not { } places)
        {
            return;
        }

        // The value may be in memory that a change moves.
        var text = value.Text.ToArray();
        for (var i = 1; i < places.Length; i++)
        {
            view.SetText(node, Encoding.UTF8.GetBytes(action.Pattern.GroupNames[i - 1]), text.AsSpan(places[i] ?? ..0));
        }
    }

    private static void Convert(AttributeAction action, OtlpView view, int node)
    {
        if (!view.TryGetAttribute(node, action.Key, out var value) || value.Kind == action.ConvertedType)
        {
            return;
        }

        switch (action.ConvertedType)
        {
            case AnyValueKind.Text:
                view.SetText(node, action.Key, TextOf(value));
                break;
            case AnyValueKind.Int when ToInt(value) is { } whole:
                view.SetInt(node, action.Key, whole);
                break;
            case AnyValueKind.Double when ToDouble(value) is { } real:
                view.SetDouble(node, action.Key, real);
                break;
            default:
                break;
        }
    }

    private static long? ToInt(AnyValueView value) => value.Kind switch
    {
        AnyValueKind.Double => (long)value.Double,
        AnyValueKind.Bool => value.Bool ? 1 : 0,
        AnyValueKind.Text when long.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) => n,
        _ => null,
    };

    private static double? ToDouble(AnyValueView value) => value.Kind switch
    {
        AnyValueKind.Int => value.Int,
        AnyValueKind.Bool => value.Bool ? 1 : 0,
        AnyValueKind.Text when double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) => n,
        _ => null,
    };

    private static ReadOnlySpan<byte> TextOf(AnyValueView value)
    {
        var text = new ArrayBufferWriter<byte>();
        value.WriteText(text);
        return text.WrittenSpan;
    }
}
