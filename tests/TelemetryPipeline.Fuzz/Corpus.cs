using System.Security.Cryptography;
using System.Text;

namespace TelemetryPipeline.Fuzz;

/// <summary>Inputs on disk, a folder a target: text as it is, and bytes as base64 in files named <c>*.b64</c>.</summary>
internal static class Corpus
{
    private const int NameLength = 12;

    /// <summary>The inputs of a target, in a fixed order.</summary>
    /// <param name="folder">The folder of all targets.</param>
    /// <param name="target">The target.</param>
    public static IReadOnlyList<byte[]> Load(string folder, FuzzTarget target)
    {
        var inputs = new List<byte[]>();
        var own = Path.Combine(folder, target.Name);
        if (!Directory.Exists(own))
        {
            return inputs;
        }

        var files = Directory.GetFiles(own);
        Array.Sort(files, StringComparer.Ordinal);
        foreach (var file in files)
        {
            var content = File.ReadAllBytes(file);
            inputs.Add(file.EndsWith(".b64", StringComparison.Ordinal)
                ? Convert.FromBase64String(Encoding.ASCII.GetString(content))
                : content);
        }

        return inputs;
    }

    /// <summary>Writes an input, named after its content.</summary>
    /// <param name="folder">The folder of all targets.</param>
    /// <param name="target">The target.</param>
    /// <param name="kind">Begins the name.</param>
    /// <param name="input">The input.</param>
    /// <returns>The file.</returns>
    public static string Save(string folder, FuzzTarget target, string kind, byte[] input)
    {
        var own = Directory.CreateDirectory(Path.Combine(folder, target.Name)).FullName;
        var name = $"{kind}-{Convert.ToHexStringLower(SHA256.HashData(input))[..NameLength]}";
        if (target.Form is InputForm.Json or InputForm.Text && IsPlainText(input))
        {
            var text = Path.Combine(own, name + (target.Form == InputForm.Json ? ".json" : ".txt"));
            File.WriteAllBytes(text, input);
            return text;
        }

        var file = Path.Combine(own, name + ".b64");
        File.WriteAllText(file, Convert.ToBase64String(input, Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n") + "\n");
        return file;
    }

    private static bool IsPlainText(byte[] input)
    {
        foreach (var b in input)
        {
            if (b is (< 0x20 and not (byte)'\n') or > 0x7e)
            {
                return false;
            }
        }

        return true;
    }
}
