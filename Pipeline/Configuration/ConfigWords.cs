using System.Globalization;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>The words of error messages about settings.</summary>
internal static class ConfigWords
{
    // Long enough for an address or an expression; an error must stay one readable line.
    private const int ShownLengthMax = 200;

    /// <summary>A value in words for an error message.</summary>
    /// <param name="node">The value.</param>
    public static string Describe(ConfigNode node) => node switch
    {
        ConfigMap => "a map",
        ConfigList => "a list",
        ConfigScalar { Kind: ScalarKind.Null } => "null",
        ConfigScalar { Kind: ScalarKind.Text } scalar => $"\"{Shorten(scalar.Text)}\"",
        ConfigScalar scalar => Shorten(scalar.Text),
        _ => node.GetType().Name,
    };

    /// <summary>The beginning of a text, on one line, for an error message.</summary>
    /// <param name="text">The text.</param>
    public static string Shorten(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= ShownLengthMax ? line : $"{line.AsSpan(0, ShownLengthMax)}...";
    }

    /// <summary>A range in words that follow "must be a number".</summary>
    /// <param name="min">The least allowed.</param>
    /// <param name="max">The greatest allowed.</param>
    public static string Range(double min, double max) => (min, max) switch
    {
        (double.MinValue, double.MaxValue) => "",
        (_, double.MaxValue) => string.Create(CultureInfo.InvariantCulture, $", {min} or more"),
        (double.MinValue, _) => string.Create(CultureInfo.InvariantCulture, $", {max} or less"),
        _ => string.Create(CultureInfo.InvariantCulture, $" from {min} to {max}"),
    };

    /// <summary>A range in words that follow "must be a whole number".</summary>
    /// <param name="min">The least allowed.</param>
    /// <param name="max">The greatest allowed.</param>
    public static string Range(long min, long max) => (min, max) switch
    {
        (long.MinValue or int.MinValue, long.MaxValue or int.MaxValue) => "",
        (_, long.MaxValue or int.MaxValue) => $", {min} or more",
        (long.MinValue or int.MinValue, _) => $", {max} or less",
        _ => $" from {min} to {max}",
    };
}
