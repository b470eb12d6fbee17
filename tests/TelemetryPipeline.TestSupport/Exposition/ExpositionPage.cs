using System.Globalization;
using System.Linq;

namespace TelemetryPipeline.TestSupport.Exposition;

/// <summary>
/// A strict reader of metrics pages, stricter than Prometheus where the formats are: text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/) and OpenMetrics 1.0
/// (https://prometheus.io/docs/specs/om/open_metrics_spec/).
/// </summary>
/// <exception cref="FormatException">A line breaks a rule.</exception>
public sealed class ExpositionPage
{
    private static readonly Dictionary<string, string[]> Suffixes = new()
    {
        ["gauge"] = [""],
        ["histogram"] = ["_bucket", "_sum", "_count"],
        ["summary"] = ["", "_sum", "_count"],
    };

    private readonly bool _isOpenMetrics;
    private readonly List<ExpositionSample> _samples = [];
    private readonly Dictionary<string, string> _types = [];
    private readonly HashSet<string> _helps = [];
    private readonly HashSet<string> _series = [];
    private readonly HashSet<string> _closed = [];
    private readonly Dictionary<string, string> _owners = [];
    private string _family = "";
    private string _line = "";

    private ExpositionPage(bool isOpenMetrics) => _isOpenMetrics = isOpenMetrics;

    /// <summary>The samples, in order.</summary>
    public IReadOnlyList<ExpositionSample> Samples => _samples;

    /// <summary>Types by family.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    /// <summary>Reads a page.</summary>
    /// <param name="text">The page.</param>
    /// <param name="isOpenMetrics">Whether it is OpenMetrics.</param>
    public static ExpositionPage Parse(string text, bool isOpenMetrics)
    {
        var page = new ExpositionPage(isOpenMetrics);
        page.Read(text);
        return page;
    }

    private void Read(string text)
    {
        Check(text.Length == 0 || text[^1] == '\n', "the page does not end with a line feed");
        var lines = text.Split('\n')[..^1];
        Check(!_isOpenMetrics || lines is [.., "# EOF"], "no # EOF at the end");
        foreach (var line in _isOpenMetrics ? lines[..^1] : lines)
        {
            _line = line;
            if (line.StartsWith('#'))
            {
                ReadComment();
            }
            else
            {
                ReadSample();
            }
        }

        CheckHistograms();
    }

    private void ReadComment()
    {
        var words = _line.Split(' ', 4);
        Check(words.Length >= 3 && words[0] == "#" && words[1] is "HELP" or "TYPE" or "UNIT", "neither HELP nor TYPE nor UNIT");
        Check(IsName(words[2], isLabel: false), "not a metric's name");
        Begin(words[2]);
        if (words[1] == "HELP")
        {
            Check(words.Length == 4 && !words[3].Contains('\0', StringComparison.Ordinal), "no text, or a NUL in it");
            Check(_helps.Add(words[2]), "a second HELP");
        }
        else if (words[1] == "TYPE")
        {
            Check(words.Length == 4 && words[3] is "gauge" or "counter" or "histogram" or "summary", "an unknown type");
            Check(_types.TryAdd(words[2], words[3]), "a second TYPE");
            foreach (var name in Reserved(words[2], words[3]))
            {
                Check(_owners.TryAdd(name, words[2]), $"{name} is also a name of {_owners.GetValueOrDefault(name)}");
            }
        }
    }

    private void Begin(string family)
    {
        if (family != _family)
        {
            _closed.Add(_family);
            Check(!_closed.Contains(family), "a family in two places");
            _family = family;
        }
    }

    // What may clash with the names of another family, by the OpenMetrics specification; for the text format the samples.
    private IEnumerable<string> Reserved(string family, string type)
    {
        string[] more = _isOpenMetrics && type != "gauge" ? ["_created"] : [];
        return SuffixesOf(type).Concat(more).Append("").Distinct().Select(suffix => family + suffix);
    }

    private string[] SuffixesOf(string type) => type == "counter" ? [_isOpenMetrics ? "_total" : ""] : Suffixes[type];

    private void ReadSample()
    {
        var at = 0;
        while (at < _line.Length && _line[at] is not ('{' or ' '))
        {
            at++;
        }

        var name = _line[..at];
        Check(IsName(name, isLabel: false), "not a metric's name");
        Check(_types.TryGetValue(_family, out var type), "a sample before its TYPE");
        Check(SuffixesOf(type!).Any(suffix => name == _family + suffix), $"not a sample of {_family}, a {type}");
        var labels = ReadLabels(ref at);
        CheckOwnLabels(name, type!, labels);
        Check(at < _line.Length && _line[at] == ' ', "no space before the value");
        var rest = _line[(at + 1)..];
        var exemplar = rest.IndexOf(" # ", StringComparison.Ordinal);
        if (exemplar >= 0)
        {
            Check(_isOpenMetrics && (name.EndsWith("_bucket", StringComparison.Ordinal) || type == "counter"), "an exemplar here");
            rest = rest[..exemplar];
        }

        var numbers = rest.Split(' ');
        Check(numbers.Length <= 2, "more than value and time");
        var value = Number(numbers[0]);
        if (numbers.Length == 2)
        {
            Number(numbers[1]);
        }

        var sample = new ExpositionSample(name, labels, value);
        Check(_series.Add(sample.Series), "a second sample of one series");
        _samples.Add(sample);
    }

