using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Matching;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Validation;

/// <summary>A form that an attribute must have where it is present.</summary>
/// <param name="Name">The rule's name, in <c>biz.validation_errors</c> and in the metric.</param>
/// <param name="Key">The attribute.</param>
/// <param name="Form">The form.</param>
/// <param name="Action">What becomes of a span that breaks the rule.</param>
internal sealed record ValidationRule(string Name, string Key, ValueForm Form, ValidationAction Action)
{
    /// <summary>The rules that hold when none are configured.</summary>
    public static IReadOnlyList<ValidationRule> Shipped(ValidationAction action) =>
    [
        new("order_no", BusinessKeys.OrderNo, ValueForms.ByName["order_no"], action),
        new("reserve_account", BusinessKeys.ReserveAccount, ValueForms.ByName["reserve_account"], action),
        new("currency", "currency", ValueForms.ByName["currency"], action),
        new("timestamp", "ts_ms", ValueForms.ByName["timestamp_ms"], action),
        new("amount", "amount", ValueForms.ByName["amount"], action),
    ];

    /// <summary>Reads an entry of <c>rules</c>.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="defaultAction">The action of all rules.</param>
    /// <returns>Null when it has errors.</returns>
    public static ValidationRule? Read(ConfigSection entry, ValidationAction defaultAction)
    {
        var name = entry.RequiredText("name");
        var key = entry.RequiredText("key");
        var format = entry.Text("format");
        var pattern = entry.Text("pattern");
        var action = ReadAction(entry, defaultAction);
        ValueForm? form = null;
        if ((format is null) == (pattern is null))
        {
            entry.Error("", "must have exactly one of \"format\" and \"pattern\"");
        }
        else if (format is not null && !ValueForms.ByName.TryGetValue(format, out form))
        {
            entry.Error("format", $"must be one of {string.Join(", ", ValueForms.ByName.Keys)}, got \"{format}\"");
        }
        else if (pattern is not null)
        {
            // The whole value has to match, or a rule would let anything pass that has the right thing in it.
            if (Utf8Pattern.TryCompile(pattern, out var compiled, out var problem, wholeText: true))
            {
                form = (in value) => compiled.IsMatch(value);
            }
            else
            {
                entry.Error("pattern", problem);
            }
        }

        entry.Finish();
        return form is null ? null : new ValidationRule(name, key, form, action);
    }

    /// <summary>Reads <c>action</c>.</summary>
    public static ValidationAction ReadAction(ConfigSection section, ValidationAction defaultAction) => section.Word(
        "action",
        defaultAction,
        ("keep", ValidationAction.Keep),
        ("redact", ValidationAction.Redact),
        ("drop", ValidationAction.Drop));
}
