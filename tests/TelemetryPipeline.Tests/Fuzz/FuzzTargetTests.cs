using System.Linq;
using TelemetryPipeline.Fuzz;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Fuzz;

/// <summary>
/// Scenario: every parser of foreign bytes reads its corpus and a few thousand mutations of it.
/// Guarantees: no exception but the declared results, the same outcome for the same input, and the invariants of each target.
/// </summary>
public sealed class FuzzTargetTests(ITestOutputHelper output)
{
    private const int Executions = 1500;

    private static readonly string CorpusFolder = Path.Combine(RepositoryRoot.Path, "tests", "testdata", "fuzz");

    public static TheoryData<string> Targets { get; } = new(FuzzTargets.All.Select(static target => target.Name));

    [Theory]
    [MemberData(nameof(Targets))]
    public void Run_CorpusAndMutations_HoldsEveryInvariant(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var campaign = new Campaign(target, seed);

        campaign.Run(Corpus.Load(CorpusFolder, target), Executions);

        Assert.Empty(campaign.Findings.Select(finding => $"{finding.Kind}: {Convert.ToBase64String(finding.Input)}\n{finding.Failure}"));
        Assert.True(campaign.Executions >= Executions);
    }

    [Fact]
    public void Corpus_EveryFolder_BelongsToATarget() =>
        Assert.Empty(Directory.EnumerateDirectories(CorpusFolder).Select(Path.GetFileName).Except(FuzzTargets.All.Select(static t => t.Name)));

    [Fact]
    public void Run_TargetThatFails_ReportsTheSmallestInputOfTheKind()
    {
        var target = new FuzzTarget
        {
            Name = "letters",
            Form = InputForm.Bytes,
            Seeds = static () => ["the ledger of x, y and z"u8.ToArray()],
            Run = static (input, _) => FuzzFailureException.ThrowUnless(!input.AsSpan().Contains((byte)'z'), "there is no z"),
        };
        var campaign = new Campaign(target, seed: 1);

        campaign.Run([], 100);

        Assert.Equal("z"u8.ToArray(), Assert.Single(campaign.Findings).Input);
    }

    [Fact]
    public void Run_SameSeed_MakesTheSameInputs()
    {
        Assert.Equal(Inputs(7), Inputs(7));
        Assert.NotEqual(Inputs(7), Inputs(8));
    }

    private static List<string> Inputs(int seed)
    {
        var inputs = new List<string>();
        var target = new FuzzTarget
        {
            Name = "inputs",
            Form = InputForm.Json,
            Seeds = static () => ["{\"amount\":[1,2,3]}"u8.ToArray()],
            Run = (input, _) => inputs.Add(Convert.ToHexString(input)),
        };
        new Campaign(target, seed).Run([], 200);
        return inputs;
    }
}
