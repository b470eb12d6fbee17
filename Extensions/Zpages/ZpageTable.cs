using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;

namespace TelemetryPipeline.Extensions.Zpages;

/// <summary>A table on a page, for people as HTML and for programs as JSON.</summary>
/// <param name="Name">Its key in JSON, lower snake case, and its heading.</param>
/// <param name="Columns">Names of the columns, lower snake case.</param>
/// <param name="Rows">Cells by row.</param>
internal sealed record ZpageTable(string Name, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    private const string Style = """
        body { font: 14px/1.4 system-ui, sans-serif; margin: 1.5rem; color-scheme: light dark; }
        table { border-collapse: collapse; margin-bottom: 1.5rem; }
        th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
        """;

    /// <summary>Writes tables as an object of arrays of objects.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="output">Takes the JSON.</param>
    public static void WriteJson(IReadOnlyList<ZpageTable> tables, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        foreach (var table in tables)
        {
            json.WriteStartArray(table.Name);
            foreach (var row in table.Rows)
            {
                json.WriteStartObject();
                for (var i = 0; i < row.Count; i++)
                {
                    json.WriteString(table.Columns[i], row[i]);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Writes tables as a page.</summary>
    /// <param name="title">The page's name.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="output">Takes the HTML.</param>
    public static void WriteHtml(string title, IReadOnlyList<ZpageTable> tables, IBufferWriter<byte> output)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>").Append(title)
            .Append("</title><style>").Append(Style).Append("</style></head><body><h1>").Append(title).Append("</h1>");
        foreach (var table in tables)
        {
            html.Append("<h2>").Append(WebUtility.HtmlEncode(Words(table.Name))).Append("</h2>");
            if (table.Rows.Count == 0)
            {
                html.Append("<p>none</p>");
                continue;
            }

            html.Append("<table><thead>");
            Row(html, "th", table.Columns.Count, i => Words(table.Columns[i]));
            html.Append("</thead><tbody>");
            foreach (var row in table.Rows)
            {
                Row(html, "td", row.Count, i => row[i]);
            }

            html.Append("</tbody></table>");
        }

        html.Append("<p><a href=\"?format=json\">as JSON</a></p></body></html>");
        Encoding.UTF8.GetBytes(html.ToString(), output);
    }

    private static void Row(StringBuilder html, string tag, int count, Func<int, string> cell)
    {
        html.Append("<tr>");
        for (var i = 0; i < count; i++)
        {
            html.Append('<').Append(tag).Append('>').Append(WebUtility.HtmlEncode(cell(i))).Append("</").Append(tag).Append('>');
        }

        html.Append("</tr>");
    }

    private static string Words(string name) => name.Replace('_', ' ');
}
