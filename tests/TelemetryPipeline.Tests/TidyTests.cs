using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TelemetryPipeline.Otlp;
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

    // The references of each shipped project, exactly; ARCHITECTURE.md explains them.
    private static readonly Dictionary<string, string[]> References = new(StringComparer.Ordinal)
    {
        ["Otlp"] = [],
        ["Pipeline"] = ["Otlp"],
        ["Redis"] = ["Otlp", "Pipeline"],
        ["Receiver"] = ["Otlp", "Pipeline", "Redis"],
        ["Transfers"] = ["Otlp"],
        ["Processors"] = ["Otlp", "Pipeline", "Redis", "Transfers"],
        ["Connectors"] = ["Otlp", "Pipeline"],
        ["Exporters"] = ["Otlp", "Pipeline", "Redis", "Transfers"],
        ["Extensions"] = ["Otlp", "Pipeline"],
        ["Heatmap"] = ["Otlp", "Pipeline", "Transfers"],
        ["Attribution"] = ["Otlp", "Pipeline", "Transfers"],
        ["Collector"] =
        [
            "Attribution", "Connectors", "Exporters", "Extensions", "Heatmap", "Otlp", "Pipeline", "Processors", "Receiver", "Redis",
        ],
    };

    // Files that may start a thread, a task or a timer of their own, and why an exception there ends nothing.
    private static readonly Dictionary<string, string> StartsOwnWork = new(StringComparer.Ordinal)
    {
        ["Pipeline/BackgroundWork.cs"] = "runs everybody's",
        ["Pipeline/BackgroundLoop.cs"] = "guards the timers",
        ["Pipeline/Configuration/BoundedFile.cs"] = "the thread hands its outcome to the reader that waits for it",
        ["Pipeline/Sending/SendingQueue.cs"] = "workers catch and report to their BackgroundLoop, without an allocation a batch",
        ["Pipeline/Sending/SendingQueue.Workers.cs"] = "see SendingQueue.cs",
        ["Pipeline/Sending/Durable/SegmentLog.Append.cs"] = "groups catch and report to their BackgroundLoop, without an allocation a batch",
        ["Pipeline/Listening/ConnectionAgeLimit.cs"] = "timers of one connection, which only end it",
        ["Pipeline/Graph/GraphBuilder.cs"] = "an outlet that was connected to nothing before completes at once",
        ["Attribution/Events/EventOutbox.cs"] = "an offer catches and reports to its BackgroundLoop",
        ["Receiver/Intake/BodyReader.cs"] = "a timer of one request, which only cancels it",
        ["Receiver/Intake/ForwardDeadline.cs"] = "a timer of one request, which only cancels it",
    };

    [Fact]
    public void ShippedProjects_ReferenceExactlyWhatTheLayoutSays() =>
        Assert.Equal(
            References.Select(p => $"{p.Key}: {string.Join(' ', p.Value)}").Order(StringComparer.Ordinal),
            Files("*.csproj").Where(f => !IsSupport(f))
                .Select(f => $"{Relative(f).Split('/')[0]}: {string.Join(' ', ReferencesOf(f).Order(StringComparer.Ordinal))}")
                .Order(StringComparer.Ordinal));

    // The compiler holds the rest: whoever decodes a field needs a type of Otlp.Wire.
    [Fact]
    public void FieldNumbers_StayInOtlp()
    {
        var otlp = typeof(OtlpChunk).Assembly;
        var wire = otlp.GetTypes().Where(static t => t is { Namespace: "TelemetryPipeline.Otlp.Wire", IsNested: false }).ToList();
        Assert.NotEmpty(wire);
        AssertNone(wire.Where(static t => t.IsPublic).Select(static t => t.FullName!));

        var friends = otlp.GetCustomAttributes<InternalsVisibleToAttribute>().Select(static a => a.AssemblyName.Split(',')[0]).ToList();
        Assert.Contains("TelemetryPipeline.Tests", friends);
        AssertNone(friends.Where(static f => References.Keys.Any(project => f == $"TelemetryPipeline.{project}")));
    }

    [Fact]
    public void Samples_ReferenceNothingOfOurs() =>
        AssertNone(Files("*.csproj").Where(f => Relative(f).StartsWith("samples/", StringComparison.Ordinal))
            .SelectMany(ReferencesOf).Where(r => r != "samples"));

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
    public void BackgroundWork_IsStartedNowhereElse() =>
        AssertNone(
            from file in Files("*.cs").Where(f => !IsSupport(f))
            where !StartsOwnWork.ContainsKey(Relative(file))
            from line in File.ReadLines(file).Select(static (text, index) => (Text: text, Number: index + 1))
            where UnsupervisedWork().IsMatch(line.Text)
            select $"{Relative(file)}:{line.Number} starts work that nothing supervises; use ComponentContext.Background: {line.Text.Trim()}");

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

    // Files with telemetry are for the owner only, which the base library's defaults are not.
    [Fact]
    public void ShippedProjects_CreateFilesOnlyWithPrivateFile() =>
        AssertNone(
            from file in Files("*.cs")
            where !IsSupport(file) && !Relative(file).StartsWith("Pipeline/Files/", StringComparison.Ordinal)
            from line in File.ReadLines(file)
            where CreatesFile().IsMatch(line) && !line.Contains("PrivateFile.", StringComparison.Ordinal)
            select $"{Relative(file)}: {line.Trim()}");

    private static void AssertNone(IEnumerable<string> wrong)
    {
        var all = wrong.ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    private static IEnumerable<string> ReferencesOf(string project) =>
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

    [GeneratedRegex(@"\bTask\.Run\(|Task\.Factory|new Thread\(|new Timer\(|new PeriodicTimer\(|(?<!ackground)\.CreateTimer\(|QueueUserWorkItem\(|\b_ = (?!_background\.)[\w.]+Async\(")]
    private static partial Regex UnsupervisedWork();

    [GeneratedRegex(@"FileMode\.(Create|CreateNew|OpenOrCreate|Append)\b|\bFile\.(Create|Write|Append)\w*\(|\bDirectory\.CreateDirectory\(")]
    private static partial Regex CreatesFile();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex LinkTarget();
}
