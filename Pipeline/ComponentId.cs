using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace TelemetryPipeline.Pipeline;

/// <summary>The id of a component in a configuration: <c>type</c> or <c>type/name</c>.</summary>
/// <param name="Type">What it is: a letter, then up to 62 letters, digits and underscores.</param>
/// <param name="Name">Which one; empty for the only one. At most 1024 characters, none of them a separator, control character or symbol.</param>
/// <remarks>The rules are the Collector's (<c>component/identifiable.go</c>).</remarks>
public readonly record struct ComponentId(string Type, string Name)
{
    private const int TypeLengthMax = 63;
    private const int NameLengthMax = 1024;

    /// <inheritdoc/>
    public override string ToString() => Name.Length == 0 ? Type : $"{Type}/{Name}";

    /// <summary>Reads an id.</summary>
    /// <param name="text">The key in the configuration.</param>
    /// <param name="id">The id.</param>
    /// <param name="error">What is wrong with it, as a clause without a subject.</param>
    public static bool TryParse(string text, out ComponentId id, [NotNullWhen(false)] out string? error)
    {
        id = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var type = (slash < 0 ? text : text[..slash]).Trim();
        var name = slash < 0 ? "" : text[(slash + 1)..].Trim();
        error = (type, name) switch
        {
            ("", _) when slash < 0 => "id must not be empty",
            ("", _) => "the part before / should not be empty",
            (_, "") when slash >= 0 => "the part after / should not be empty",
            _ when !IsType(type) => "the type must be a letter followed by at most 62 letters, digits or underscores",
            _ when slash >= 0 && !IsName(name) =>
                "the name must have at most 1024 characters, none of them a space, control character or symbol",
            _ => null,
        };
        if (error is not null)
        {
            return false;
        }

        id = new ComponentId(type, name);
        return true;
    }

    private static bool IsType(string type)
    {
        if (type.Length > TypeLengthMax || !char.IsAsciiLetter(type[0]))
        {
            return false;
        }

        foreach (var c in type)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsName(string name)
    {
        if (name.Length > NameLengthMax)
        {
            return false;
        }

        foreach (var rune in name.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || Rune.IsSeparator(rune) || Rune.IsSymbol(rune) || Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
            {
                return false;
            }
        }

        return true;
    }
}
