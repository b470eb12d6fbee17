using System.Linq;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Tests.Receiver;

public class OtlpReceiverConfigTests
{
    [Fact]
    public void Read_NullSections_GivesDefaults()
    {
        var (config, errors) = ReceiverYaml.Read("protocols:\n  grpc:\n  http:\n");
        Assert.Empty(errors);
        Assert.Equal(new ListenEndpoint("localhost", 4317), config.Grpc!.Endpoint.Tcp);
        Assert.Equal(4 * 1024 * 1024, config.Grpc.MaxMessageBytes);
        Assert.Equal(512 * 1024, config.Grpc.ReadBufferBytes);
        Assert.Equal(new ListenEndpoint("localhost", 4318), config.Http!.Endpoint.Tcp);
        Assert.Equal(20 * 1024 * 1024, config.Http.MaxBodyBytes);
        Assert.Equal(["/v1/traces", "/v1/metrics", "/v1/logs"], config.Http.Paths);
        Assert.Null(config.Http.Cors);
        Assert.Equal(64L * 1024 * 1024, config.MaxInFlightBytes);
        Assert.Equal(10_000, config.MaxConnections);
        Assert.Equal(TimeSpan.FromSeconds(30), config.Grpc.ReadTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), config.Http.ReadTimeout);
        Assert.Equal(TimeSpan.FromMinutes(1), config.Http.IdleTimeout);
    }

    [Theory]
    [InlineData("max_connections: 0")]
    [InlineData("max_connections: 1000001")]
    [InlineData("max_connections: many")]
    public void Read_ConnectionsOutOfRange_Refuses(string yaml) =>
        Assert.Contains("receivers::otlp::max_connections: ", Assert.Single(ReceiverYaml.Read(yaml + "\nprotocols: {grpc: }").Errors), StringComparison.Ordinal);

    [Theory]
    [InlineData("protocols:\n")]
    [InlineData("protocols: {}\n")]
    [InlineData("{}\n")]
    public void Read_NoProtocol_Refuses(string yaml)
    {
        var (_, errors) = ReceiverYaml.Read(yaml);
        Assert.Equal("must specify at least one protocol when using the OTLP receiver", Assert.Single(errors).Split(": ")[^1]);
    }

    [Fact]
    public void Read_OneProtocol_LeavesTheOtherOff()
    {
        var (config, _) = ReceiverYaml.Read("protocols: {http: }");
        Assert.Null(config.Grpc);
        Assert.NotNull(config.Http);
        Assert.Null(ReceiverYaml.Read("protocols: {grpc: {enabled: false}, http: }").Config.Grpc);
    }

    [Fact]
    public void Read_EverySetting_IsUnderstood()
    {
        var (config, errors) = ReceiverYaml.Read("""
            max_in_flight_mib: 128
            max_connections: 500
            protocols:
              grpc:
                endpoint: 0.0.0.0:14317
                transport: tcp
                max_recv_msg_size_mib: 32
                max_concurrent_streams: 16
                read_buffer_size: 1048576
                write_buffer_size: 131072
                include_metadata: true
                read_timeout: 8s
                keepalive:
                  server_parameters:
                    max_connection_idle: 11s
                    max_connection_age: 12s
                    max_connection_age_grace: 13s
                    time: 30s
                    timeout: 5s
                tls:
                  cert_file: server.crt
                  key_file: server.key
                  client_ca_file: clients.crt
                  client_ca_file_reload: true
                  min_version: "1.3"
                  reload_interval: 1h
              http:
                endpoint: "[::1]:14318"
                traces_url_path: /custom/traces
                metrics_url_path: m
                logs_url_path: /l
                max_request_body_size: 1000000
                include_metadata: true
                response_headers: {X-Served-By: us}
                compression_algorithms: ["", gzip]
                read_timeout: 5s
                read_header_timeout: 6s
                write_timeout: 0
                idle_timeout: 7s
                keep_alives_enabled: false
                cors:
                  allowed_origins: ["https://*.example.com"]
                  allowed_headers: [X-Tenant]
                  exposed_headers: [X-Served-By]
                  max_age: 600
            """);
        Assert.Empty(errors);
        Assert.Equal(32 * 1024 * 1024, config.Grpc!.MaxMessageBytes);
        Assert.Equal(TimeSpan.FromSeconds(12), config.Grpc.Keepalive.MaxConnectionAge);
        Assert.Equal("clients.crt", config.Grpc.Tls!.ClientCaFile);
        Assert.Equal(["/custom/traces", "/m", "/l"], config.Http!.Paths);
        Assert.Equal(600, config.Http.Cors!.MaxAgeSeconds);
        Assert.Equal(128L * 1024 * 1024, config.MaxInFlightBytes);
    }

    [Theory]
    [InlineData("grpc: {auth: {authenticator: x}}", "receivers::otlp::protocols::grpc::auth: not supported by this build")]
    [InlineData("grpc: {middlewares: [{id: x}]}", "grpc::middlewares: not supported by this build")]
    [InlineData("grpc: {keepalive: {enforcement_policy: {min_time: 1s}}}", "keepalive::enforcement_policy: not supported by this build")]
    [InlineData("grpc: {transport: udp}", "grpc::transport: must be one of tcp, tcp4, unix, got \"udp\"")]
    [InlineData("grpc: {endpoint: nonsense}", "grpc::endpoint: must be host:port")]
    [InlineData("grpc: {max_recv_msg_size_mib: -1}", "must be a whole number from 0 to 1024, got -1")]
    [InlineData("grpc: {tls: {}}", "grpc::tls: must include both a certificate and a key for a server")]
    [InlineData("grpc: {tls: {cert_file: a, key_file: b, tpm: {enabled: true}}}", "tls::tpm: not supported by this build")]
    [InlineData("grpc: {tls: {cert_file: a, key_file: b, curve_preferences: [X25519]}}", "tls::curve_preferences: not supported")]
    [InlineData("grpc: {tls: {cert_file: a, cert_pem: b, key_file: c}}", "provide either cert_file or cert_pem, not both")]
    [InlineData("grpc: {tls: {cert_file: a}}", "provide both a certificate (cert_file or cert_pem) and a key")]
    [InlineData("grpc: {tls: {cert_file: a, key_file: b, min_version: \"1.0\"}}", "tls::min_version: must be one of")]
    [InlineData("grpc: {tls: {cert_file: a, key_file: b, min_version: \"1.3\", max_version: \"1.2\"}}", "must not be greater than max_version")]
    [InlineData("grpc: {tls: {cert_file: a, key_file: b, cipher_suites: [NO_SUCH]}}", "got \"NO_SUCH\"")]
    [InlineData("http: {auth: {authenticator: x}}", "http::auth: not supported by this build")]
    [InlineData("http: {write_timeout: 30s}", "http::write_timeout: not supported by this build")]
    [InlineData("http: {compression_algorithms: [br]}", "got \"br\"")]
    [InlineData("http: {cors: {allowed_origins: [\"*.*\"]}}", "at most one * in each origin")]
    [InlineData("htp: {}", "unknown key \"htp\"; did you mean \"http\"?")]
    [InlineData("grpc: {endpont: \"localhost:1\"}", "did you mean \"endpoint\"?")]
    public void Read_WrongSetting_IsRefusedByName(string protocols, string expected)
    {
        var (_, errors) = ReceiverYaml.Read($"protocols: {{{protocols}}}");
        Assert.Contains(errors, error => error.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_BudgetBelowLargestRequest_Refuses()
    {
        var (_, errors) = ReceiverYaml.Read("max_in_flight_mib: 8\nprotocols: {http: }");
        Assert.Contains("must hold the largest request, 20971520 bytes, got 8 MiB", errors.Single(), StringComparison.Ordinal);
    }
}
