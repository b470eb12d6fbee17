using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace TransferServices;

/// <summary>Finds a trace with a business code in the JSON lines of a collector and prints it as a tree.</summary>
internal static class ChainPrinter
{
    private sealed record Row(string TraceId, string Id, string Parent, string Service, string Name, double Ms, ulong StartNs, string Status, string Code);

    /// <summary>Prints the newest whole trace that has the code.</summary>
    /// <returns>The exit code: 0, or 1 where there is none.</returns>
    public static int Print(string file, string code, TextWriter output, TextWriter errors)
    {
        if (!File.Exists(file))
        {
            errors.WriteLine($"{file} does not exist (yet)");
            return 1;
        }

        var traces = Read(file).GroupBy(r => r.TraceId).Select(g => g.ToList()).ToList();
        var trace = traces.Where(t => t.Exists(r => r.Code == code)).MaxBy(t => (t.Exists(r => r.Parent.Length == 0), t.Max(r => r.StartNs)));
        if (trace is null)
        {
            errors.WriteLine($"no span with code {code} in {file} yet ({traces.Count} traces)");
            return 1;
        }

        output.WriteLine($"trace {trace[0].TraceId}, {trace.Count} spans");
        var ids = trace.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var root in trace.Where(r => !ids.Contains(r.Parent)).OrderBy(r => r.StartNs))
        {
            PrintBelow(root, trace, 0, output);
        }

        return 0;
    }

    private static void PrintBelow(Row row, List<Row> trace, int depth, TextWriter output)
    {
        var failure = row.Code.Length == 0 ? "" : $"  {row.Status} {row.Code}";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{new string(' ', 2 * depth)}{row.Service}: {row.Name}  {row.Ms:F1} ms{failure}"));
        foreach (var child in trace.Where(r => r.Parent == row.Id).OrderBy(r => r.StartNs))
        {
            PrintBelow(child, trace, depth + 1, output);
        }
    }

    private static IEnumerable<Row> Read(string file)
    {
        // The collector may be writing: read what is there, without its unfinished last line.
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith("{\"resourceSpans\"", StringComparison.Ordinal) || !line.EndsWith('}'))
            {
                continue;
            }

            using var document = JsonDocument.Parse(line);
            foreach (var resource in List(document.RootElement, "resourceSpans"))
            {
                var service = resource.TryGetProperty("resource", out var r) ? Attribute(r, "service.name") : "";
                foreach (var span in List(resource, "scopeSpans").SelectMany(s => List(s, "spans")))
                {
                    yield return ToRow(span, service);
                }
            }
        }
    }

    private static Row ToRow(JsonElement span, string service)
    {
        var start = Nanoseconds(span, "startTimeUnixNano");
        return new Row(
            Text(span, "traceId"),
            Text(span, "spanId"),
            Text(span, "parentSpanId"),
            service,
            Text(span, "name"),
            (Nanoseconds(span, "endTimeUnixNano") - start) / 1e6,
            start,
            Attribute(span, "status"),
            Attribute(span, "code"));
    }

    private static List<JsonElement> List(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var list) ? [.. list.EnumerateArray()] : [];

    private static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static ulong Nanoseconds(JsonElement span, string name) =>
        ulong.TryParse(Text(span, name), NumberStyles.None, CultureInfo.InvariantCulture, out var ns) ? ns : 0;

    private static string Attribute(JsonElement holder, string key)
    {
        foreach (var pair in List(holder, "attributes"))
        {
            if (Text(pair, "key") == key && pair.TryGetProperty("value", out var value))
            {
                return Text(value, "stringValue");
            }
        }

        return "";
    }
}
