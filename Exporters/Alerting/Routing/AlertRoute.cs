using TelemetryPipeline.Exporters.Alerting.Receivers;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.Alerting.Routing;

/// <summary>Who is told of which events.</summary>
/// <param name="Matcher">Which events.</param>
/// <param name="Receivers">A bit for each receiver.</param>
/// <param name="Continues">Whether later routes are tried as well.</param>
internal sealed record AlertRoute(FieldMatcher Matcher, ulong Receivers, bool Continues)
{
    /// <summary>Reads <c>routes</c>; without them every receiver is told of everything.</summary>
    /// <param name="section">The exporter's section.</param>
    /// <param name="receivers">The receivers.</param>
    public static IReadOnlyList<AlertRoute> ReadAll(ConfigSection section, IReadOnlyList<ReceiverConfig> receivers)
    {
        var all = receivers.Count == 0 ? 0 : ulong.MaxValue >> (64 - receivers.Count);
        if (section.Node("routes") is null)
        {
            return [new AlertRoute(new FieldMatcher(), all, false)];
        }

        var routes = new List<AlertRoute>();
        var takesAll = false;
        foreach (var entry in section.Sections("routes"))
        {
            var matcher = FieldMatcher.Read(entry);
            var continues = entry.Bool("continue", false);
            routes.Add(new AlertRoute(matcher, ReadReceivers(entry, receivers), continues));
            if (takesAll)
            {
                entry.Error("", "is never reached: a route before it takes everything");
            }

            takesAll |= matcher.IsOpen && !continues;
            entry.Finish();
        }

        if (!takesAll)
        {
            section.Warning("routes", "events that no route matches are counted and told to nobody; a last route without match takes the rest");
        }

        return routes;
    }

    /// <summary>The receivers of an event; 0 where no route takes it.</summary>
    /// <param name="routes">The routes, in order.</param>
    /// <param name="e">The event.</param>
    public static ulong ReceiversOf(IReadOnlyList<AlertRoute> routes, AttributionEvent e)
    {
        ulong receivers = 0;
        foreach (var route in routes)
        {
            if (route.Matcher.Matches(e))
            {
                receivers |= route.Receivers;
                if (!route.Continues)
                {
                    break;
                }
            }
        }

        return receivers;
    }

    private static ulong ReadReceivers(ConfigSection entry, IReadOnlyList<ReceiverConfig> receivers)
    {
        ulong bits = 0;
        foreach (var name in entry.Texts("receivers"))
        {
            var found = false;
            for (var i = 0; i < receivers.Count; i++)
            {
                if (receivers[i].Name == name)
                {
                    bits |= 1UL << i;
                    found = true;
                }
            }

            if (!found)
            {
                entry.Error("receivers", $"must name receivers of this exporter, got \"{name}\"");
            }
        }

        if (!entry.Has("receivers"))
        {
            entry.Error("", "must have receivers; an empty list tells nobody");
        }

        return bits;
    }
}
