using System.Linq;
using TelemetryPipeline.Exporters.Elasticsearch;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch;

public sealed class ElasticsearchConfigTests
{
    [Fact]
    public void Read_EndpointAlone_TakesTheDefaults()
    {
        var config = Config("endpoint: https://es.example");
        Assert.Equal(new Uri("https://es.example:9200"), Assert.Single(config.Endpoints));
        Assert.Equal(TimeSpan.FromSeconds(90), config.Timeout);
        Assert.Equal(MappingMode.Otel, config.Mode);
        Assert.Equal(5_000_000, config.BodySize);
        Assert.Equal([429, 500, 502, 503, 504], config.RetryOnDocumentStatus.Order());
        Assert.True(config.Sending.Queue is { BlockOnOverflow: true, Sizer: QueueSizer.Bytes, QueueSize: 50_000_000, NumConsumers: 10 });
        Assert.True(config.Sending.Queue.Batch is { MinSize: 1_000_000, MaxSize: 5_000_000, Sizer: QueueSizer.Bytes });
        Assert.Equal(TimeSpan.Zero, config.Sending.Retry.MaxElapsedTime);
        Assert.Equal(TimeSpan.FromDays(180), config.Templates.Retention);
        Assert.False(config.Templates.Enabled);
    }

    [Theory]
    [InlineData("endpoint: http://a:1", "http://a:1/")]
    [InlineData("endpoint: http://a/es", "http://a:9200/es")]
    [InlineData("endpoints: [http://a, 'https://[::1]:9243']", "http://a:9200/ https://[::1]:9243/")]
    [InlineData("cloudid: 'prod:bG9jYWwuZXhhbXBsZTo5MjQzJGFiYyRkZWY='", "https://abc.local.example:9243/")]
    [InlineData("cloudid: 'prod:bG9jYWwuZXhhbXBsZSRhYmMkZGVm'", "https://abc.local.example/")]
    public void Read_Addresses_AreFound(string yaml, string expected) =>
        Assert.Equal(expected, string.Join(' ', Config(yaml).Endpoints));

    [Theory]
    [InlineData("user: u, password: p", "Basic dTpw")]
    [InlineData("api_key: a2V5OnNlY3JldA==", "ApiKey a2V5OnNlY3JldA==")]
    [InlineData("headers: {Authorization: Bearer tokenabc}", "Bearer tokenabc")]
    public void Read_Credentials_BecomeAHeader(string yaml, string expected)
    {
        var config = Config($"{{endpoint: http://a, {yaml}}}");
        using var request = new HttpRequestMessage();
        config.Client.Headers.AddTo(request);
        Assert.Equal(expected, request.Headers.NonValidated["authorization"].ToString());
        Assert.DoesNotContain(expected.Split(' ')[1], config.Client.Headers.Redact($"bad {expected}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "endpoint, endpoints or cloudid must be set")]
    [InlineData("{endpoint: http://a, endpoints: [http://b]}", "only one of endpoint, endpoints and cloudid")]
    [InlineData("{endpoints: [http://a, http://a]}", "must not name a node twice")]
    [InlineData("{endpoint: 'http://u:p@a'}", "must not hold credentials")]
    [InlineData("{endpoint: a:9200}", "must be an http:// or https:// URL")]
    [InlineData("{cloudid: 'x:%%%'}", "must be a cloud id")]
    [InlineData("{endpoint: http://a, user: u}", "user and password must be set together")]
    [InlineData("{endpoint: http://a, user: u, password: p, api_key: k}", "must not be set together with user and password")]
    [InlineData("{endpoint: http://a, api_key: 'two words'}", "in base64; the value is not shown")]
    [InlineData("{endpoint: http://a, mapping: {mode: raw}}", "mapping::mode")]
    [InlineData("{endpoint: http://a, mapping: {allowed_modes: [none]}}", "must hold otel and ecs only, got \"none\"")]
    [InlineData("{endpoint: http://a, compression: zstd}", "compression")]
    [InlineData("{endpoint: http://a, traces_index: 'A*'}", "must be the name of an index")]
    [InlineData("{endpoint: http://a, dead_letter_index: _x}", "must be the name of an index")]
    [InlineData("{endpoint: http://a, retry: {retry_on_status: [409]}}", "without 401, 403, 409 and 413, got \"409\"")]
    [InlineData("{endpoint: http://a, flush: {bytes: 1}}", "flush::bytes")]
    [InlineData("{endpoint: http://a, templates: {lifecycle: {retention: 1m}}}", "templates::lifecycle::retention")]
    [InlineData("{endpoint: http://a, templates: {lifecycle: {retention: 2h}}}", "must be at most retention")]
    [InlineData("{endpoint: http://a, discover: {on_start: true}}", "discover: not supported by this build: list the nodes in endpoints")]
    [InlineData("{endpoint: http://a, retry_on_failure: {enabled: true}}", "retry_on_failure: not supported by this build")]
    [InlineData("{endpoint: http://a, logstash_format: {enabled: true}}", "logstash_format: not supported by this build")]
    [InlineData("{endpoint: http://a, endpiont: x}", "unknown key \"endpiont\"")]
    public void Read_WrongSetting_IsRefusedWithTheReason(string yaml, string expected)
    {
        var (_, errors) = ExporterHarness.Read(new ElasticsearchFactory(), yaml);
        Assert.Contains(errors, error => error.Contains(expected, StringComparison.Ordinal));
        Assert.DoesNotContain(errors, static error => error.Contains("two words", StringComparison.Ordinal));
    }

    private static ElasticsearchConfig Config(string yaml) => ExporterHarness.Config<ElasticsearchConfig>(new ElasticsearchFactory(), yaml);
}
