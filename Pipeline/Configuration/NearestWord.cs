namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Finds the word somebody probably meant.</summary>
public static class NearestWord
{
    // Nobody misspells a longer word; it is something else.
    private const int LengthMax = 100;

    /// <summary>The nearest of the known words by edit distance (swapped neighbours count once); null when none is near.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="known">What is allowed.</param>
    public static string? Find(string word, IEnumerable<string> known)
    {
        string? nearest = null;

        // In a short word every letter counts; a long one may differ in a third of them.
        var least = (word.Length <= 3 ? 1 : Math.Max(2, word.Length / 3)) + 1;
        foreach (var candidate in known)
        {
            if (word.Length > LengthMax || Math.Abs(word.Length - candidate.Length) >= least + 1)
            {
                continue;
            }

            var distance = Distance(word, candidate);
            if (distance < least || (distance == least && string.CompareOrdinal(candidate, nearest) < 0 && nearest is not null))
            {
                least = distance;
                nearest = candidate;
            }
        }

        return nearest;
    }

    // Optimal string alignment distance; words are short, so the full table is fine.
    private static int Distance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            table[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            table[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = a[i - 1] == b[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(table[i - 1, j] + 1, table[i, j - 1] + 1), table[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    best = Math.Min(best, table[i - 2, j - 2] + 1);
                }

                table[i, j] = best;
            }
        }

        return table[a.Length, b.Length];
    }
}
