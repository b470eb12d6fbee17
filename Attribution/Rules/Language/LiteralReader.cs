using System.Globalization;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>Reads the values of comparisons.</summary>
/// <param name="errors">Takes the problems.</param>
internal sealed class LiteralReader(ConfigErrors errors)
{
    private const string KindPrefix = "SPAN_KIND_";
    private const int NsPerTick = 100;
    private const double FactorMin = 0.1;
    private const double FactorMax = 100;

    /// <summary>Reads <c>baseline.p99</c> or <c>2 * baseline.p99</c>; null where it is something else.</summary>
    /// <param name="node">The value.</param>
    public static Literal? Baseline(ConfigNode node)
    {
        var text = (node as ConfigScalar)?.Text ?? "";
        var factor = 1.0;
        var name = text;
        if (text.IndexOf('*', StringComparison.Ordinal) is var star and > 0)
        {
            name = text[(star + 1)..].Trim();
            if (!double.TryParse(text.AsSpan(0, star).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out factor)
                || factor is < FactorMin or > FactorMax)
            {
                return null;
            }
        }

        Quantile? quantile = name switch
        {
            "baseline.p50" => Quantile.P50,
            "baseline.p90" => Quantile.P90,
            "baseline.p95" => Quantile.P95,
            "baseline.p99" => Quantile.P99,
            _ => null,
        };
        return quantile is { } q ? new Literal(LiteralKind.Baseline, text, (long)q, factor) : null;
    }

    /// <summary>Reads a value.</summary>
    /// <param name="node">The value.</param>
    /// <param name="type">What it must be.</param>
    /// <param name="words">The words of a <see cref="FieldType.Word"/>.</param>
    /// <param name="path">The keys that lead to it.</param>
    /// <returns>Null where something is wrong, which was reported.</returns>
    public Literal? Read(ConfigNode node, FieldType type, IReadOnlyList<string> words, string path)
    {
        if (node is not ConfigScalar { Kind: not ScalarKind.Null } scalar)
        {
            return Refuse(node, path, "must be one value");
        }

        return type switch
        {
            FieldType.Any => OfAny(scalar, path),
            FieldType.Word => OfWord(scalar, words, path),
            FieldType.Duration => OfDuration(scalar, path),
            FieldType.Int => scalar.Int64 is { } whole
                ? new Literal(LiteralKind.Int, whole.ToString(CultureInfo.InvariantCulture), whole, whole)
                : Refuse(node, path, "must be a whole number"),
            FieldType.Bool => scalar.Kind == ScalarKind.Bool ? OfBool(scalar) : Refuse(node, path, "must be true or false"),
            _ => scalar.Kind == ScalarKind.Text
                ? new Literal(LiteralKind.Text, scalar.Text)
                : Refuse(node, path, "must be text (quote it to make it so)"),
        };
    }

    private static Literal OfBool(ConfigScalar scalar) => scalar.Text is ['t' or 'T', ..]
        ? new Literal(LiteralKind.Bool, "true", 1)
        : new Literal(LiteralKind.Bool, "false");

    private Literal? OfAny(ConfigScalar scalar, string path)
    {
        switch (scalar.Kind)
        {
            case ScalarKind.Text:
                return new Literal(LiteralKind.Text, scalar.Text);
            case ScalarKind.Bool:
                return OfBool(scalar);
            case ScalarKind.Int when scalar.Int64 is { } whole:
                return new Literal(LiteralKind.Int, whole.ToString(CultureInfo.InvariantCulture), whole, whole);
            case ScalarKind.Float when scalar.Number is { } real:
                return new Literal(LiteralKind.Float, real.ToString("R", CultureInfo.InvariantCulture), 0, real);
            default:
                return Refuse(scalar, path, "must be a text, a number or a boolean; whole numbers have 64 bits and no leading zero");
        }
    }

    private Literal? OfWord(ConfigScalar scalar, IReadOnlyList<string> words, string path)
    {
        var text = scalar.Text.StartsWith(KindPrefix, StringComparison.OrdinalIgnoreCase) ? scalar.Text[KindPrefix.Length..] : scalar.Text;
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i].Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return new Literal(LiteralKind.Text, words[i], i);
            }
        }

        var nearest = NearestWord.Find(text.ToUpperInvariant(), words);
        errors.Add(
            scalar.Position,
            path,
            $"must be one of {string.Join(", ", words)}, got {ConfigSection.Describe(scalar)}" + (nearest is null ? "" : $"; did you mean \"{nearest}\"?"));
        return null;
    }

    private Literal? OfDuration(ConfigScalar scalar, string path)
    {
        var hasUnit = scalar.Text.Length > 0 && (char.IsAsciiLetter(scalar.Text[^1]) || scalar.Text == "0");
        return hasUnit && GoDuration.TryParse(scalar.Text, out var duration) && Math.Abs(duration.Ticks) <= long.MaxValue / NsPerTick
            ? new Literal(LiteralKind.Duration, scalar.Text, duration.Ticks * NsPerTick)
            : Refuse(scalar, path, "must be a duration with its unit, such as 50ms or 1m30s, or for span.duration baseline.p50, p90, p95, p99 or a multiple (0.1 to 100) such as 2 * baseline.p99");
    }

    private Literal? Refuse(ConfigNode node, string path, string problem)
    {
        errors.Add(node.Position, path, $"{problem}, got {ConfigSection.Describe(node)}");
        return null;
    }
}
