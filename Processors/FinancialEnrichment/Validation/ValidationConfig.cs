using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Validation;

/// <summary>The section <c>validate</c>.</summary>
internal sealed record ValidationConfig
{
    /// <summary>Rules that fit into one number's bits.</summary>
    public const int RulesMax = 64;

    /// <summary>Whether values are checked.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The rules: those shipped, with those configured in the place of their namesakes and behind them.</summary>
    public IReadOnlyList<ValidationRule> Rules { get; init; } = ValidationRule.Shipped(ValidationAction.Keep);

    /// <summary>Reads the section.</summary>
    public static ValidationConfig Read(ConfigSection section)
    {
        var enabled = section.Bool("enabled", true);
        var action = ValidationRule.ReadAction(section, ValidationAction.Keep);
        var rules = new List<ValidationRule>(ValidationRule.Shipped(action));
        foreach (var entry in section.Sections("rules"))
        {
            if (ValidationRule.Read(entry, action) is { } rule)
            {
                var namesake = rules.FindIndex(r => r.Name == rule.Name);
                if (namesake >= 0)
                {
                    rules[namesake] = rule;
                }
                else
                {
                    rules.Add(rule);
                }
            }
        }

        if (rules.Count > RulesMax)
        {
            section.Error("rules", $"must be at most {RulesMax} with those shipped, got {rules.Count}");
        }

        section.Finish();
        return new ValidationConfig { Enabled = enabled, Rules = rules };
    }
}
