using System.Diagnostics.CodeAnalysis;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Collector.Cli;

/// <summary>Reads the arguments of the executable.</summary>
internal sealed class CommandLineParser
{
    private readonly List<string> _configs = [];
    private readonly List<string> _sets = [];
    private readonly string[] _arguments;
    private int _next;
    private CommandLine _result = new();
    private Verb? _verb;
    private string? _error;

    private CommandLineParser(string[] arguments) => _arguments = arguments;

    /// <summary>Reads a command line.</summary>
    /// <param name="arguments">The arguments without the name of the program.</param>
    /// <param name="commandLine">What they say.</param>
    /// <param name="error">What is wrong with them.</param>
    public static bool TryParse(
        string[] arguments, [NotNullWhen(true)] out CommandLine? commandLine, [NotNullWhen(false)] out string? error)
    {
        var parser = new CommandLineParser(arguments);
        while (parser._next < arguments.Length && parser._error is null)
        {
            parser.ReadOne(arguments[parser._next++]);
        }

        error = parser._error;
        commandLine = error is null
            ? parser._result with
            {
                Verb = parser._verb ?? Verb.Run,
                Sources = new ConfigSources { Configs = parser._configs, Sets = parser._sets },
            }
            : null;
        return error is null;
    }

    private void ReadOne(string argument)
    {
        if (!argument.StartsWith('-'))
        {
            ReadVerb(argument);
            return;
        }

        var equal = argument.IndexOf('=', StringComparison.Ordinal);
        var flag = equal < 0 ? argument : argument[..equal];
        var value = equal < 0 ? null : argument[(equal + 1)..];
        switch (flag)
        {
            case "--config":
                _configs.Add(Value(flag, value));
                break;
            case "--set":
                _sets.Add(Value(flag, value));
                break;
            case "--feature-gates":
                _error ??= FeatureGates.Check(Value(flag, value));
                break;
            case "--help" or "-h":
                _verb = Verb.Help;
                break;
            case "--version" or "-v":
                _verb ??= Verb.Version;
                break;
            default:
                ReadPrintFlag(flag, value);
                break;
        }
    }

    private void ReadVerb(string argument)
    {
        Verb? verb = argument switch
        {
            "validate" => Verb.Validate,
            "components" => Verb.Components,
            "print-config" or "print-initial-config" => Verb.PrintConfig,
            "help" => Verb.Help,
            _ => null,
        };
        if (verb is null || _verb is not (null or Verb.Help or Verb.Version))
        {
            _error = $"unknown command \"{argument}\"; known are validate, components, print-config, decrypt, rules, help";
        }
        else
        {
            _verb ??= verb;
        }
    }

    private void ReadPrintFlag(string flag, string? value)
    {
        if (_verb != Verb.PrintConfig || flag is not ("--mode" or "--format" or "--validate"))
        {
            _error = $"unknown flag: {flag}; --help lists them";
            return;
        }

        // A flag that is true or false takes its value after an equal sign only.
        var text = (flag == "--validate" ? value ?? "true" : Value(flag, value)).ToLowerInvariant();
        switch ((flag, text))
        {
            case ("--mode", "redacted" or "unredacted"):
                _result = _result with { ShowSecrets = text == "unredacted" };
                break;
            case ("--format", "yaml" or "json"):
                _result = _result with { AsJson = text == "json" };
                break;
            case ("--validate", "true" or "false"):
                _result = _result with { ValidateFirst = text == "true" };
                break;
            default:
                var allowed = flag switch
                {
                    "--mode" => "redacted, unredacted",
                    "--format" => "yaml, json",
                    _ => "true, false",
                };
                _error ??= $"invalid value \"{text}\" for {flag}: must be one of {allowed}";
                break;
        }
    }

    private string Value(string flag, string? value)
    {
        if (value is not null)
        {
            return value;
        }

        if (_next < _arguments.Length)
        {
            return _arguments[_next++];
        }

        _error ??= $"flag needs an argument: {flag}";
        return "";
    }
}
