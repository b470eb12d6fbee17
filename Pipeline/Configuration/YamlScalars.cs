using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>What a YAML scalar is by the core schema (YAML 1.2.2, section 10.3).</summary>
internal static partial class YamlScalars
{
    /// <summary>The tag of a list.</summary>
    public const string ListTag = "tag:yaml.org,2002:seq";

    /// <summary>The tag of a map.</summary>
    public const string MapTag = "tag:yaml.org,2002:map";

    private const string TextTag = "tag:yaml.org,2002:str";
    private const string NullTag = "tag:yaml.org,2002:null";
    private const string BoolTag = "tag:yaml.org,2002:bool";
    private const string IntTag = "tag:yaml.org,2002:int";
    private const string FloatTag = "tag:yaml.org,2002:float";

    /// <summary>What plain text, without quotes and without a tag, is.</summary>
    /// <param name="text">The text.</param>
    public static ScalarKind KindOf(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ScalarKind.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ScalarKind.Bool,
        _ when IntPattern().IsMatch(text) => ScalarKind.Int,
        _ when FloatPattern().IsMatch(text) => ScalarKind.Float,
        _ => ScalarKind.Text,
    };

    /// <summary>What a scalar in a document is.</summary>
    /// <param name="scalar">The scalar.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="problem">Why its tag cannot be followed.</param>
    public static bool TryType(Scalar scalar, out ScalarKind kind, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        var plain = KindOf(scalar.Value);
        if (scalar.Tag.IsEmpty)
        {
            kind = scalar.Style == ScalarStyle.Plain ? plain : ScalarKind.Text;
            return true;
        }

        (kind, var fits) = scalar.Tag.IsNonSpecific ? (ScalarKind.Text, true) : scalar.Tag.Value switch
        {
            TextTag => (ScalarKind.Text, true),
            NullTag => (ScalarKind.Null, plain == ScalarKind.Null),
            BoolTag => (ScalarKind.Bool, plain == ScalarKind.Bool),
            IntTag => (ScalarKind.Int, plain == ScalarKind.Int),
            FloatTag => (ScalarKind.Float, plain is ScalarKind.Int or ScalarKind.Float),
            _ => (ScalarKind.Text, false),
        };
        problem = fits ? null : $"the tag {scalar.Tag} is not supported for \"{scalar.Value}\"";
        return fits;
    }

    [GeneratedRegex(@"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex IntPattern();

    [GeneratedRegex(
        @"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex FloatPattern();
}
