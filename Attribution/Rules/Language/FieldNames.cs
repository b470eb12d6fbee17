using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>Reads the names of fields.</summary>
internal static class FieldNames
{
    private static readonly string[] Reserved = ["span.", "resource.", "scope.", "chain.", "trace.", "baseline."];
    private static readonly string[] Words = ["all", "any", "not", "any_span", "no_span", "every_span"];

    /// <summary>Reads a name.</summary>
    /// <param name="name">As a rule file writes it.</param>
    /// <param name="allowsAttributes">Whether a name that is none of the fixed ones may be an attribute's key.</param>
    /// <param name="field">The field.</param>
    /// <param name="problem">What is wrong with it; empty for nothing.</param>
    public static bool TryParse(string name, bool allowsAttributes, out FieldRef field, out string problem)
    {
        problem = "";
        foreach (var entry in FieldCatalog.Span.Concat(FieldCatalog.Trace))
        {
            if (entry.Name == name)
            {
                field = new FieldRef(entry.Kind, entry.Key);
                return true;
            }
        }

        field = (allowsAttributes, name) switch
        {
            (true, _) when After(name, FieldCatalog.SpanAttributePrefix) is { } key => new FieldRef(FieldKind.SpanAttribute, key),
            (true, _) when After(name, FieldCatalog.ResourcePrefix) is { } key => new FieldRef(FieldKind.ResourceAttribute, key),
            (true, { Length: > 0 }) when !Reserved.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) => new FieldRef(FieldKind.Attribute, name),
            _ => default,
        };
        if (field.Key is { Length: > 0 })
        {
            return true;
        }

        var fields = FieldCatalog.Span.Concat(FieldCatalog.Trace).Select(static entry => entry.Name);
        var nearest = NearestWord.Find(name, fields.Concat(Words));
        problem = $"unknown field \"{name}\"; allowed are {string.Join(", ", FieldCatalog.Span.Select(static entry => entry.Name))}, "
            + "span.attributes.KEY, resource.KEY, a bare attribute key, and at scope trace chain.* and trace.*"
            + (nearest is null ? "" : $"; did you mean \"{nearest}\"?");
        return false;
    }

    private static string? After(string name, string prefix) =>
        name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;
}
