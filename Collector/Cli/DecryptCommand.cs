using System.Linq;
using System.Text;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.FieldEncryption;

namespace TelemetryPipeline.Collector.Cli;

/// <summary>
/// <c>decrypt</c>: prints the plain form of values that <c>field_encryption</c> has encrypted, or copies OTLP/JSON lines with
/// values decrypted. Keys are never printed.
/// </summary>
/// <param name="registry">The components of this build.</param>
/// <param name="input">Standard input.</param>
/// <param name="output">Standard output.</param>
/// <param name="problems">Standard error.</param>
/// <param name="variable">Reads an environment variable; those of the process by default.</param>
internal sealed class DecryptCommand(
    ComponentRegistry registry, Func<Stream> input, TextWriter output, TextWriter problems, Func<string, string?>? variable)
{
    /// <summary>The word that asks for it.</summary>
    public const string Name = "decrypt";

    /// <summary>Runs it.</summary>
    /// <param name="arguments">The arguments after <see cref="Name"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The exit code: 0 when everything was decrypted, else 1.</returns>
    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        if (Array.Exists(arguments, static a => a is "--help" or "-h"))
        {
            await output.WriteAsync(Usage.Text).ConfigureAwait(false);
            return 0;
        }

        if (!DecryptArguments.TryParse(arguments, out var parsed, out var error))
        {
            return await FailAsync(error).ConfigureAwait(false);
        }

        if (await ReadKeysAsync(parsed).ConfigureAwait(false) is not { } configs)
        {
            return 1;
        }

        try
        {
            using var decryption = FieldDecryption.Open(configs);
            return parsed.Values.Count > 0
                ? await DecryptValuesAsync(decryption, parsed, cancellation).ConfigureAwait(false)
                : await DecryptLinesAsync(decryption, parsed.Tenant, cancellation).ConfigureAwait(false);
        }
        catch (ComponentStartException e)
        {
            return await FailAsync(e.Message).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<FieldEncryptionConfig>?> ReadKeysAsync(DecryptArguments parsed)
    {
        var configs = new List<FieldEncryptionConfig>();
        var errors = new List<string>();
        foreach (var file in parsed.KeyFiles)
        {
            if (FieldDecryption.ReadKeysFile(file, out var wrong) is { } config)
            {
                configs.Add(config);
            }

            errors.AddRange(wrong);
        }

        if (parsed.Configs.Count > 0)
        {
            var result = new ConfigLoader(registry, variable).Load(new ConfigSources { Configs = parsed.Configs });
            errors.AddRange(result.Errors.Select(static e => e.ToString()));
            var plans = result.Config?.Processors.Values.Select(static p => p.Plan).OfType<ComponentPlan<CreateProcessor, FieldEncryptionConfig>>();
            configs.AddRange(plans?.Select(static plan => plan.Config) ?? []);
        }

        if (errors.Count == 0 && configs.Count == 0)
        {
            errors.Add("the configuration has no processor field_encryption");
        }

        foreach (var error in errors)
        {
            await problems.WriteLineAsync($"Error: {error}").ConfigureAwait(false);
        }

        return errors.Count == 0 ? configs : null;
    }

    private async Task<int> DecryptValuesAsync(FieldDecryption decryption, DecryptArguments parsed, CancellationToken cancellation)
    {
        var code = 0;
        for (var i = 0; i < parsed.Values.Count; i++)
        {
            var (text, problem) = await decryption.DecryptAsync(parsed.Values[i], parsed.Tenant ?? "", parsed.Field!, cancellation).ConfigureAwait(false);
            if (text is null)
            {
                code = await FailAsync($"value {i + 1}: {problem}").ConfigureAwait(false);
            }
            else
            {
                await output.WriteLineAsync(text).ConfigureAwait(false);
            }
        }

        return code;
    }

    private async Task<int> DecryptLinesAsync(FieldDecryption decryption, string? tenant, CancellationToken cancellation)
    {
        var code = 0;
        using var lines = new StreamReader(input(), Encoding.UTF8);
        for (var number = 1; await lines.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            var (json, wrong) = await decryption.DecryptRequestAsync(Encoding.UTF8.GetBytes(line), tenant, cancellation).ConfigureAwait(false);
            foreach (var problem in wrong)
            {
                code = await FailAsync($"line {number}: {problem}").ConfigureAwait(false);
            }

            // What cannot be decrypted is forwarded as it came: the lines of output are those of the input.
            await output.WriteLineAsync(json is null ? line : Encoding.UTF8.GetString(json)).ConfigureAwait(false);
        }

        return code;
    }

    private async Task<int> FailAsync(string problem)
    {
        await problems.WriteLineAsync($"Error: {problem}").ConfigureAwait(false);
        return 1;
    }
}
