using System.Text;
using System.Text.Json.Nodes;

namespace TelemetryPipeline.TestSupport.Processes;

/// <summary>Asks a search server in its own words.</summary>
public sealed class SearchClient : IDisposable
{
    private const int PageSize = 5000;

    private readonly HttpClient _http;

    public SearchClient(Uri address) => _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Sends a request and reads the answer.</summary>
    /// <exception cref="HttpRequestException">The server refuses, or does not answer.</exception>
    public async Task<JsonNode> AskAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new HttpRequestException($"{method} {path}: {(int)response.StatusCode} {text}", null, response.StatusCode);
    }

    /// <summary>Searches after everything that was written can be found.</summary>
    public async Task<JsonNode> SearchAsync(string index, string query)
    {
        await AskAsync(HttpMethod.Post, $"/{index}/_refresh?ignore_unavailable=true");
        return await AskAsync(HttpMethod.Post, $"/{index}/_search?ignore_unavailable=true", query);
    }

    /// <summary>Documents in an index; 0 while it is not there.</summary>
    public async Task<long> CountAsync(string index)
    {
        await AskAsync(HttpMethod.Post, $"/{index}/_refresh?ignore_unavailable=true");
        return (long)(await AskAsync(HttpMethod.Get, $"/{index}/_count?ignore_unavailable=true"))["count"]!;
    }

    /// <summary>The values of a keyword field, one for each document.</summary>
    public async Task<List<string>> ValuesAsync(string index, string field)
    {
        var values = new List<string>();
        var after = "";
        while (true)
        {
            var answer = await SearchAsync(
                index, $$"""{"size":{{PageSize}},"_source":false,"docvalue_fields":["{{field}}"],"sort":["{{field}}","_id"]{{after}}}""");
            var hits = answer["hits"]!["hits"]!.AsArray();
            foreach (var hit in hits)
            {
                values.Add((string)hit!["fields"]![field]![0]!);
            }

            if (hits.Count < PageSize)
            {
                return values;
            }

            after = $",\"search_after\":{hits[^1]!["sort"]!.ToJsonString()}";
        }
    }

    public void Dispose() => _http.Dispose();
}
