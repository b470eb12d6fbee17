using System.Globalization;
using System.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.Batch;

/// <summary>Tells requests apart by the values of some of their headers.</summary>
/// <param name="keys">Names of the headers.</param>
internal sealed class MetadataPartition(IReadOnlyList<string> keys)
{
    /// <summary>Whether requests are told apart at all.</summary>
    public bool IsNeeded => keys.Count > 0;

    /// <summary>A text that is equal for requests with equal values, and only for them.</summary>
    /// <param name="metadata">The request's headers.</param>
    public string KeyOf(RequestMetadata? metadata)
    {
        var text = new StringBuilder();
        foreach (var key in keys)
        {
            var values = metadata?.Get(key) ?? [];
            text.Append(values.Count).Append(':');
            foreach (var value in values)
            {
                // With its length in front, no value can look like two.
                text.Append(value.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(value);
            }
        }

        return text.ToString();
    }

    /// <summary>The headers a batch carries on: those it was kept apart by.</summary>
    /// <param name="metadata">The request's headers.</param>
    public RequestMetadata? HeadersOf(RequestMetadata? metadata)
    {
        if (!IsNeeded)
        {
            return null;
        }

        var headers = new List<KeyValuePair<string, IReadOnlyList<string>>>();
        foreach (var key in keys)
        {
            if (metadata?.Get(key) is { Count: > 0 } values)
            {
                headers.Add(new(key, values));
            }
        }

        return new RequestMetadata(headers);
    }
}
