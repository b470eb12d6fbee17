using Microsoft.AspNetCore.Http;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Receiver.Intake;

/// <summary>Copies request headers for <c>include_metadata</c>.</summary>
internal static class HeaderMetadata
{
    public static RequestMetadata Copy(IHeaderDictionary headers)
    {
        var copies = new List<KeyValuePair<string, IReadOnlyList<string>>>(headers.Count);
        foreach (var (name, values) in headers)
        {
            if (!name.StartsWith(':'))
            {
                copies.Add(new(name, Array.ConvertAll(values.ToArray(), static value => value ?? "")));
            }
        }

        return new RequestMetadata(copies);
    }
}
