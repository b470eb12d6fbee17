using System.Globalization;
using System.Linq;
using System.Text;

namespace TelemetryPipeline.TestSupport.Rules;

/// <summary>Rule files of many rules as a bank writes them: mostly codes, some services, amounts, latencies and expressions.</summary>
public static class ManyRules
{
    private static readonly string[] Services = ["risk-engine", "balance-ledger", "journal", "pboc-front", "clearing-engine"];

    /// <summary>A file of so many rules, none of which a successful transfer or one without balance hits.</summary>
    /// <param name="count">How many.</param>
    public static string Text(int count)
    {
        var text = new StringBuilder();
        foreach (var i in Enumerable.Range(0, count))
        {
            var service = Services[i % Services.Length];
            var when = (i % 10) switch
            {
                < 7 => $"{{span.status: FAILED, span.code: ERR_NUMBER_{i}}}",
                7 => $"{{service.name: {service}, span.duration: '> {10_000 + i}ms', span.code: {{starts_with: ERR_N{i}}}}}",
                8 => $"{{payment_channel: channel_{i}, any: [{{amount: '> {i}000000000'}}, {{span.code: {{matches: '^ERR_{i}$'}}}}]}}",
                _ => $"{{span.name: 'operation {i}', span.duration: '> baseline.p99'}}",
            };
            text.Append(CultureInfo.InvariantCulture, $"- {{id: rule_{i}, when: {when}, then: {{category: c, root_cause: x}}}}\n");
        }

        return text.ToString();
    }
}
