namespace TelemetryPipeline.Collector.Cli;

/// <summary>The output of <c>--help</c>.</summary>
internal static class Usage
{
    /// <summary>All commands and flags.</summary>
    public const string Text =
        """
        Usage:
          telemetry-pipeline --config SOURCE [flags]      run the collector
          telemetry-pipeline COMMAND [flags]

        Commands:
          validate                 check a configuration and its pipelines without starting anything
          components               list the components of this build, as YAML
          print-config             print the configuration after merging and expansion (alias print-initial-config)
          decrypt                  print values that field_encryption has encrypted, or copy OTLP/JSON lines with them
                                   decrypted: decrypt --keys FILE|--config SOURCE [--tenant T --field F VALUE...]
          rules validate [FILE...] check rule files together; without files, the shipped rules
          rules test [FILE...]     run test files of rules (*.test.yaml); without files, those of the shipped rules
          rules explain            say for each trace of a file which branch of each rule held
          rules schema             print the JSON Schema of rule files, for editors
          help                     print this text

        Flags:
          --config SOURCE          where the configuration is: a path, file:PATH, env:NAME or yaml:TEXT; repeat it to
                                   merge several, later ones win
          --set KEY=VALUE          set one value after all sources, for example --set processors.batch.timeout=2s
          --feature-gates LIST     the Collector's feature gates; those that are not in this build are refused
          -h, --help               print this text
          -v, --version            print the version

        Flags of print-config:
          --mode MODE              redacted (default) or unredacted
          --format FORMAT          yaml (default) or json
          --validate=BOOL          true (default): print only what is valid

        Flags of rules explain:
          --trace FILE             spans as OTLP/JSON: one request, or one a line as the file exporter writes them
          --rules FILE             a rule file or pattern, repeat it for several; without, the shipped rules
          --rule ID                only this rule

        Exit code: 0 for success, 1 for every error. Errors are file:line:column: path::to::key: problem.

        """;
}
