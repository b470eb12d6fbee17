using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Service;

namespace TelemetryPipeline.Collector.Cli;

/// <summary>Does what a command line asks for.</summary>
/// <param name="registry">The components of this build.</param>
/// <param name="output">Standard output.</param>
/// <param name="problems">Standard error.</param>
/// <param name="variable">Reads an environment variable; those of the process by default.</param>
/// <param name="input">Standard input; that of the process by default.</param>
internal sealed class CommandRunner(
    ComponentRegistry registry,
    TextWriter output,
    TextWriter problems,
    Func<string, string?>? variable = null,
    Func<Stream>? input = null)
{
    private const int Success = 0;
    private const int Failure = 1;

    /// <summary>Runs a command.</summary>
    /// <param name="arguments">The arguments without the name of the program.</param>
    /// <param name="cancellation">Ends a running collector.</param>
    /// <returns>The exit code: 0 for success, 1 for every error.</returns>
    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        if (arguments is [DecryptCommand.Name, .. var rest])
        {
            return await new DecryptCommand(registry, input ?? Console.OpenStandardInput, output, problems, variable)
                .RunAsync(rest, cancellation).ConfigureAwait(false);
        }

        if (arguments is [RulesCommand.Name, ..])
        {
            return RulesCommand.Run(arguments.AsSpan(1), output, problems) ? Success : Failure;
        }

        if (!CommandLineParser.TryParse(arguments, out var commandLine, out var error))
        {
            await problems.WriteLineAsync($"Error: {error}").ConfigureAwait(false);
            return Failure;
        }

        switch (commandLine.Verb)
        {
            case Verb.Run:
                return await new CollectorService(registry).RunAsync(commandLine.Sources, cancellation).ConfigureAwait(false);
            case Verb.Validate:
                return await ValidateAsync(commandLine).ConfigureAwait(false);
            case Verb.PrintConfig:
                return await PrintAsync(commandLine).ConfigureAwait(false);
            case Verb.Components:
                await output.WriteAsync(DocumentWriter.ToYaml(ComponentList.Of(registry))).ConfigureAwait(false);
                return Success;
            case Verb.Version:
                await output.WriteLineAsync($"{BuildInfo.Command} version {BuildInfo.Version}").ConfigureAwait(false);
                return Success;
            default:
                await output.WriteAsync(Usage.Text).ConfigureAwait(false);
                return Success;
        }
    }

    private async Task<int> ValidateAsync(CommandLine commandLine)
    {
        var result = new ConfigLoader(registry, variable).Load(commandLine.Sources);
        await ReportAsync(result).ConfigureAwait(false);
        if (result.Config is null)
        {
            return Failure;
        }

        if (GraphCheck.Build(result.Config) is { } problem)
        {
            await problems.WriteLineAsync($"Error: {problem}").ConfigureAwait(false);
            return Failure;
        }

        return Success;
    }

    private async Task<int> PrintAsync(CommandLine commandLine)
    {
        var result = new ConfigLoader(registry, variable).Load(commandLine.Sources);
        var isRefused = result.Document is null || (commandLine.ValidateFirst && result.Errors.Count > 0);
        await ReportAsync(isRefused || commandLine.ValidateFirst ? result : result with { Errors = [] }).ConfigureAwait(false);
        if (isRefused)
        {
            return Failure;
        }

        var document = commandLine.ShowSecrets ? result.Document! : Redaction.Apply(result.Document!, result.SecretPaths);
        var text = commandLine.AsJson ? DocumentWriter.ToJson(document) : DocumentWriter.ToYaml(document);
        await output.WriteAsync(text).ConfigureAwait(false);
        return Success;
    }

    private async Task ReportAsync(ConfigLoadResult result)
    {
        foreach (var warning in result.Warnings)
        {
            await problems.WriteLineAsync($"Warning: {warning}").ConfigureAwait(false);
        }

        foreach (var error in result.Errors)
        {
            await problems.WriteLineAsync($"Error: {error}").ConfigureAwait(false);
        }
    }
}
