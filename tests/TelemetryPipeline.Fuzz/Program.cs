using System.Diagnostics;
using System.Globalization;

namespace TelemetryPipeline.Fuzz;

internal static class Program
{
    private const string Usage = """
        TelemetryPipeline.Fuzz [--list] [--target NAME|all] [--executions N] [--seed S] [--corpus DIR] [--findings DIR]
                               [--keep N] [--max-length BYTES] [--blind]

          --list         lists the targets
          --target       the target, or the beginning of the names of several (default: all)
          --executions   how often each target is run (default 100000)
          --seed         repeats a run (default: a new one, which is printed)
          --corpus       inputs to begin with, a folder a target (default tests/testdata/fuzz)
          --findings     where inputs that break an invariant are written (default ./findings)
          --keep         adds up to N inputs that pass new branches to the corpus
          --max-length   longest mutated input (default 2048)
          --blind        does not instrument the assemblies

        The exit code is 0 when nothing was found, 1 when something was, 2 when the command line is wrong.
        """;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    private static int Main(string[] arguments)
    {
        Coverage.Attach();
        if (!Options.TryParse(arguments, out var options, out var problem))
        {
            Console.Error.WriteLine(problem is null ? Usage : $"{problem}\n\n{Usage}");
            return problem is null ? 0 : 2;
        }

        if (options.IsInstrumented && !options.IsList && !Instrumentation.IsActive)
        {
            return Instrumentation.Rerun(arguments);
        }

        var found = 0;
        foreach (var target in FuzzTargets.All)
        {
            if (options.IsList)
            {
                Console.WriteLine(target.Name);
            }
            else if (options.Target == "all" || target.Name.StartsWith(options.Target, StringComparison.Ordinal))
            {
                found += Run(target, options);
            }
        }

        return found == 0 ? 0 : 1;
    }

    private static int Run(FuzzTarget target, Options options)
    {
        var campaign = new Campaign(target, options.Seed) { TimeLimit = TimeLimit, LengthMax = options.LengthMax };
        var begin = Stopwatch.GetTimestamp();
        campaign.Run(Corpus.Load(options.Corpus, target), options.Executions);
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{target.Name}: {campaign.Executions} executions, {campaign.Executions / seconds:0} a second, slowest {campaign.Slowest.TotalMilliseconds:0.0} ms, {campaign.Discoveries.Count} discoveries, {campaign.Findings.Count} findings, seed {options.Seed}"));
        foreach (var finding in campaign.Findings)
        {
            var file = Corpus.Save(options.Findings, target, "found", finding.Input);
            Console.WriteLine($"  {finding.Kind}\n    {file}\n{finding.Failure}");
        }

        // Later discoveries are rarer.
        for (var i = Math.Max(0, campaign.Discoveries.Count - options.KeepCount); i < campaign.Discoveries.Count; i++)
        {
            Corpus.Save(options.Corpus, target, "kept", campaign.Discoveries[i]);
        }

        return campaign.Findings.Count;
    }
}
