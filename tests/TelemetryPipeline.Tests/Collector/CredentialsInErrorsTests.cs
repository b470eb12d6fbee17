using System.Linq;
using TelemetryPipeline.Collector;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Tests.Processors;

namespace TelemetryPipeline.Tests.Collector;

/// <summary>
/// Scenario: an address with credentials stands in a setting, in each of every component in turn.
/// Guarantees: no error and no warning shows the credentials.
/// </summary>
public sealed class CredentialsInErrorsTests
{
    private const string Root = "component::";

    [Theory]
    [InlineData("redis://user:s3cr3t@ledger:6379")]
    [InlineData("user:s3cr3t@ledger:6379")]
    [InlineData("http://user:s3cr3t@ledger:port/")]
    [InlineData("ftp://ledger/send?key=s3cr3t")]
    public void ReadConfig_AddressWithCredentialsInAnySetting_IsNeverShown(string address)
    {
        var shown = new List<string>();
        var tried = 0;
        foreach (var kind in ComponentKindNames.All)
        {
            foreach (var factory in Components.All.All(kind))
            {
                foreach (var path in SettingsOf(factory))
                {
                    tried++;
                    shown.AddRange(Problems(factory, path, address).Concat(Problems(factory, path, Nodes.List(address)))
                        .Where(static p => p.Contains("s3cr3t", StringComparison.Ordinal)).Select(p => $"{kind.Noun()} {factory.Type}: {p}"));
                }
            }
        }

        Assert.True(tried > 300, $"only {tried} settings were found");
        Assert.True(shown.Count == 0, string.Join('\n', shown));
    }

    private static List<string> SettingsOf(ComponentFactory factory)
    {
        var errors = new ConfigErrors();
        factory.Plan(new ConfigSection(Nodes.Map(), Nodes.Here, "component", errors));
        return errors.AskedPaths.Where(static p => p.StartsWith(Root, StringComparison.Ordinal)).Select(static p => p[Root.Length..]).ToList();
    }

    private static IEnumerable<string> Problems(ComponentFactory factory, string path, object value)
    {
        var keys = path.Split("::");
        var node = keys.Reverse().Aggregate(value, static (inner, key) => Nodes.Map((key, inner)));
        var errors = new ConfigErrors();
        var section = new ConfigSection((ConfigNode)node, Nodes.Here, "component", errors);
        factory.Plan(section);
        section.Finish();
        return errors.Sorted().Concat(errors.SortedWarnings()).Select(static e => e.ToString());
    }
}
