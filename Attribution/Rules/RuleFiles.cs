using System.Linq;
using System.Security.Cryptography;
using System.Text;
using TelemetryPipeline.Attribution.Rules.Compiling;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>Loads rule files; all of them are right, or none is used.</summary>
internal static class RuleFiles
{
    /// <summary>End of the names of test files, which are no rules and are left out where a pattern finds them.</summary>
    public const string TestSuffix = ".test.yaml";

    /// <summary>The longest rule file.</summary>
    public const int BytesMax = 4 * 1024 * 1024;

    private const int HashBytes = 16;

    /// <summary>Loads the rules that a setting names; without any, the shipped ones.</summary>
    /// <param name="patterns">Paths; the last part may have <c>*</c> and <c>?</c>.</param>
    /// <param name="slots">Where the keys that rules read are registered.</param>
    public static RuleLoadResult Load(IReadOnlyList<string> patterns, AttributeSlots slots)
    {
        var errors = new ConfigErrors();
        var files = Expand(patterns, errors);
        var texts = patterns.Count == 0 ? ShippedRuleFiles.Texts : ReadAll(files, errors);
        return Load(texts, files, slots, errors);
    }

    /// <summary>Loads rules from texts.</summary>
    /// <param name="texts">Names for positions, with their texts.</param>
    /// <param name="slots">Where the keys that rules read are registered.</param>
    public static RuleLoadResult LoadTexts(IReadOnlyList<(string Name, string Text)> texts, AttributeSlots slots) =>
        Load(texts, [], slots, new ConfigErrors());

    /// <summary>The files that patterns name, in their order, each once.</summary>
    /// <param name="patterns">Paths; the last part may have <c>*</c> and <c>?</c>.</param>
    /// <param name="errors">Takes the patterns that find nothing.</param>
    public static IReadOnlyList<string> Expand(IReadOnlyList<string> patterns, ConfigErrors errors)
    {
        var files = new List<string>();
        foreach (var pattern in patterns)
        {
            foreach (var file in Expand(pattern, errors))
            {
                if (!files.Contains(file, StringComparer.Ordinal))
                {
                    files.Add(file);
                }
            }
        }

        return files;
    }

    private static string[] Expand(string pattern, ConfigErrors errors)
    {
        var name = Path.GetFileName(pattern);
        if (name.AsSpan().IndexOfAny('*', '?') < 0)
        {
            return [Path.GetFullPath(pattern)];
        }

        var folder = Path.GetFullPath(Path.GetDirectoryName(pattern) is { Length: > 0 } parent ? parent : ".");
        try
        {
            string[] found =
            [
                .. Directory.EnumerateFiles(folder, name).Where(static file => !file.EndsWith(TestSuffix, StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal),
            ];
            if (found.Length == 0)
            {
                errors.Add(new SourcePosition(pattern, 1, 1), "", "no file has such a name");
            }

            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add(new SourcePosition(pattern, 1, 1), "", $"cannot be listed: {e.Message}");
            return [];
        }
    }

    private static List<(string Name, string Text)> ReadAll(IReadOnlyList<string> files, ConfigErrors errors)
    {
        var texts = new List<(string, string)>();
        foreach (var file in files)
        {
            try
            {
                texts.Add((file, BoundedFile.ReadAllText(file, BytesMax)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                errors.Add(new SourcePosition(file, 1, 1), "", $"cannot be read: {e.Message}");
            }
        }

        return texts;
    }

    private static RuleLoadResult Load(
        IReadOnlyList<(string Name, string Text)> texts, IReadOnlyList<string> files, AttributeSlots slots, ConfigErrors errors)
    {
        var drafts = new List<RuleDraft>();
        foreach (var (name, text) in texts)
        {
            if (YamlReader.TryRead(text, name, out var document, out var error))
            {
                drafts.AddRange(RuleReader.Read(document, errors));
            }
            else
            {
                errors.Add(error.Position, error.Path, error.Problem);
            }
        }

        var rules = RuleSetCompiler.Compile(drafts, slots, HashOf(texts), errors);
        return new RuleLoadResult { Rules = rules, Errors = errors.Sorted(), Files = files };
    }

    private static string HashOf(IReadOnlyList<(string Name, string Text)> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, text) in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, HashBytes));
    }
}
