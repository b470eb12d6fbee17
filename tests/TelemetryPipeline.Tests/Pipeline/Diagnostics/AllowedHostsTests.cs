using System.Linq;
using System.Net;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Pipeline.Diagnostics;

public class AllowedHostsTests
{
    private static readonly ListenEndpoint Everywhere = new("0.0.0.0", 8888);
    private static readonly ListenEndpoint Local = new("localhost", 8888);

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:8888")]
    [InlineData("LOCALHOST.:8888")]
    [InlineData("app.localhost:1")]
    [InlineData("127.0.0.1:8888")]
    [InlineData("127.8.9.1")]
    [InlineData("[::1]:8888")]
    [InlineData("[::1]")]
    [InlineData("")]
    public void Allows_OwnName_OnEveryEndpoint(string header)
    {
        Assert.True(AllowedHosts.None.Allows(header, Local, IPAddress.Loopback));
        Assert.True(AllowedHosts.None.Allows(header, Everywhere, IPAddress.Any));
    }

    [Theory]
    [InlineData("attacker.example")]
    [InlineData("attacker.example:8888")]
    [InlineData("localhost.attacker.example")]
    [InlineData("127.0.0.1.attacker.example")]
    [InlineData("notlocalhost")]
    [InlineData("a b")]
    [InlineData(":8888")]
    [InlineData("[::1")]
    [InlineData("[attacker.example]:8888")]
    [InlineData(".")]
    public void Allows_OtherName_OnNoEndpoint(string header)
    {
        Assert.False(AllowedHosts.None.Allows(header, Local, IPAddress.Loopback));
        Assert.False(AllowedHosts.None.Allows(header, Everywhere, IPAddress.Any));
    }

    [Fact]
    public void Allows_Address_OfTheMachineOnly()
    {
        Assert.True(AllowedHosts.None.Allows("10.0.0.7:8888", Everywhere, IPAddress.Any));
        Assert.True(AllowedHosts.None.Allows("[2001:db8::1]:8888", Everywhere, IPAddress.IPv6Any));
        Assert.False(AllowedHosts.None.Allows("10.0.0.7:8888", Local, IPAddress.Loopback));
    }

    [Fact]
    public void Allows_HostOfTheEndpointOrTheMachine()
    {
        var named = new ListenEndpoint("metrics.bank.example", 8888);
        Assert.True(AllowedHosts.None.Allows("Metrics.Bank.Example:8888", named, IPAddress.Any));
        Assert.False(AllowedHosts.None.Allows("other.bank.example", named, IPAddress.Any));
        Assert.True(AllowedHosts.None.Allows(Environment.MachineName, Everywhere, IPAddress.Any));
    }

    [Theory]
    [InlineData("allowed_hosts: collector", "collector:8888", true)]
    [InlineData("allowed_hosts: collector", "collector.attacker.example", false)]
    [InlineData("allowed_hosts: ['*.bank.example']", "a.b.BANK.example:8888", true)]
    [InlineData("allowed_hosts: ['*.bank.example']", "bank.example", false)]
    [InlineData("allowed_hosts: ['*.bank.example']", "notbank.example", false)]
    [InlineData("allowed_hosts: ['*']", "attacker.example", true)]
    [InlineData("allowed_hosts: [10.0.0.7]", "10.0.0.7:8888", true)]
    public void Allows_Configured(string yaml, string header, bool expected)
    {
        var (hosts, errors) = Read(yaml);
        Assert.Empty(errors);
        Assert.Equal(expected, hosts.Allows(header, Local, IPAddress.Loopback));
    }

    [Theory]
    [InlineData("collector:8888")]
    [InlineData("http://collector")]
    [InlineData("")]
    [InlineData("*bank")]
    public void Read_NotAName_Refuses(string name)
    {
        var (_, errors) = Read($"allowed_hosts: ['{name}']");
        Assert.Contains($"allowed_hosts: must hold host names without a port, got \"{name}\"; allowed: NAME, *.SUFFIX, *", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Equals_SameNames_SoThatAReloadKeepsTheListener()
    {
        Assert.Equal(Read("allowed_hosts: [a, b]").Hosts, Read("allowed_hosts: [a, b]").Hosts);
        Assert.NotEqual(Read("allowed_hosts: [a, b]").Hosts, Read("allowed_hosts: [a]").Hosts);
        Assert.Equal(AllowedHosts.None, Read("{}").Hosts);
    }

    private static (AllowedHosts Hosts, string[] Errors) Read(string yaml)
    {
        Assert.True(YamlReader.TryRead(yaml, "c.yaml", out var node, out var error), error?.ToString());
        var errors = new ConfigErrors();
        var hosts = AllowedHosts.Read(new ConfigSection(node, node.Position, "page", errors));
        return (hosts, errors.Sorted().Select(static e => e.ToString()).ToArray());
    }
}
