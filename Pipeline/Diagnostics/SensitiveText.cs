using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>
/// Masks credentials in text for people: the user and password of a URL or address, and values of query parameters whose
/// names say that they are secret. Used for configuration errors, log lines, component status and <c>print-config</c>.
/// Linear in the length of the text.
/// </summary>
public static partial class SensitiveText
{
    private static readonly SearchValues<char> WordEnds = SearchValues.Create(" \t\r\n\"'<>`");
    private static readonly SearchValues<char> ParameterStarts = SearchValues.Create("?&;");
    private static readonly SearchValues<char> ParameterEnds = SearchValues.Create("&;#");
    private static readonly string[] SecretParameters =
        ["token", "key", "secret", "passw", "pwd", "sig", "auth", "cred", "session"];

    /// <summary>A copy of a text without credentials; the text itself where it has none.</summary>
    /// <param name="text">The text.</param>
    public static string Mask(string text)
    {
        if (text.AsSpan().IndexOfAny('@', '=') < 0)
        {
            return text;
        }

        var masked = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOfAny(WordEnds);
            var word = end < 0 ? rest : rest[..end];
            MaskParameters(MaskUser(word, masked), masked);
            masked.Append(end < 0 ? [] : rest.Slice(end, 1));
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return masked.ToString();
    }

    /// <summary>Whether a setting's name says that its value is a secret.</summary>
    /// <param name="key">The key.</param>
    public static bool IsSecretKey(string key) => SecretKey().IsMatch(key);

    /// <summary>Whether a key of a path says so.</summary>
    /// <param name="path">Keys joined with <c>::</c>.</param>
    public static bool IsSecretPath(string path) => Array.Exists(path.Split("::"), IsSecretKey);

    // A password may hold any of / : @ # ?, so everything up to the last @ of the word belongs to it. Without a scheme, only
    // what has the form user:password is taken for one.
    private static ReadOnlySpan<char> MaskUser(ReadOnlySpan<char> word, StringBuilder masked)
    {
        var at = word.LastIndexOf('@');
        if (at < 0 || at == word.Length - 1)
        {
            return word;
        }

        var scheme = word[..at].IndexOf("://");
        var colon = word[..at].IndexOf(':');
        if (scheme < 0 && (colon < 0 || colon == at - 1))
        {
            return word;
        }

        var start = scheme >= 0 ? scheme + 3 : word[..colon].LastIndexOfAny("(=,[{") + 1;
        if (scheme < 0 && word[start..colon].Contains('/'))
        {
            return word;
        }

        masked.Append(word[..start]).Append(Secret.Mask);
        return word[at..];
    }

    private static void MaskParameters(ReadOnlySpan<char> word, StringBuilder masked)
    {
        while (word.IndexOfAny(ParameterStarts) is var start and >= 0)
        {
            masked.Append(word[..(start + 1)]);
            word = word[(start + 1)..];
            var equals = word.IndexOf('=');
            if (equals < 0 || word[..equals].IndexOfAny(ParameterStarts) >= 0 || !IsSecretParameter(word[..equals]))
            {
                continue;
            }

            masked.Append(word[..(equals + 1)]).Append(Secret.Mask);
            word = word[(equals + 1)..];
            word = word.IndexOfAny(ParameterEnds) is var end and >= 0 ? word[end..] : [];
        }

        masked.Append(word);
    }

    private static bool IsSecretParameter(ReadOnlySpan<char> name)
    {
        foreach (var part in SecretParameters)
        {
            if (name.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(
        "^(.*password|passwd|.*secret|.*token|.*api_?key|authorization|.*headers|key_pem|.*credentials|private_key)$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SecretKey();
}
