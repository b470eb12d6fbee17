using System.Linq;
using CsCheck;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Tests.Pipeline.Configuration;

public sealed class ConfigMergeTests
{
    private static readonly Gen<ConfigNode> Leaf = Gen.Int[0, 3].Select(static value => value switch
    {
        0 => Read("null"),
        1 => Read("[1, 2]"),
        _ => Read($"{value}"),
    });

    private static readonly Gen<ConfigMap> Maps = MapOf(Gen.OneOf(Leaf, MapOf(Leaf).Select(static map => (ConfigNode)map)));

    [Theory]
    [InlineData("{a: 1, b: {c: 1, d: [1, 2]}}", "{b: {d: [3]}, e: 2}", "{a: 1, b: {c: 1, d: [3]}, e: 2}")]
    [InlineData("{a: {b: 1}}", "{a: }", "{a: }")]
    [InlineData("{a: {b: 1}}", "{a: {}}", "{a: {b: 1}}")]
    [InlineData("{a: 1}", "{a: {b: 1}}", "{a: {b: 1}}")]
    [InlineData("{a: }", "{a: {b: 1}}", "{a: {b: 1}}")]
    public void Merge_LaterWins_MapsAreJoined(string below, string above, string expected) =>
        Assert.True(ConfigMerge.Merge((ConfigMap)Read(below), (ConfigMap)Read(above)).SameAs(Read(expected)));

    [Fact]
    public void SplitKeys_TopLevelPaths_BecomeMaps() =>
        Assert.True(ConfigMerge.SplitKeys((ConfigMap)Read("{a::b::c: 1, a: {d: 2}, x: {y::z: 3}}"))
            .SameAs(Read("{a: {b: {c: 1}, d: 2}, x: {y::z: 3}}")));

    [Fact]
    public void Merge_WithItselfOrNothing_ChangesNothing() =>
        Maps.Sample(static map =>
            ConfigMerge.Merge(map, map).SameAs(map)
            && ConfigMerge.Merge(map, (ConfigMap)Read("{}")).SameAs(map)
            && ConfigMerge.Merge((ConfigMap)Read("{}"), map).SameAs(map));

    [Fact]
    public void Merge_EveryKeyOfBoth_IsThereOnce() =>
        Gen.Select(Maps, Maps).Sample(static (below, above) =>
        {
            var keys = ConfigMerge.Merge(below, above).Entries.Select(static entry => entry.Key).ToList();
            Assert.Equal(keys.Distinct(), keys);
            Assert.Equal(
                below.Entries.Concat(above.Entries).Select(static entry => entry.Key).Distinct().Order(), keys.Order());
        });

    private static Gen<ConfigMap> MapOf(Gen<ConfigNode> values) =>
        Gen.Select(Gen.Int[0, 5], values).Array[0, 6].Select(static entries => new ConfigMap
        {
            Position = new SourcePosition("test", 1, 1),
            Entries =
            [
                .. entries.DistinctBy(static entry => entry.Item1).Select(static entry =>
                    new ConfigEntry($"k{entry.Item1}", new SourcePosition("test", 1, 1), entry.Item2)),
            ],
        });

    private static ConfigNode Read(string text)
    {
        Assert.True(YamlReader.TryRead(text, "test", out var node, out _));
        return node;
    }
}
