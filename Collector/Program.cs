using TelemetryPipeline.Collector;
using TelemetryPipeline.Collector.Cli;

return await new CommandRunner(Components.All, Console.Out, Console.Error).RunAsync(args, CancellationToken.None).ConfigureAwait(false);
