using System.Globalization;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>Configurations that several tests use; <c>CollectorProcess</c> adds the receiver.</summary>
internal static class TestConfigs
{
    /// <summary>Name of the file that <see cref="ToFile"/> writes to, in the collector's folder.</summary>
    public const string OutputFile = "received.jsonl";

    /// <summary>All three signals into one file of JSON lines.</summary>
    /// <param name="processors">Processors of every pipeline, as a YAML list.</param>
    /// <param name="definitions">Their settings, as lines of the <c>processors</c> section.</param>
    public static string ToFile(string processors = "[batch]", string definitions = "  batch:\n") => $$"""
        processors:
        {{definitions}}
        exporters:
          file: {path: {{OutputFile}}, append: true}
        {{Service(processors, "file")}}
        """;

    /// <summary>All three signals on to another collector, uncompressed unless told; refused data is waited for.</summary>
    public static string ToGrpc(int port, string compression = "none") => $$"""
        processors:
          batch:
        exporters:
          otlp_grpc:
            endpoint: 127.0.0.1:{{port.ToString(CultureInfo.InvariantCulture)}}
            compression: {{compression}}
            tls: {insecure: true}
            sending_queue: {queue_size: 1000, block_on_overflow: true}
            retry_on_failure: {initial_interval: 100ms}
        {{Service("[batch]", "otlp_grpc")}}
        """;

    /// <summary>As <see cref="ToGrpc"/>, over HTTP.</summary>
    public static string ToHttp(int port, string encoding = "proto") => $$"""
        processors:
          batch:
        exporters:
          otlp_http:
            endpoint: http://127.0.0.1:{{port.ToString(CultureInfo.InvariantCulture)}}
            encoding: {{encoding}}
            sending_queue: {queue_size: 1000, block_on_overflow: true}
            retry_on_failure: {initial_interval: 100ms}
        {{Service("[batch]", "otlp_http")}}
        """;

    /// <summary>On to another collector over gRPC, every accepted request on disk before it is answered.</summary>
    public static string ToGrpcFromDisk(int port) => $$"""
        exporters:
          otlp_grpc:
            endpoint: 127.0.0.1:{{port.ToString(CultureInfo.InvariantCulture)}}
            compression: none
            tls: {insecure: true}
            sending_queue: {queue_size: 100000, storage: file_storage}
            retry_on_failure: {initial_interval: 100ms, max_elapsed_time: 0s}
        extensions:
          file_storage: {directory: ./queue, create_directory: true, fsync: always}
        {{Service("[]", "otlp_grpc", "extensions: [file_storage]")}}
        """;

    private static string Service(string processors, string exporter, string more = "") => $$"""
        service:
          {{more}}
          telemetry: {metrics: {level: none} }
          pipelines:
            traces: {receivers: [otlp], processors: {{processors}}, exporters: [{{exporter}}]}
            metrics: {receivers: [otlp], processors: {{processors}}, exporters: [{{exporter}}]}
            logs: {receivers: [otlp], processors: {{processors}}, exporters: [{{exporter}}]}
        """;
}
