using System.Globalization;
using System.Text;

namespace TelemetryPipeline.Exporters.Alerting.Templates;

/// <summary>Whom and how much an alert concerns, in words.</summary>
internal static class ImpactText
{
    /// <summary>For example <c>12 customers, 350000 CNY minor units</c>; empty where nothing is known.</summary>
    /// <param name="alert">The alert.</param>
    public static string Of(Alert alert)
    {
        var text = new StringBuilder();
        if (alert.Customers > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{alert.Customers} {(alert.Customers == 1 ? "customer" : "customers")}");
        }

        foreach (var (currency, amount) in alert.Amounts)
        {
            text.Append(text.Length > 0 ? ", " : "")
                .Append(CultureInfo.InvariantCulture, $"{amount} {(currency.Length == 0 ? "of unknown currency in" : currency)} minor units");
        }

        return text.ToString();
    }
}
