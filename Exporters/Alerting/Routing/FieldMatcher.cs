using TelemetryPipeline.Exporters.Alerting.Events;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.Alerting.Routing;

/// <summary>Whether an event has one of some values in every one of some fields. Immutable.</summary>
internal sealed class FieldMatcher
{
    private const string NotifyName = "notify";

    private readonly List<(EventField? Field, IReadOnlyList<string> Values)> _conditions = [];

    /// <summary>Whether it takes every event.</summary>
    public bool IsOpen => _conditions.Count == 0;

    /// <summary>Reads the <c>match</c> of a route.</summary>
    /// <param name="parent">The route's section.</param>
    public static FieldMatcher Read(ConfigSection parent)
    {
        var matcher = new FieldMatcher();
        var section = parent.Section("match");
        foreach (var entry in section.Entries())
        {
            var field = EventField.Find(entry.Key);
            if (field is null && entry.Key != NotifyName)
            {
                section.Error(entry.Key, "must be notify, a field of events, or the key of an attribute");
                continue;
            }

            var values = section.Texts(entry.Key);
            if (values.Count == 0)
            {
                section.Error(entry.Key, "must list one value or more");
            }

            matcher._conditions.Add((entry.Key == NotifyName ? null : field, values));
        }

        return matcher;
    }

    /// <summary>Whether it takes an event.</summary>
    /// <param name="e">The event.</param>
    public bool Matches(AttributionEvent e)
    {
        foreach (var (field, values) in _conditions)
        {
            if (!(field is null ? Overlaps(e.Notify, values) : Contains(values, field.Of(e))))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Overlaps(IReadOnlyList<string> these, IReadOnlyList<string> those)
    {
        foreach (var one in these)
        {
            if (Contains(those, one))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Contains(IReadOnlyList<string> values, string value)
    {
        foreach (var one in values)
        {
            if (one == value)
            {
                return true;
            }
        }

        return false;
    }
}
