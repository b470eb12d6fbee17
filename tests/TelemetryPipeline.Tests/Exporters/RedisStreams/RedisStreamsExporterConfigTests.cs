using TelemetryPipeline.Exporters.RedisStreams;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Tests.Exporters.RedisStreams;

public sealed class RedisStreamsExporterConfigTests
{
    private static readonly RedisStreamsExporterFactory Factory = new();

    [Fact]
    public void Read_OnlyAnEndpoint_TakesTheDefaults()
    {
        var config = ExporterHarness.Config<RedisStreamsExporterConfig>(Factory, "{endpoint: redis}");

        Assert.Equal([new RedisEndpoint("redis", 6379, null)], config.Connection.Endpoints);
        Assert.Null(config.Connection.Tls);
        Assert.Equal(StreamEncoding.OtlpProto, config.Encoding);
        Assert.Equal("telemetry:logs", config.Stream.Format(TelemetryPipeline.Otlp.Signal.Logs));
        Assert.Equal((1, 0L, TimeSpan.Zero), (config.Partitions, config.MaxLength, config.TimeToLive));
        Assert.Equal(TimeSpan.FromSeconds(5), config.Sending.Timeout);
    }

    [Theory]
    [InlineData("{endpoints: [\"s1\", \"s2:26380\"], sentinel: {master_name: m, username: u, password: p}}", "s1:26379,s2:26380")]
    [InlineData("{endpoint: \"[::1]:7000\"}", "::1:7000")]
    [InlineData("{endpoint: \"redis://10.0.0.1\"}", "10.0.0.1:6379")]
    public void Read_Endpoints_AreUnderstood(string yaml, string endpoints) =>
        Assert.Equal(endpoints, ExporterHarness.Config<RedisStreamsExporterConfig>(Factory, yaml).Connection.ToString());

    [Theory]
    [InlineData("{endpoint: r}", false)]
    [InlineData("{endpoint: r, tls: {}}", true)]
    [InlineData("{endpoint: r, tls: true}", true)]
    [InlineData("{endpoint: r, tls: {insecure: true}}", false)]
    [InlineData("{endpoint: \"rediss://r\"}", true)]
    [InlineData("{endpoint: \"redis://r\", tls: {}}", false)]
    public void Read_Tls_FollowsTheSchemeAndThenTheSection(string yaml, bool tls) =>
        Assert.Equal(tls, ExporterHarness.Config<RedisStreamsExporterConfig>(Factory, yaml).Connection.Tls is not null);

    [Theory]
    [InlineData("{}", "redis_streams::endpoint: must be set")]
    [InlineData("{endpoint: r, endpoints: [s]}", "provide either endpoint or endpoints")]
    [InlineData("{endpoint: \"http://r\"}", "must have the scheme redis or rediss")]
    [InlineData("{endpoint: \"redis://u:p@r\"}", "must not hold a user")]
    [InlineData("{endpoint: \"r:0\"}", "must be host:port, got \"r:0\"")]
    [InlineData("{endpoints: [\"redis://a\", \"rediss://b\"]}", "must all have the same scheme")]
    [InlineData("{endpoint: r, db: 1}", "redis_streams::db: not supported by this build: use database")]
    [InlineData("{endpoint: r, transport: unix}", "redis_streams::transport: not supported")]
    [InlineData("{endpoint: r, sentinel: {}}", "sentinel::master_name: must be set")]
    [InlineData("{endpoint: r, encoding: json}", "must be one of otlp_proto, otlp_json, flat, got \"json\"")]
    [InlineData("{endpoint: r, stream: \"a b\"}", "no white space")]
    [InlineData("{endpoint: r, stream: \"a:{\"}", "must have braces only around")]
    [InlineData("{endpoint: r, stream: \"a:{}\"}", "must have braces only around")]
    [InlineData("{endpoint: r, partitions: 0}", "redis_streams::partitions: must be a whole number")]
    [InlineData("{endpoint: r, partition_by: attribute}", "partition_attribute: must be set")]
    [InlineData("{endpoint: r, partition_attribute: a}", "partition_attribute: must not be set")]
    [InlineData("{endpoint: r, max_len: 5, max_age: 1h}", "must not be set together with max_len")]
    [InlineData("{endpoint: r, ttl: 10ms}", "ttl: must be 0 or 1s or more")]
    [InlineData("{endpoint: r, attributes: [a]}", "attributes: is used with encoding flat only")]
    [InlineData("{endpoint: 'redis://u:p@r'}", "must not hold a user; use username and password, got \"redis://[REDACTED]@r\"")]
    [InlineData("{endpoint: 'u:p@r:6379'}", "must not hold a user; use username and password, got \"[REDACTED]@r:6379\"")]
    public void Read_Mistake_SaysWhatIsAllowed(string yaml, string problem)
    {
        var (_, errors) = ExporterHarness.Read(Factory, yaml);
        Assert.Contains(errors, e => e.Contains(problem, StringComparison.Ordinal));
    }
}
