namespace TelemetryPipeline.Pipeline.Matching;

/// <content>Repetitions and their limits.</content>
internal sealed partial class Re2Translator
{
    private const int RepeatMax = 1000;
    private const int NumberMax = 100_000_000;
    private const int EndlessMax = int.MaxValue - 1;

    private void ReadRepeat(int lastRepeat)
    {
        var start = _reader.At++;
        var (min, max) = _reader.Slice(start, _reader.At) switch
        {
            "*" => (0, -1),
            "+" => (1, -1),
            _ => (0, 1),
        };
        Repeat(start, lastRepeat, min, max);
    }

    private void Repeat(int start, int lastRepeat, int min, int max)
    {
        var isLazy = Has(Flags.Lazy);
        if (min > RepeatMax || max > RepeatMax || (max >= 0 && min > max))
        {
            _reader.Refuse("invalid repeat count", start);
            return;
        }

        if (_reader.Next == '?' && !_reader.IsAtEnd)
        {
            _reader.At++;
            isLazy = !isLazy;
        }

        if (lastRepeat >= 0)
        {
            _reader.Refuse("invalid nested repetition operator", lastRepeat);
            return;
        }

        if (_atom < 0)
        {
            _reader.Refuse("missing argument to repetition operator", start);
            return;
        }

        var times = max < 0 ? min : max;
        _repeats = max == 0 ? 1 : Math.Max(1, times) * _repeats;
        if (_repeats > RepeatMax && (min >= 2 || max >= 2))
        {
            _reader.Refuse("invalid repeat count", start);
            return;
        }

        var counts = (min, max) switch
        {
            (0, -1) => "*",
            (1, -1) => "+",
            (0, 1) => "?",
            (_, -1) => $"{{{min},}}",
            _ => $"{{{min},{max}}}",
        };
        _pieces[_atom].Wraps++;
        _pieces.Add(new Piece
        {
            Text = ")" + counts + (isLazy ? "?" : ""),

            // .NET 10 loses count of a lazy loop without an end around something that may be empty: of (x?)+?y, in two of
            // these, one may match nothing at all. A loop with an end, which no text reaches, is right.
            PlacesText = isLazy && min > 0 && max < 0 ? $"){{{min},{EndlessMax}}}?" : null,
        });
    }

    /// <summary>Reads {n}, {n,} or {n,m}; anything else is literal text.</summary>
    private bool TryReadCounts(out int min, out int max)
    {
        var start = _reader.At++;
        max = 0;
        var isCount = TryReadNumber(out min);
        if (isCount && _reader.Next == ',')
        {
            _reader.At++;
            max = -1;
            isCount = _reader.Next == '}' || TryReadNumber(out max);
        }
        else
        {
            max = min;
        }

        isCount = isCount && _reader.Next == '}';
        _reader.At = isCount ? _reader.At + 1 : start;
        return isCount;
    }

    private bool TryReadNumber(out int number)
    {
        number = 0;
        if (!char.IsAsciiDigit(_reader.Next) || (_reader.Next == '0' && char.IsAsciiDigit(_reader.Peek(1))))
        {
            return false;
        }

        for (; char.IsAsciiDigit(_reader.Next); _reader.At++)
        {
            number = Math.Min((number * 10) + (_reader.Next - '0'), NumberMax);
        }

        return true;
    }
}
