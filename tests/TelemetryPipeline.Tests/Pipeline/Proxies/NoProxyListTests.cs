using System.Linq;
using TelemetryPipeline.Pipeline.Proxies;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Pipeline.Proxies;

/// <summary>What Go's httpproxy package makes of the same lists; <c>tests/testdata/proxies/generate.go</c> makes the table.</summary>
public sealed class NoProxyListTests
{
    [Fact]
    public void Contains_ListsOfTheTable_AsForGoPrograms()
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var line in Lines("list"))
        {
            count++;
            var direct = new NoProxyList(line[1]).Contains(new Uri(line[2]));
            if (direct != bool.Parse(line[3]))
            {
                wrong.Add($"NO_PROXY \"{line[1]}\", {line[2]}: direct is {direct}");
            }
        }

        Assert.True(count > 2000);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void GetProxy_VariablesOfTheTable_AsForGoPrograms()
    {
        var wrong = new List<string>();
        foreach (var line in Lines("env"))
        {
            var variables = line[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .ToDictionary(static v => v[..v.IndexOf('=')], static v => v[(v.IndexOf('=') + 1)..], StringComparer.Ordinal);
            var proxy = new EnvironmentProxy(variables.GetValueOrDefault).GetProxy(new Uri(line[2]));
            var expected = line[3].Length == 0 ? null : new Uri(line[3]);
            if (proxy != expected || proxy?.UserInfo != expected?.UserInfo)
            {
                wrong.Add($"{line[1]}, {line[2]}: {proxy}, for Go {expected}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // As curl separates them; Go knows only the comma.
    [Theory]
    [InlineData("a.example b.example")]
    [InlineData("a.example\t,\nb.example ")]
    public void Contains_EntriesBetweenBlanks_AreEntries(string list)
    {
        var direct = new NoProxyList(list);
        Assert.True(direct.Contains(new Uri("http://a.example")));
        Assert.True(direct.Contains(new Uri("http://www.b.example")));
        Assert.False(direct.Contains(new Uri("http://c.example")));
    }

    [Fact]
    public void GetProxy_OnlyAllProxy_IsForBothSchemes()
    {
        var proxy = new EnvironmentProxy(static name => name == "all_proxy" ? "socks5://proxy.example:1080" : null);
        Assert.Equal("socks5://proxy.example:1080/", proxy.GetProxy(new Uri("http://a.example"))!.ToString());
        Assert.Equal("socks5://proxy.example:1080/", proxy.GetProxy(new Uri("https://a.example"))!.ToString());
        Assert.True(proxy.IsBypassed(new Uri("https://127.0.0.1")));
    }

    [Fact]
    public void Credentials_InTheUrl_AreThoseOfTheProxy()
    {
        var proxy = new EnvironmentProxy(static name => name == "HTTP_PROXY" ? "http://bank:p%40ss@proxy.example" : null);
        var credentials = proxy.Credentials!.GetCredential(proxy.GetProxy(new Uri("http://a.example"))!, "Basic")!;
        Assert.Equal(("bank", "p@ss"), (credentials.UserName, credentials.Password));
    }

    private static IEnumerable<string[]> Lines(string kind) =>
        File.ReadLines(Path.Combine(RepositoryRoot.Path, "tests", "testdata", "proxies", "expected.tsv"))
            .Select(static line => line.Split('\t')).Where(line => line[0] == kind);
}
