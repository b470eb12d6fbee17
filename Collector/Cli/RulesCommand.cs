using TelemetryPipeline.Attribution.Rules;

namespace TelemetryPipeline.Collector.Cli;

/// <summary>The command <c>rules</c>: checks, tests and explains rules of the connector <c>anomaly_attribution</c>.</summary>
internal static class RulesCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "rules";

    private const string Known = "known are validate, test, explain, schema";

    /// <summary>Runs it.</summary>
    /// <param name="arguments">What follows <c>rules</c>.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="problems">Standard error.</param>
    /// <returns>Whether all is well.</returns>
    public static bool Run(ReadOnlySpan<string> arguments, TextWriter output, TextWriter problems)
    {
        var tool = new RulesTool(output, problems);
        switch (arguments)
        {
            case ["validate", .. var files] when HasNoFlags(files, problems):
                return tool.Validate(files.ToArray());
            case ["test", .. var files] when HasNoFlags(files, problems):
                return tool.Test(files.ToArray());
            case ["explain", .. var flags]:
                return Explain(tool, flags, problems);
            case ["schema"]:
                return tool.Schema();
            case ["help" or "--help" or "-h", ..]:
                output.Write(Usage.Text);
                return true;
            case ["validate" or "test", ..]:
                return false;
            case ["schema", ..]:
                problems.WriteLine("Error: rules schema takes no arguments");
                return false;
            default:
                problems.WriteLine(arguments.IsEmpty
                    ? $"Error: rules needs a command; {Known}"
                    : $"Error: unknown command \"rules {arguments[0]}\"; {Known}");
                return false;
        }
    }

    private static bool HasNoFlags(ReadOnlySpan<string> files, TextWriter problems)
    {
        foreach (var file in files)
        {
            if (file.StartsWith('-'))
            {
                problems.WriteLine($"Error: unknown flag: {file}; the arguments are files");
                return false;
            }
        }

        return true;
    }

    private static bool Explain(RulesTool tool, ReadOnlySpan<string> arguments, TextWriter problems)
    {
        var rules = new List<string>();
        string? trace = null;
        string? rule = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            var equal = arguments[i].IndexOf('=', StringComparison.Ordinal);
            var flag = equal < 0 ? arguments[i] : arguments[i][..equal];
            if (flag is not ("--rules" or "--trace" or "--rule"))
            {
                problems.WriteLine($"Error: unknown flag: {flag}; rules explain takes --rules FILE, --trace FILE and --rule ID");
                return false;
            }

            if (equal < 0 && i + 1 == arguments.Length)
            {
                problems.WriteLine($"Error: flag needs an argument: {flag}");
                return false;
            }

            var value = equal < 0 ? arguments[++i] : arguments[i][(equal + 1)..];
            switch (flag)
            {
                case "--rules":
                    rules.Add(value);
                    break;
                case "--trace":
                    trace = value;
                    break;
                default:
                    rule = value;
                    break;
            }
        }

        if (trace is null)
        {
            problems.WriteLine("Error: rules explain needs --trace FILE: spans as OTLP/JSON");
            return false;
        }

        return tool.Explain(rules, trace, rule);
    }
}
