using System.Globalization;
using System.Text;

namespace TelemetryPipeline.Pipeline.Matching;

/// <summary>
/// The named groups of RE2: Unicode general categories and scripts, POSIX classes, Perl classes, and simple case folding.
/// </summary>
internal static class UnicodeGroups
{
    private const string ScriptResource = "unicode/Scripts.txt";
    private const int KelvinSign = 0x212A;
    private const int LongS = 0x17F;
    private const int CapitalIWithDot = 0x130;
    private const int DotlessI = 0x131;

    // Categories in the order of UnicodeCategory, up to "assigned". RE2 does not count unassigned code points as \pC.
    private static readonly string[] CategoryNames =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So",
    ];

    private static readonly Lazy<Dictionary<string, CodePointSet>> Categories = new(ReadCategories);
    private static readonly Lazy<Dictionary<string, CodePointSet>> Scripts = new(ReadScripts);
    private static readonly Lazy<int[][]> Orbits = new(FindOrbits);

    private static readonly Dictionary<string, string> Posix = new(StringComparer.Ordinal)
    {
        ["alnum"] = "09AZaz",
        ["alpha"] = "AZaz",
        ["ascii"] = "\0\x7F",
        ["blank"] = "\t\t  ",
        ["cntrl"] = "\0\x1F\x7F\x7F",
        ["digit"] = "09",
        ["graph"] = "!~",
        ["lower"] = "az",
        ["print"] = " ~",
        ["punct"] = "!/:@[`{~",
        ["space"] = "\t\r  ",
        ["upper"] = "AZ",
        ["word"] = "09AZ__az",
        ["xdigit"] = "09AFaf",
    };

    /// <summary>Code points that differ only by case, as groups of two or more.</summary>
    public static IReadOnlyList<int[]> CaseOrbits => Orbits.Value;

    /// <summary>The code points of a category or script as written in <c>\p{...}</c>; null for an unknown name.</summary>
    public static CodePointSet? Find(string name) =>
        name == "Any" ? new CodePointSet().Add(0, CodePointSet.Last)
            : Categories.Value.TryGetValue(name, out var category) ? category
            : Scripts.Value.GetValueOrDefault(name);

    /// <summary>The ASCII characters of a POSIX class; null for an unknown name.</summary>
    public static CodePointSet? FindPosix(string name) => Posix.TryGetValue(name, out var pairs) ? OfPairs(pairs) : null;

    /// <summary>The ASCII characters of <c>\d</c>, <c>\s</c> or <c>\w</c>; null for another letter.</summary>
    public static CodePointSet? FindPerl(char letter) => letter switch
    {
        'd' => OfPairs("09"),
        's' => OfPairs("\t\n\f\r  "),
        'w' => OfPairs("09AZ__az"),
        _ => null,
    };

    private static CodePointSet OfPairs(string pairs)
    {
        var set = new CodePointSet();
        for (var i = 0; i < pairs.Length; i += 2)
        {
            set.Add(pairs[i], pairs[i + 1]);
        }

        return set;
    }

    private static Dictionary<string, CodePointSet> ReadCategories()
    {
        var categories = new Dictionary<string, CodePointSet>(StringComparer.Ordinal);
        for (var codePoint = 0; codePoint <= CodePointSet.Last; codePoint++)
        {
            var category = (int)CharUnicodeInfo.GetUnicodeCategory(codePoint);
            if (category < CategoryNames.Length)
            {
                var name = CategoryNames[category];
                AddTo(name, codePoint);
                AddTo(name[..1], codePoint);
            }
        }

        return categories;

        void AddTo(string name, int codePoint)
        {
            if (!categories.TryGetValue(name, out var set))
            {
                categories.Add(name, set = new CodePointSet());
            }

            set.Add(codePoint, codePoint);
        }
    }

    private static Dictionary<string, CodePointSet> ReadScripts()
    {
        var scripts = new Dictionary<string, CodePointSet>(StringComparer.Ordinal);
        using var stream = typeof(UnicodeGroups).Assembly.GetManifestResourceStream(ScriptResource)
            ?? throw new InvalidOperationException($"resource {ScriptResource} is missing");
        using var reader = new StreamReader(stream, Encoding.ASCII);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            var words = line.Split(' ');
            var set = new CodePointSet();
            foreach (var range in words.AsSpan(1))
            {
                var dash = range.IndexOf('-', StringComparison.Ordinal);
                var first = dash < 0 ? range : range[..dash];
                set.Add(FromHex(first), FromHex(range[(dash + 1)..]));
            }

            scripts.Add(words[0], set);
        }

        return scripts;
    }

    private static int FromHex(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static int[][] FindOrbits()
    {
        var members = new Dictionary<int, SortedSet<int>>();
        for (var codePoint = 0; codePoint <= CodePointSet.Last; codePoint++)
        {
            // Neither dotted nor dotless I folds to the letter of ASCII.
            if (!Rune.IsValid(codePoint) || codePoint is CapitalIWithDot or DotlessI)
            {
                continue;
            }

            var rune = new Rune(codePoint);
            var key = codePoint switch
            {
                KelvinSign => 'k',
                LongS => 's',
                _ => Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value,
            };
            if (key == codePoint && Rune.ToUpperInvariant(rune) == rune)
            {
                continue;
            }

            if (!members.TryGetValue(key, out var orbit))
            {
                members.Add(key, orbit = [key]);
            }

            orbit.Add(codePoint);
            orbit.Add(Rune.ToUpperInvariant(new Rune(key)).Value);
        }

        var orbits = new List<int[]>(members.Count);
        foreach (var orbit in members.Values)
        {
            if (orbit.Count > 1)
            {
                orbits.Add([.. orbit]);
            }
        }

        return [.. orbits];
    }
}
