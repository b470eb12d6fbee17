using System.Security.Cryptography;
using System.Text;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <content>What belongs together, and what silences what.</content>
internal sealed partial class AlertBook
{
    private const int FingerprintBytes = 8;

    private static bool IsOverflow(AlertGroup group) => group.Labels is [_, { Key: OverflowLabel }];

    private static string[] SpansAbove(AttributionEvent e)
    {
        var origin = e.Text(AttributionKeys.OriginSpanId);
        var spans = new List<string>(e.Chain.Count);
        foreach (var step in e.Chain)
        {
            if (step.SpanId.Length > 0 && step.SpanId != origin)
            {
                spans.Add(step.SpanId);
            }
        }

        return [.. spans];
    }

    private static string KeyOf(List<KeyValuePair<string, string>> labels, ulong receivers)
    {
        var key = new StringBuilder();
        key.Append(receivers);
        foreach (var (name, value) in labels)
        {
            key.Append('\0').Append(name).Append('\u0001').Append(value);
        }

        return key.ToString();
    }

    private static string FingerprintOf(string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, FingerprintBytes));

    private List<KeyValuePair<string, string>> LabelsOf(AttributionEvent e)
    {
        var labels = new List<KeyValuePair<string, string>>(_config.GroupBy.Count);
        foreach (var field in _config.GroupBy)
        {
            // A label without a value is no label, to Prometheus and its friends.
            if (field.Of(e) is { Length: > 0 } value)
            {
                labels.Add(new(field.Label, value));
            }
        }

        labels.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        return labels;
    }

    // Whether the event's origin lies on the path of another of its trace. If others' origins lie on its own path, and
    // nobody was told of them yet, they are taken back.
    private bool Path(EventEntry entry, BatchWaiter? waiter)
    {
        foreach (var other in _events.OfTrace(entry.TraceId))
        {
            if (other != entry && other.Group is { IsFiring: true } && entry.OriginSpan.Length > 0
                && Array.IndexOf(other.SpansAbove, entry.OriginSpan) >= 0)
            {
                HoldIfOwed(other.Group, waiter);
                return true;
            }
        }

        foreach (var other in _events.OfTrace(entry.TraceId))
        {
            if (other != entry && other.Group is { IsFiring: true, IsToldToAny: false } && other.OriginSpan.Length > 0
                && Array.IndexOf(entry.SpansAbove, other.OriginSpan) >= 0)
            {
                Withdraw(other, Now);
                _metrics.CountEvent(EventFate.OnPath);
            }
        }

        return false;
    }

    private void Withdraw(EventEntry entry, TimeSpan now)
    {
        var group = entry.Group!;
        group.Withdraw(entry);
        if (group.ActiveCount > 0 || group.ForgottenUntil > now)
        {
            return;
        }

        if (group.IsToldToAny)
        {
            ResolveGroup(group, now);
            return;
        }

        // Its events are part of others now, which are told instead.
        _mutes.Remove(group);
        _groups.Remove(group.Key);
        group.Release(ConsumeResult.Accepted);
    }

    private void Discard(AlertGroup group)
    {
        _groups.Remove(group.Key);
        group.Release(ConsumeResult.Accepted);
    }
}
