using System.Globalization;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Fuzz;

/// <summary>The command line.</summary>
internal sealed record Options
{
    public bool IsList { get; private set; }

    public string Target { get; private set; } = "all";

    public long Executions { get; private set; } = 100_000;

    public int Seed { get; private set; } = Random.Shared.Next();

    public string Corpus { get; private set; } = Path.Combine(RepositoryRoot.Path, "tests", "testdata", "fuzz");

    public string Findings { get; private set; } = Path.GetFullPath("findings");

    public int KeepCount { get; private set; }

    public int LengthMax { get; private set; } = 2048;

    public bool IsInstrumented { get; private set; } = true;

    /// <summary>Reads a command line.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="options">What it says.</param>
    /// <param name="problem">What is wrong with it; null where help is asked for.</param>
    public static bool TryParse(string[] arguments, out Options options, out string? problem)
    {
        options = new Options();
        problem = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is "-h" or "--help")
            {
                return false;
            }

            if (arguments[i] is "--list" or "--blind")
            {
                options.IsList |= arguments[i] == "--list";
                options.IsInstrumented &= arguments[i] != "--blind";
            }
            else if (i + 1 == arguments.Length || !options.TrySet(arguments[i], arguments[++i]))
            {
                problem = $"unknown option, or one without a valid value: {arguments[i]}";
                return false;
            }
        }

        return true;
    }

    private bool TrySet(string name, string value)
    {
        var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        switch (name)
        {
            case "--target":
                Target = value;
                return true;
            case "--corpus":
                Corpus = Path.GetFullPath(value);
                return true;
            case "--findings":
                Findings = Path.GetFullPath(value);
                return true;
            case "--executions":
                Executions = number;
                return isNumber;
            case "--seed":
                Seed = number;
                return isNumber;
            case "--keep":
                KeepCount = number;
                return isNumber;
            case "--max-length":
                LengthMax = number;
                return isNumber && number > 0;
            default:
                return false;
        }
    }
}
