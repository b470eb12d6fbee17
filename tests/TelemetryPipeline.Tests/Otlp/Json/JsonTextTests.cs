using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using TelemetryPipeline.Otlp.Json;

namespace TelemetryPipeline.Tests.Otlp.Json;

/// <summary>Oracle: .NET's own transcoding of UTF-16, which replaces half of a surrogate pair.</summary>
public sealed class JsonTextTests
{
    // What escapes are about: halves of pairs in every neighbourhood, quotes, backslashes, controls, text of 1 to 4 bytes.
    private static readonly string[] Parts =
    [
        "\ud83d", "\ude00", "\ud83d\ude00", "\ud800", "\udfff", "\\", "\"", "/", "u", "\\u", "d83d", "\u0000", "\u001f", "\n", "\b",
        "a", "code", "\u00e9", "\u4e2d", "\ufffd", "\uffff",
    ];

    private static readonly Gen<string> Texts =
        Gen.Int[0, Parts.Length - 1].Array[0, 12].Select(static parts => string.Concat(Array.ConvertAll(parts, static part => Parts[part])));

    [Fact]
    public void ReadText_AnyUtf16_GivesWhatTranscodingGives() => Gen.Select(Texts, Gen.Int).Sample(
        static (text, seed) =>
        {
            var expected = Valid(text);
            var json = Encoding.UTF8.GetBytes($"{{{Encode(text, seed)}:{Encode(text, seed + 1)}}}");
            var reader = new Utf8JsonReader(json);
            Assert.True(reader.Read());
            for (var token = 0; token < 2; token++)
            {
                // The name, and then the value.
                Assert.True(reader.Read());
                var copy = new byte[JsonText.LengthMax(reader)];
                Assert.Equal(expected, Encoding.UTF8.GetString(copy, 0, JsonText.Copy(reader, copy)));
                Assert.Equal(expected, JsonText.GetString(reader));
                Assert.True(JsonText.IsText(reader, Encoding.UTF8.GetBytes(expected)));
                Assert.False(JsonText.IsText(reader, Encoding.UTF8.GetBytes(expected + "x")));
            }

            Assert.True(JsonDocuments.TryParse(json, out var document));
            using (document)
            {
                var property = Assert.Single(document.RootElement.EnumerateObject());
                Assert.Equal((expected, expected), (property.Name, property.Value.GetString()));
                Assert.True(document.RootElement.TryGetProperty(expected, out _));
            }
        },
        iter: 3000);

    [Fact]
    public void ReadText_BytesThatAreNotUtf8_AreReplaced() => Gen.Byte[0x20, 0xFF].Array[0, 20].Sample(
        static bytes =>
        {
            foreach (ref var b in bytes.AsSpan())
            {
                b = b is (byte)'"' or (byte)'\\' ? (byte)' ' : b;
            }

            var expected = Encoding.UTF8.GetString(bytes);
            byte[] json = [(byte)'"', .. bytes, .. "\\t\""u8];
            var reader = new Utf8JsonReader(json);
            Assert.True(reader.Read());
            Assert.Equal(expected + "\t", JsonText.GetString(reader));
            Assert.True(JsonDocuments.TryParse(json, out var document));
            using (document)
            {
                Assert.Equal(expected + "\t", document.RootElement.GetString());
            }
        },
        iter: 2000);

    [Fact]
    public void TryParse_AnyBytes_AgreesWithTheParserOnWhatIsJson() => Gen.Select(Texts, Gen.Int, Gen.Byte, Gen.Int[0, 100]).Sample(
        static (text, seed, damage, at) =>
        {
            var json = Encoding.UTF8.GetBytes($"[{Encode(text, seed)}, 1, null, {{\"a\":{Encode(text, seed + 1)}}}]");
            json[at % json.Length] = damage;
            var parsed = JsonDocuments.TryParse(json, out var document, out var problem);
            document?.Dispose();
            Assert.Equal(parsed, problem.Length == 0);
            Assert.Equal(IsJson(json), parsed);
        },
        iter: 3000);

    [Fact]
    public void Copy_TextWithEscapes_AllocatesNothing()
    {
        var json = Encoding.UTF8.GetBytes("\"payment \\u4e2d\\ud83d\\ude00 \\ud83d of \\n 100\"");
        var target = new byte[json.Length];
        Assert.Equal(0, Allocations.Least(() =>
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            JsonText.Copy(reader, target);
        }));
    }

    private static bool IsJson(byte[] json)
    {
        try
        {
            // The reader looks at the syntax alone.
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json)));
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>A JSON string of the text in one of its many forms.</summary>
    private static string Encode(string text, int seed)
    {
        var random = new Random(seed);
        var json = new StringBuilder("\"");
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsSurrogatePair(text, i) && random.Next(2) == 0)
            {
                json.Append(text, i++, 2);
            }
            else if (c < ' ' || c is '"' or '\\' || char.IsSurrogate(c) || random.Next(3) == 0)
            {
                json.Append(Escape(c, random));
            }
            else
            {
                json.Append(c);
            }
        }

        return json.Append('"').ToString();
    }

    private static string Escape(char c, Random random) => (c, random.Next(2)) switch
    {
        ('\n', 0) => "\\n",
        ('\b', 0) => "\\b",
        ('"', 0) => "\\\"",
        ('\\', 0) => "\\\\",
        ('/', 0) => "\\/",
        (_, 0) => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
        _ => "\\u" + ((int)c).ToString("X4", CultureInfo.InvariantCulture),
    };
}
