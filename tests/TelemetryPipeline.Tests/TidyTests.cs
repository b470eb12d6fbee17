using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests;

/// <summary>Rules of the repository that a reader should be able to rely on.</summary>
public sealed partial class TidyTests
{
    private const int LinesMax = 400;
    private const int TestLinesMax = 600;

    // Spelt in two parts, or this file would be the first to break its own rule.
    private static readonly string[] LeftOvers = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:"];
    private static readonly string[] SkippedFolders = [".git", "artifacts", "node_modules", "data", "bin", "obj"];
    private static readonly string[] ForbiddenFolders = ["Core", "Common", "Shared", "Utils", "Helpers", "Debug", "Trace"];

    // What each shipped project may build on; tests, benchmarks and samples are free but for the samples' rule below.
    private static readonly Dictionary<string, string[]> AllowedReferences = new(StringComparer.Ordinal)
    {
        ["Otlp"] = [],
        ["Heatmap"] = ["Pipeline", "Otlp"],
        ["Attribution"] = ["Heatmap", "Pipeline", "Otlp"],
        ["Redis"] = ["Pipeline", "Otlp"],
        ["Pipeline"] = ["Otlp"],
        ["Receiver"] = ["Redis", "Pipeline", "Otlp"],
        ["Processors"] = ["Redis", "Pipeline", "Otlp"],
        ["Connectors"] = ["Pipeline", "Otlp"],
        ["Exporters"] = ["Redis", "Pipeline", "Otlp"],
        ["Extensions"] = ["Pipeline", "Otlp"],
        ["Dashboard"] = ["Heatmap", "Pipeline", "Otlp"],
        ["Collector"] =
        [
            "Otlp", "Pipeline", "Redis", "Receiver", "Processors", "Connectors", "Heatmap", "Attribution", "Exporters", "Extensions",
            "Dashboard",
        ],
        ["Instrumentation"] = [],
    };

    [Fact]
    public void ShippedProjects_ReferenceOnlyWhatTheLayoutAllows()
    {
        var wrong = new List<string>();
        foreach (var project in Files("*.csproj").Where(f => !IsSupport(f)))
        {
            var folder = Relative(project).Split('/')[0];
            if (!AllowedReferences.TryGetValue(folder, out var allowed))
            {
                wrong.Add($"{folder} is not in the layout: add it to {nameof(AllowedReferences)} and to ARCHITECTURE.md");
                continue;
            }

            wrong.AddRange(References(project).Except(allowed).Select(other => $"{folder} references {other}"));
        }

        AssertNone(wrong);
    }

    [Fact]
    public void Samples_ReferenceNothingButInstrumentation() =>
        AssertNone(Files("*.csproj").Where(f => Relative(f).StartsWith("samples/", StringComparison.Ordinal))
            .SelectMany(References).Where(r => r is not ("Instrumentation" or "samples")));

    [Fact]
    public void Solution_HoldsEveryProject()
    {
        var solution = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "TelemetryPipeline.sln")).Replace('\\', '/');
        AssertNone(Files("*.csproj").Select(Relative).Where(p => !solution.Contains($"\"{p}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void SourceFiles_StayWithinTheLengthLimit() =>
        AssertNone(Files("*.cs")
            .Select(file => (File: Relative(file), Lines: File.ReadLines(file).Count()))
            .Where(f => f.Lines > (IsTest(f.File) ? TestLinesMax : LinesMax))
            .Select(f => $"{f.File} has {f.Lines} lines"));

    [Fact]
    public void SourceFiles_HoldNoLeftOvers() =>
        AssertNone(
            from pattern in (string[])["*.cs", "*.md", "*.yaml", "*.py", "*.mjs", "*.go", "*.props", "*.csproj"]
            from file in Files(pattern)
            from leftOver in LeftOvers
            where File.ReadAllText(file).Contains(leftOver, StringComparison.Ordinal)
            select $"{Relative(file)} holds {leftOver}");

    [Fact]
    public void Folders_HaveNamesThatSaySomething() =>
        AssertNone(Files("*.cs").Select(f => Path.GetDirectoryName(Relative(f))!).Distinct()
            .Where(folder => folder.Split('/').Intersect(ForbiddenFolders).Any()));

    [Fact]
    public void MarkdownLinks_LeadToFilesThatExist()
    {
        var broken = new List<string>();
        foreach (var file in Files("*.md"))
        {
            foreach (Match link in LinkTarget().Matches(File.ReadAllText(file)))
            {
                var target = link.Groups["target"].Value.Split('#')[0];
                if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
                    && !Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, target)))
                {
                    broken.Add($"{Relative(file)} links to {target}");
                }
            }
        }

        AssertNone(broken);
    }

    private static void AssertNone(IEnumerable<string> wrong)
    {
        var all = wrong.ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference")
            .Select(r => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, r.Attribute("Include")!.Value.Replace('\\', '/'))))
            .Select(path => Relative(path).Split('/')[0]);

    private static IEnumerable<string> Files(string pattern) => Walk(RepositoryRoot.Path, pattern);

    private static IEnumerable<string> Walk(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern).Concat(
            Directory.EnumerateDirectories(folder)
                .Where(sub => !SkippedFolders.Contains(Path.GetFileName(sub)))
                .SelectMany(sub => Walk(sub, pattern)));

    private static string Relative(string path) => Path.GetRelativePath(RepositoryRoot.Path, path).Replace('\\', '/');

    private static bool IsTest(string path) => path.StartsWith("tests/", StringComparison.Ordinal);

    private static bool IsSupport(string path) => Relative(path) is var relative
        && (IsTest(relative) || relative.StartsWith("bench/", StringComparison.Ordinal) || relative.StartsWith("samples/", StringComparison.Ordinal));

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex LinkTarget();
}