    private SortedDictionary<string, string> ReadLabels(ref int at)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (at == _line.Length || _line[at] != '{')
        {
            return labels;
        }

        do
        {
            var equals = _line.IndexOf("=\"", at, StringComparison.Ordinal);
            Check(equals > at, "no label");
            var name = _line[(at + 1)..equals];
            Check(IsName(name, isLabel: true), $"\"{name}\" is not a label's name");
            at = equals + 2;
            Check(labels.TryAdd(name, ReadValue(ref at)), $"{name} twice");
        }
        while (at < _line.Length && _line[at] == ',');
        Check(at < _line.Length && _line[at] == '}', "labels without an end");
        at++;
        return labels;
    }

    private string ReadValue(ref int at)
    {
        var value = new System.Text.StringBuilder();
        for (; at < _line.Length && _line[at] != '"'; at++)
        {
            if (_line[at] != '\\')
            {
                Check(_line[at] != '\0', "a NUL");
                value.Append(_line[at]);
                continue;
            }

            at++;
            Check(at < _line.Length && _line[at] is '\\' or '"' or 'n', "an unknown escape");
            value.Append(_line[at] == 'n' ? '\n' : _line[at]);
        }

        Check(at < _line.Length, "a value without an end");
        at++;
        return value.ToString();
    }

    private void CheckOwnLabels(string name, string type, SortedDictionary<string, string> labels)
    {
        var own = type == "histogram" && name == _family + "_bucket" ? "le" : type == "summary" && name == _family ? "quantile" : "";
        foreach (var reserved in (string[])["le", "quantile"])
        {
            Check(labels.ContainsKey(reserved) == (reserved == own), $"{reserved} of a {type}'s {name}");
        }

        if (own.Length > 0)
        {
            var number = Number(labels[own]);
            Check(own == "le" || number is >= 0 and <= 1, "a quantile beyond 0 and 1");
            Check(!_isOpenMetrics || !double.IsFinite(number) || labels[own].AsSpan().IndexOfAny(".eE") >= 0, "a bound that is no float");
        }
    }

    // Of one set of labels: rising bounds and counts, +Inf last, and the count equal to it; in one piece.
    private void CheckHistograms()
    {
        foreach (var (family, _) in _types.Where(static t => t.Value == "histogram"))
        {
            var seen = new HashSet<string>();
            foreach (var buckets in Runs(_samples.Where(s => s.Name == family + "_bucket")))
            {
                _line = family + "{" + buckets[0].Without("le") + "}";
                Check(seen.Add(_line), "buckets in two places");
                var bounds = buckets.Select(static b => Number(b.Labels["le"])).ToList();
                Check(bounds.Zip(bounds.Skip(1), static (a, b) => a < b).All(static rises => rises), "bounds that do not rise");
                Check(buckets.Zip(buckets.Skip(1), static (a, b) => a.Value <= b.Value).All(static rises => rises), "counts that fall");
                Check(bounds[^1] == double.PositiveInfinity, "no bucket +Inf");
                var count = _samples.Single(s => s.Name == family + "_count" && s.Without("") == buckets[0].Without("le"));
                Check(count.Value.Equals(buckets[^1].Value), "a count other than the last bucket's");
            }
        }
    }

    private static IEnumerable<List<ExpositionSample>> Runs(IEnumerable<ExpositionSample> samples)
    {
        List<ExpositionSample> run = [];
        foreach (var sample in samples)
        {
            if (run.Count > 0 && run[0].Without("le") != sample.Without("le"))
            {
                yield return run;
                run = [];
            }

            run.Add(sample);
        }

        if (run.Count > 0)
        {
            yield return run;
        }
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw new FormatException($"\"{text}\" is not a number"),
    };

    // Names of labels that begin with two underscores are Prometheus's own.
    private static bool IsName(string name, bool isLabel) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && !(isLabel && name.StartsWith("__", StringComparison.Ordinal))
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || (c == ':' && !isLabel));

    private void Check(bool isRight, string problem)
    {
        if (!isRight)
        {
            throw new FormatException($"{problem}: {_line}");
        }
    }
}
