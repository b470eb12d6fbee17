using System.Linq;
using TelemetryPipeline.Exporters.Alerting;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Alerting;

public sealed class AlertsConfigTests
{
    private const string Hook = "webhook: [{name: hook, url: 'http://hook'}]";

    [Theory]
    [InlineData("{}", "must have at least one receiver in alertmanager, webhook or wecom")]
    [InlineData("{webhook: [{url: 'http://x'}]}", "webhook::0::name: must be set")]
    [InlineData("{webhook: [{name: a}]}", "webhook::0: must have a url or a url_file")]
    [InlineData("{webhook: [{name: a, url: 'http://x', url_file: /x}]}", "url: must not be set together with url_file")]
    [InlineData("{webhook: [{name: a, url: ''}]}", "url: must not be empty; is the variable set that it comes from?")]
    [InlineData("{webhook: [{name: a, url: 'http://x'}], wecom: [{name: a, url: 'http://y'}]}", "wecom::0::name: must be unique among the receivers, got \"a\" again")]
    [InlineData("{alertmanager: [{name: a, url: 'http://x/?a=b'}]}", "must be the base of Alertmanager, to which api/v2/alerts is added")]
    [InlineData("{alertmanager: [{name: a, url: 'http://x', body: '{}'}]}", "unknown key \"body\"")]
    [InlineData("{alertmanager: [{name: a, url: 'http://x', labels: {1a: b}}]}", "labels::1a: must have a name of letters")]
    [InlineData("{alertmanager: [{name: a, url: 'http://x', annotations: {runbook: '{{nothing}}'}}]}", "annotations::runbook: must be a template: there is no placeholder \"nothing\"")]
    [InlineData("{alertmanager: [{name: a, url: 'http://x', generator_url: 'trace/{{trace_id}}'}]}", "generator_url: must be a template: it makes no http:// or https:// URL")]
    [InlineData("{webhook: [{name: a, url: 'http://x', body: '{\"a\": }'}]}", "body: must be a template: it makes no JSON: line 1, byte 7")]
    [InlineData("{webhook: [{name: a, url: 'http://x', basic_auth: {username: u}}]}", "basic_auth: must have both a username and a password")]
    [InlineData("{webhook: [{name: a, url: 'http://x', bearer_token: t, basic_auth: {username: u, password: p}}]}", "must not be set together with bearer_token")]
    [InlineData("{webhook: [{name: a, url: 'http://x', headers: {Authorization: x}}]}", "must not be Authorization; use bearer_token or basic_auth")]
    [InlineData("{wecom: [{name: a, url: 'http://x', rate_limit: 21}]}", "rate_limit: must be a whole number from 1 to 20, got 21")]
    [InlineData("{wecom: [{name: a, url: 'http://x', format: text}]}", "format: must be one of markdown, markdown_v2, got \"text\"")]
    [InlineData("{" + Hook + ", group_by: ['a b']}", "group_by: must list fields of events or keys of attributes, got \"a b\"")]
    [InlineData("{" + Hook + ", group_by: [service, service]}", "group_by: must name no label twice, got \"service\"")]
    [InlineData("{" + Hook + ", group_wait: 5m}", "resolve_timeout: must be above group_wait 5m")]
    [InlineData("{" + Hook + ", repeat_interval: 10s}", "repeat_interval: must be at least group_interval 1m")]
    [InlineData("{" + Hook + ", max_groups: 0}", "max_groups: must be a whole number from 1 to 1000000, got 0")]
    [InlineData("{" + Hook + ", routes: [{receivers: [nobody]}]}", "routes::0::receivers: must name receivers of this exporter, got \"nobody\"")]
    [InlineData("{" + Hook + ", routes: [{match: {priority: P0}}]}", "routes::0: must have receivers")]
    [InlineData("{" + Hook + ", routes: [{receivers: [hook]}, {receivers: [hook]}]}", "routes::1: is never reached")]
    [InlineData("{" + Hook + ", routes: [{match: {'a b': c}, receivers: [hook]}]}", "match::a b: must be notify, a field of events, or the key of an attribute")]
    [InlineData("{" + Hook + ", inhibit: [{source: {root_cause: a}}]}", "inhibit::0::target: must have one label or more")]
    [InlineData("{" + Hook + ", inhibit: [{source: {node_type: a}, target: {code: b}}]}", "inhibit::0::source: must name what group_by has, rule_id, category")]
    [InlineData("{" + Hook + ", grup_wait: 1s}", "unknown key \"grup_wait\"; did you mean \"group_wait\"?")]
    public void Read_Faulty_SaysWhatIsAllowed(string yaml, string problem)
    {
        var (_, errors) = ExporterHarness.Read(new AlertsFactory(), yaml);
        Assert.Contains(errors, e => e.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{webhook: [{name: a, url: 'htp://x/SECRETKEY'}]}")]
    [InlineData("{webhook: [{name: a, url: 'http://user:SECRETKEY@x/'}]}")]
    [InlineData("{webhook: [{name: a, url: 'http://x/', proxy_url: 'x://SECRETKEY'}]}")]
    public void Read_FaultyAddress_DoesNotShowIt(string yaml)
    {
        var (_, errors) = ExporterHarness.Read(new AlertsFactory(), yaml);
        Assert.DoesNotContain("SECRETKEY", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Secrets_AreKnownToWhoPrintsTheConfiguration()
    {
        const string Yaml = """
            {
              alertmanager: [{name: a, url: 'http://a', basic_auth: {username: u, password: p}}],
              webhook: [{name: b, url: 'http://b', bearer_token: t, headers: {x-key: k}}],
              wecom: [{name: c, url: 'http://c?key=k'}],
            }
            """;
        Assert.True(YamlReader.TryRead(Yaml, "c.yaml", out var node, out _));
        var errors = new ConfigErrors();
        new AlertsFactory().ReadConfig(new ConfigSection(node, node.Position, "alerts", errors));
        Assert.Superset(
            new HashSet<string>
            {
                "alerts::alertmanager::0::url", "alerts::alertmanager::0::basic_auth::password", "alerts::webhook::0::url",
                "alerts::webhook::0::bearer_token", "alerts::webhook::0::headers::x-key", "alerts::wecom::0::url",
            },
            errors.SecretPaths.ToHashSet());
    }

    [Fact]
    public void Read_ExampleOfTheDocumentation_IsValid()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "alerts.md"));
        var begin = text.IndexOf("```yaml\n", StringComparison.Ordinal) + "```yaml\n".Length;
        var yaml = text[begin..text.IndexOf("```", begin, StringComparison.Ordinal)].Replace("${env:WECOM_FUND_OPS_URL}", "https://robot", StringComparison.Ordinal);
        Assert.True(YamlReader.TryRead(yaml, "alerts.md", out var node, out var problem), problem?.ToString());
        var errors = new ConfigErrors();
        var exporters = new ConfigSection(node, node.Position, "", errors).Section("exporters");
        new AlertsFactory().ReadConfig(exporters.Section("alerts"));
        Assert.Empty(errors.Sorted());
    }

    [Fact]
    public void Read_Routes_TellWhomTheyName()
    {
        var config = ExporterHarness.Config<AlertsConfig>(
            new AlertsFactory(),
            """
            {
              webhook: [{name: all, url: 'http://a'}, {name: funds, url: 'http://b'}, {name: night, url: 'http://c'}],
              routes: [
                {match: {notify: [fund-ops]}, receivers: [funds], continue: true},
                {match: {priority: [P0, P1], tenant: bank-a}, receivers: [night]},
                {match: {category: compliance}, receivers: []},
                {receivers: [all]},
              ],
            }
            """);
        Assert.Equal(0b110UL, Receivers(new AttributionRecord(1)));
        Assert.Equal(0b011UL, Receivers(new AttributionRecord(1).With("tenant.id", "bank-b")));
        Assert.Equal(0b100UL, Receivers(new AttributionRecord(1).Notify("risk-team").With("anomaly.priority", "P1")));
        Assert.Equal(0b001UL, Receivers(new AttributionRecord(1).Notify("risk-team").With("anomaly.priority", "P2")));
        Assert.Equal(0UL, Receivers(new AttributionRecord(1).Notify().With("anomaly.priority", "P2").With("anomaly.category", "compliance")));

        ulong Receivers(AttributionRecord record) =>
            TelemetryPipeline.Exporters.Alerting.Routing.AlertRoute.ReceiversOf(config.Routes, BookHarness.Read(record));
    }
}
