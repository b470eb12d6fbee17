using System.Diagnostics;
using TelemetryPipeline.Fuzz.Mutation;

namespace TelemetryPipeline.Fuzz;

/// <summary>Runs one target over its seeds, its corpus and mutations of both.</summary>
internal sealed class Campaign
{
    private const int PoolMax = 4000;
    private const int InputsOfAKindMax = 1;
    private const int RepeatEvery = 16;
    private const int ShrinkTriesMax = 2000;

    private readonly FuzzTarget _target;
    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly Outcome _outcome = new();
    private readonly byte[] _seen = Coverage.NothingSeen();
    private readonly List<byte[]> _pool = [];
    private readonly Dictionary<string, int> _kinds = new(StringComparer.Ordinal);

    public Campaign(FuzzTarget target, int seed)
    {
        _target = target;
        _random = new Random(seed);
        _mutator = new Mutator(_random, target.Form, target.Words);
    }

    /// <summary>Longest mutated input in bytes.</summary>
    public int LengthMax { get; init; } = 2048;

    /// <summary>An execution that takes longer is a finding; infinite by default, as machines differ.</summary>
    public TimeSpan TimeLimit { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Inputs read, with repetitions.</summary>
    public long Executions { get; private set; }

    /// <summary>The longest execution.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>Inputs that broke an invariant, one of each kind.</summary>
    public List<Finding> Findings { get; } = [];

    /// <summary>Inputs that passed branches that no earlier one had.</summary>
    public List<byte[]> Discoveries { get; } = [];

    /// <summary>Runs the target.</summary>
    /// <param name="corpus">Inputs that were kept.</param>
    /// <param name="executions">How many times, at least.</param>
    public void Run(IReadOnlyList<byte[]> corpus, long executions)
    {
        foreach (var input in corpus)
        {
            Try(input, repeats: true);
            _pool.Add(input);
        }

        foreach (var input in _target.Seeds())
        {
            Try(input, repeats: true);
            _pool.Add(input);
        }

        while (Executions < executions)
        {
            var input = _mutator.Mutate(Pick(), Pick(), LengthMax);
            if (Try(input, repeats: Executions % RepeatEvery == 0))
            {
                Discoveries.Add(input);
                if (_pool.Count < PoolMax)
                {
                    _pool.Add(input);
                }
                else
                {
                    _pool[_random.Next(PoolMax)] = input;
                }
            }
        }
    }

    private byte[] Pick() => _pool[_random.Next(_pool.Count)];

    private bool Try(byte[] input, bool repeats)
    {
        Coverage.Clear();
        var failure = Execute(input, out var outcome);
        var isNew = Coverage.AddTo(_seen);
        if (failure is null && repeats && Execute(input, out var again) is null && again != outcome)
        {
            failure = new FuzzFailureException("the same input has another outcome the second time");
        }

        if (failure is not null)
        {
            Report(input, failure);
        }

        return isNew && failure is null;
    }

    private Exception? Execute(byte[] input, out ulong outcome)
    {
        Executions++;
        _outcome.Clear();
        var begin = Stopwatch.GetTimestamp();
        try
        {
            _target.Run(input, _outcome);
        }
        catch (Exception e)
        {
            outcome = 0;
            return e;
        }

        outcome = _outcome.Value;
        var elapsed = Stopwatch.GetElapsedTime(begin);
        Slowest = elapsed > Slowest ? elapsed : Slowest;
        return TimeLimit > TimeSpan.Zero && elapsed > TimeLimit
            ? new FuzzFailureException($"an execution takes longer than {TimeLimit}")
            : null;
    }

    private void Report(byte[] input, Exception failure)
    {
        var kind = Finding.KindOf(failure);
        _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
        if (_kinds[kind] <= InputsOfAKindMax)
        {
            Findings.Add(new Finding(Shrink(input, kind), kind, failure));
        }
    }

    // Removes shorter and shorter runs as long as the input fails in the same way.
    private byte[] Shrink(byte[] input, string kind)
    {
        var tries = 0;
        for (var run = Math.Max(input.Length / 2, 1); run >= 1; run /= 2)
        {
            for (var at = 0; at + run <= input.Length && tries < ShrinkTriesMax;)
            {
                byte[] shorter = [.. input[..at], .. input[(at + run)..]];
                tries++;
                if (Execute(shorter, out _) is { } failure && Finding.KindOf(failure) == kind)
                {
                    input = shorter;
                }
                else
                {
                    at += run;
                }
            }
        }

        return input;
    }
}
