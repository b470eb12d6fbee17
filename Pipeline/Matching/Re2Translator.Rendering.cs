using System.Text;

namespace TelemetryPipeline.Pipeline.Matching;

/// <content>The expression in the syntax of .NET.</content>
internal sealed partial class Re2Translator
{
    private string Render(PatternAlphabet alphabet, bool forPlaces)
    {
        var text = new StringBuilder();
        foreach (var piece in _pieces)
        {
            for (var i = 0; i < piece.Wraps; i++)
            {
                text.Append("(?:");
            }

            if (piece.Set is null)
            {
                text.Append(forPlaces ? piece.PlacesText ?? piece.Text : piece.Text);
            }
            else
            {
                alphabet.AppendClass(piece.Set, text);
            }
        }

        return text.ToString();
    }

    private sealed class Piece
    {
        public string? Text { get; init; }

        // The text for the backtracking engine, where it is another one.
        public string? PlacesText { get; init; }

        public CodePointSet? Set { get; init; }

        // How many repetitions begin before this piece.
        public int Wraps { get; set; }
    }
}
