using System.Globalization;
using System.Text;
using TelemetryPipeline.Attribution.Traces;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>Says in one sentence what an event is about.</summary>
/// <param name="names">The texts of chains.</param>
internal sealed class EventSentence(TraceNames names)
{
    private const string Arrow = " > ";

    /// <summary>The sentence.</summary>
    /// <param name="attribution">The event.</param>
    public string Of(RuleEvent attribution)
    {
        var text = new StringBuilder();
        var rule = attribution.Rule;
        text.Append(attribution.IsResolved ? "Over: " : "").Append(rule.Then.RootCause);
        var origin = attribution.Chain.Origin;
        if (origin.Service != NameTable.Empty)
        {
            text.Append(" at ").Append(TextOf(names.Nodes, origin.Service));
            if (origin.Code != NameTable.Empty)
            {
                text.Append(" (").Append(TextOf(names.Codes, origin.Code)).Append(')');
            }
        }

        if (attribution.Scope == EventScope.Window)
        {
            text.Append(CultureInfo.InvariantCulture, $": {attribution.WindowCount} traces within {rule.Window!.Within.TotalSeconds} s");
            text.Append(attribution.WindowKey.Length > 0 ? " for " : "").Append(attribution.WindowKey);
        }
        else if (attribution.Chain.Nodes.Length > 0)
        {
            text.Append(" on the way ").Append(PathOf(attribution.Chain));
        }

        return text.Append(CultureInfo.InvariantCulture, $" [rule {rule.Id}, {rule.Then.Priority}].").ToString();
    }

    /// <summary>The services that a chain passes, each once in a row.</summary>
    /// <param name="chain">The chain.</param>
    public string PathOf(FailureChain chain)
    {
        var path = new StringBuilder();
        int former = NameTable.Empty;
        foreach (var node in chain.Nodes)
        {
            if (node.Service != former)
            {
                path.Append(path.Length > 0 ? Arrow : "").Append(TextOf(names.Nodes, node.Service));
                former = node.Service;
            }
        }

        return path.ToString();
    }

    private static string TextOf(NameTable table, ushort number) => Encoding.UTF8.GetString(table.TextOf(number));
}
