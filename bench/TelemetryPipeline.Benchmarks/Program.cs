using BenchmarkDotNet.Running;
using TelemetryPipeline.Benchmarks.Otlp;

BenchmarkSwitcher.FromAssembly(typeof(OtlpBenchmarks).Assembly).Run(args);
