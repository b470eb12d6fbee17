using System.Collections;
using System.Text;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>The rows of a CSV text (RFC 4180): quoted fields may hold commas, line breaks and doubled quotes; empty lines are left out.</summary>
/// <param name="text">The text.</param>
internal sealed class CsvRows(string text) : IEnumerable<List<string>>
{
    /// <inheritdoc/>
    public IEnumerator<List<string>> GetEnumerator()
    {
        var row = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c != '"')
                {
                    field.Append(c);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else
                {
                    quoted = false;
                }

                continue;
            }

            switch (c)
            {
                case '"' when field.Length == 0:
                    quoted = true;
                    break;
                case ',':
                    row.Add(Take(field));
                    break;
                case '\r' when i + 1 < text.Length && text[i + 1] == '\n':
                    break;
                case '\n':
                    row.Add(Take(field));
                    if (row.Count > 1 || row[0].Length > 0)
                    {
                        yield return row;
                    }

                    row = [];
                    break;
                default:
                    field.Append(c);
                    break;
            }
        }

        if (row.Count > 0 || field.Length > 0)
        {
            row.Add(Take(field));
            yield return row;
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string Take(StringBuilder field)
    {
        var value = field.ToString();
        field.Clear();
        return value;
    }
}
