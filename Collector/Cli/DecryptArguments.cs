using System.Diagnostics.CodeAnalysis;

namespace TelemetryPipeline.Collector.Cli;

/// <summary>The arguments of <c>decrypt</c>.</summary>
internal sealed record DecryptArguments
{
    /// <summary>Flag <c>--keys</c>: files with keys.</summary>
    public IReadOnlyList<string> KeyFiles { get; init; } = [];

    /// <summary>Flag <c>--config</c>: configurations whose processors have the keys.</summary>
    public IReadOnlyList<string> Configs { get; init; } = [];

    /// <summary>Flag <c>--tenant</c>; null for the one that the data names.</summary>
    public string? Tenant { get; init; }

    /// <summary>Flag <c>--field</c>.</summary>
    public string? Field { get; init; }

    /// <summary>Values to decrypt; none for OTLP/JSON on standard input.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Reads the arguments.</summary>
    /// <param name="arguments">Those after <c>decrypt</c>.</param>
    /// <param name="parsed">What they say.</param>
    /// <param name="error">What is wrong with them.</param>
    public static bool TryParse(
        ReadOnlySpan<string> arguments, [NotNullWhen(true)] out DecryptArguments? parsed, [NotNullWhen(false)] out string? error)
    {
        var keys = new List<string>();
        var configs = new List<string>();
        var values = new List<string>();
        string? tenant = null;
        string? field = null;
        error = null;
        for (var i = 0; i < arguments.Length && error is null; i++)
        {
            var equal = arguments[i].IndexOf('=', StringComparison.Ordinal);
            var flag = equal < 0 ? arguments[i] : arguments[i][..equal];
            if (!flag.StartsWith('-'))
            {
                values.Add(arguments[i]);
                continue;
            }

            if (flag is not ("--keys" or "--config" or "--tenant" or "--field"))
            {
                error = $"unknown flag: {flag}; decrypt has --keys, --config, --tenant, --field";
                break;
            }

            if (equal < 0 && i + 1 == arguments.Length)
            {
                error = $"flag needs an argument: {flag}";
                break;
            }

            var value = equal < 0 ? arguments[++i] : arguments[i][(equal + 1)..];
            switch (flag)
            {
                case "--keys":
                    keys.Add(value);
                    break;
                case "--config":
                    configs.Add(value);
                    break;
                case "--tenant":
                    tenant = value;
                    break;
                default:
                    field = value;
                    break;
            }
        }

        parsed = new DecryptArguments { KeyFiles = keys, Configs = configs, Tenant = tenant, Field = field, Values = values };
        error ??= parsed.Check();
        return error is null;
    }

    private string? Check()
    {
        if (KeyFiles.Count + Configs.Count == 0)
        {
            return "decrypt needs --keys FILE or --config SOURCE";
        }

        return (Values.Count, Field) switch
        {
            ( > 0, null) => "decrypt needs --field with values, and --tenant where they belong to one: a value is bound to both",
            (0, not null) => "--field is for values on the command line; a request on standard input names its fields",
            _ => null,
        };
    }
}
