namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>The salts of a tenant: which makes pseudonyms now, and which one before it is still to be known.</summary>
internal sealed class TenantSalts(Salt[] salts)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<Salt> All => salts;

    /// <summary>The salt for new pseudonyms: the one whose time began last; the first where none has begun.</summary>
    /// <param name="now">The time.</param>
    public Salt Current(DateTimeOffset now)
    {
        var current = salts[0];
        foreach (var salt in salts)
        {
            if (salt.From <= now && (current.From > now || salt.From >= current.From))
            {
                current = salt;
            }
        }

        return current;
    }

    /// <summary>The salt before the current one, while its overlap lasts; else null.</summary>
    /// <param name="now">The time.</param>
    public Salt? Previous(DateTimeOffset now)
    {
        var current = Current(now);
        Salt? previous = null;
        foreach (var salt in salts)
        {
            if (salt != current && salt.From <= now && salt.Until > now && (previous is null || salt.From >= previous.From))
            {
                previous = salt;
            }
        }

        return previous;
    }
}
