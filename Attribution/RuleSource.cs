using System.IO.Hashing;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution;

/// <summary>
/// The rule files of a component. Looks at their content rather than at file events, which a file swapped behind a
/// symbolic link does not send; files that are not right leave the former rules in force.
/// </summary>
/// <param name="patterns">Paths, the last part with <c>*</c> and <c>?</c>; none stands for the shipped rules.</param>
/// <param name="slots">Where the collector registers the keys that components read.</param>
/// <param name="time">The clock.</param>
internal sealed class RuleSource(IReadOnlyList<string> patterns, AttributeSlots slots, TimeProvider time)
{
    // Keys that former rules asked for stay registered; before there is no room for more, a set gets slots of its own.
    private const int SharedSlotsMax = AttributeSlots.MaxKeys * 3 / 4;
    private const int ErrorsShown = 3;

    private ulong _seen;

    /// <summary>What became of the last change; right after a start, of the first reading.</summary>
    public RuleSourceStatus Status { get; private set; } = RuleSourceStatus.Nothing;

    /// <summary>Whether the rules come from files, which may change.</summary>
    public bool HasFiles => patterns.Count > 0;

    /// <summary>Reads the rules for the first time.</summary>
    /// <exception cref="ComponentStartException">They are not right.</exception>
    public RuleSet Load()
    {
        _seen = Fingerprint();
        return Read() ?? throw new ComponentStartException($"cannot use the rules: {Status.Problem}");
    }

    /// <summary>Reads the rules again where the files have changed.</summary>
    /// <param name="rules">The new rules; null where they are not right, and <see cref="Status"/> says why.</param>
    /// <returns>False where nothing has changed.</returns>
    public bool TryReload(out RuleSet? rules)
    {
        rules = null;
        if (!HasFiles || Fingerprint() is var fingerprint && fingerprint == _seen)
        {
            return false;
        }

        _seen = fingerprint;
        try
        {
            rules = Read();
        }
        catch (Exception e)
        {
            // Files that the reader cannot handle are refused like any others; reading them again would fail again.
            var problem = $"unexpected error while reading the rules: {e.GetType().Name}: {e.Message}";
            Status = Status with { TriedAt = time.GetUtcNow(), Errors = [problem], Problem = problem };
        }

        return true;
    }

    private RuleSet? Read()
    {
        var result = RuleFiles.Load(patterns, slots.Count < SharedSlotsMax ? slots : new AttributeSlots());
        var now = time.GetUtcNow();
        if (result.Rules is { } rules)
        {
            Status = new RuleSourceStatus(result.Files, rules.Hash, now, now, [], "");
            return rules;
        }

        var texts = new List<string>();
        foreach (var error in result.Errors)
        {
            texts.Add(error.ToString());
        }

        var problem = string.Join("; ", texts.GetRange(0, Math.Min(texts.Count, ErrorsShown)));
        problem += texts.Count > ErrorsShown ? $"; and {texts.Count - ErrorsShown} more" : "";
        Status = Status with { TriedAt = now, Errors = texts, Problem = problem };
        return null;
    }

    private ulong Fingerprint()
    {
        var hash = new XxHash3();
        foreach (var file in RuleFiles.Expand(patterns, new ConfigErrors()))
        {
            hash.Append(System.Text.Encoding.UTF8.GetBytes(file));
            try
            {
                hash.Append(BoundedFile.ReadAllBytes(file, RuleFiles.BytesMax));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                hash.Append([0]);
            }
        }

        return hash.GetCurrentHashAsUInt64();
    }
}
