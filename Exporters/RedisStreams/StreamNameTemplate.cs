using TelemetryPipeline.Otlp;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>
/// A stream's name with places in braces: <c>{signal}</c>, and attribute keys such as <c>{tenant.id}</c>, of which each
/// item fills in its own value.
/// </summary>
internal sealed class StreamNameTemplate
{
    private const int LengthMax = 256;

    // Literals around the keys: one more than there are keys.
    private readonly string[] _literals;

    private StreamNameTemplate(string[] literals, string[] keys)
    {
        _literals = literals;
        Keys = keys;
    }

    /// <summary>The keys of attributes, in the order in which they stand in the name.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>Reads a template.</summary>
    /// <param name="text">The text.</param>
    /// <param name="template">The result, usable also where the answer is false.</param>
    /// <param name="problem">What is wrong, when the answer is false.</param>
    public static bool TryParse(string text, out StreamNameTemplate template, out string problem)
    {
        template = new StreamNameTemplate([text], []);
        problem = "";
        if (text.Length is 0 or > LengthMax || text.AsSpan().ContainsAnyInRange('\0', ' '))
        {
            problem = $"must have 1 to {LengthMax} characters and no white space";
            return false;
        }

        List<string> literals = [""];
        List<string> keys = [];
        var rest = text;
        while (rest.Length > 0)
        {
            var open = rest.IndexOfAny(['{', '}']);
            literals[^1] += open < 0 ? rest : rest[..open];
            if (open < 0)
            {
                break;
            }

            var close = rest[open] == '{' ? rest.IndexOfAny(['{', '}'], open + 1) : -1;
            if (close <= open + 1 || rest[close] != '}')
            {
                problem = "must have braces only around {signal} and keys of attributes";
                return false;
            }

            var key = rest[(open + 1)..close];
            rest = rest[(close + 1)..];
            if ($"{{{key}}}" == StreamKeyNames.SignalPlace)
            {
                literals[^1] += StreamKeyNames.SignalPlace;
            }
            else
            {
                keys.Add(key);
                literals.Add("");
            }
        }

        template = new StreamNameTemplate([.. literals], [.. keys]);
        return true;
    }

    /// <summary>The name for values of the keys.</summary>
    /// <param name="signal">What the items are.</param>
    /// <param name="values">A value for each key, fit for a name.</param>
    public string Format(Signal signal, params ReadOnlySpan<string> values)
    {
        var name = StreamKeyNames.For(_literals[0], signal);
        for (var i = 0; i < values.Length; i++)
        {
            name += values[i] + StreamKeyNames.For(_literals[i + 1], signal);
        }

        return name;
    }
}
