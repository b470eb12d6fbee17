namespace TelemetryPipeline.Pipeline.Matching;

/// <summary>
/// Translates an expression in RE2 syntax, as Go's <c>regexp/syntax</c> reads it, to one of .NET over the characters of a
/// <see cref="PatternAlphabet"/>. Flags, classes and case folding are resolved here, so that the result uses only what both
/// languages agree on.
/// </summary>
internal sealed partial class Re2Translator
{
    private const int NestingMax = 1000;

    private readonly Re2Reader _reader;
    private readonly List<Piece> _pieces = [];
    private readonly Stack<Group> _open = new();
    private readonly Dictionary<int, CodePointSet> _literals = [];
    private readonly List<string> _groupNames = [];
    private Flags _flags;

    // The last thing that a repetition may follow: where it begins, and how often it may repeat what is inside it.
    private int _atom = -1;
    private int _repeats = 1;
    private int _repeatsOfGroup = 1;

    private Re2Translator(string pattern) => _reader = new Re2Reader(pattern);

    [Flags]
    private enum Flags
    {
        None = 0,
        FoldCase = 1,
        MultiLine = 2,
        DotMatchesNewline = 4,
        Lazy = 8,
    }

    /// <summary>Translates an expression.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="wholeText">Whether it must match the text from its beginning to its end.</param>
    /// <param name="problem">The reason why it cannot be translated, as a clause; null when it can.</param>
    public static TranslatedPattern? Translate(string pattern, bool wholeText, out string? problem)
    {
        var translator = new Re2Translator(pattern);
        translator.ReadAll();
        problem = translator._reader.Problem;
        if (problem is not null)
        {
            return null;
        }

        var sets = new List<CodePointSet>();
        foreach (var piece in translator._pieces)
        {
            if (piece.Set is not null)
            {
                sets.Add(piece.Set);
            }
        }

        if (PatternAlphabet.Create(sets) is not { } alphabet)
        {
            problem = "uses too many different non-ASCII characters";
            return null;
        }

        var wrap = wholeText ? (@"\A(?:", @")\z") : ("", "");
        return new TranslatedPattern(
            wrap.Item1 + translator.Render(alphabet, forPlaces: false) + wrap.Item2,
            wrap.Item1 + translator.Render(alphabet, forPlaces: true) + wrap.Item2,
            alphabet,
            [.. translator._groupNames]);
    }

    private void ReadAll()
    {
        var lastRepeat = -1;
        while (!_reader.IsAtEnd && _reader.Problem is null)
        {
            var start = _reader.At;
            var isRepeat = false;
            switch (_reader.Next)
            {
                case '(':
                    OpenGroup();
                    break;
                case ')':
                    CloseGroup();
                    break;
                case '|':
                    AddText("|");
                    _atom = -1;
                    break;
                case '^':
                    AddAtom(Has(Flags.MultiLine) ? "(?m:^)" : @"\A");
                    break;
                case '$':
                    AddAtom(Has(Flags.MultiLine) ? "(?m:$)" : @"\z");
                    break;
                case '.':
                    _reader.At++;
                    var newline = new CodePointSet();
                    AddSet((Has(Flags.DotMatchesNewline) ? newline : newline.Add('\n', '\n')).Negated());
                    break;
                case '[':
                    AddSet(_reader.ReadClass(Has(Flags.FoldCase)));
                    break;
                case '*' or '+' or '?':
                    isRepeat = true;
                    ReadRepeat(lastRepeat);
                    break;
                case '{' when TryReadCounts(out var min, out var max):
                    isRepeat = true;
                    Repeat(start, lastRepeat, min, max);
                    break;
                case '\\':
                    ReadBackslash();
                    break;
                default:
                    AddLiteral(_reader.ReadRune());
                    break;
            }

            lastRepeat = isRepeat ? start : -1;
        }

        EndAlternatives();
        if (_open.TryPeek(out var group))
        {
            _reader.At = _reader.End;
            _reader.Refuse("missing closing )", group.Start);
        }
    }

    private bool Has(Flags flag) => (_flags & flag) != 0;

    private void AddText(string text)
    {
        _reader.At++;
        _pieces.Add(new Piece { Text = text });
    }

    // Always matches nothing. .NET makes a greedy repetition of alternatives that end in an empty one, and prefers what is lazy
    // in them over nothing.
    private void EndAlternatives()
    {
        if (_pieces.Count > 0 && _pieces[^1].Text == "|")
        {
            _pieces.Add(new Piece { Text = @"(?:\A)??" });
        }
    }

    private void AddAtom(string text)
    {
        BeginAtom();
        AddText(text);
    }

    private void AddSet(CodePointSet set)
    {
        BeginAtom();
        _pieces.Add(new Piece { Set = set });
    }

    private void AddLiteral(int codePoint)
    {
        if (Has(Flags.FoldCase))
        {
            AddSet(new CodePointSet().Add(codePoint, codePoint).Folded());
            return;
        }

        if (!_literals.TryGetValue(codePoint, out var set))
        {
            _literals.Add(codePoint, set = new CodePointSet().Add(codePoint, codePoint));
        }

        AddSet(set);
    }

    private void BeginAtom()
    {
        _repeatsOfGroup = Math.Max(_repeatsOfGroup, _repeats);
        _atom = _pieces.Count;
        _repeats = 1;
    }

    private void ReadBackslash()
    {
        switch (_reader.Peek(1))
        {
            case 'A':
                _reader.At++;
                AddAtom(@"\A");
                return;
            case 'z':
                _reader.At++;
                AddAtom(@"\z");
                return;
            case 'b' or 'B':
                // The alphabet leaves no word characters but those of ASCII.
                AddAtom(_reader.Peek(1) == 'b' ? @"\b" : @"\B");
                _reader.At++;
                return;
            case 'Q':
                ReadQuoted();
                return;
            default:
                if (_reader.ReadGroup(Has(Flags.FoldCase)) is { } group)
                {
                    AddSet(group);
                }
                else if (_reader.Problem is null)
                {
                    AddLiteral(_reader.ReadEscape());
                }

                return;
        }
    }

    private void ReadQuoted()
    {
        _reader.At += 2;
        var end = _reader.Find(@"\E");
        while (!_reader.IsAtEnd && _reader.At != end)
        {
            AddLiteral(_reader.ReadRune());
        }

        _reader.At += end < 0 ? 0 : 2;
    }

    private void OpenGroup()
    {
        var start = _reader.At;
        if (_reader.StartsWith("(?P<") || _reader.StartsWith("(?<"))
        {
            var nameStart = start + (_reader.Peek(2) == 'P' ? 4 : 3);
            var end = _reader.Find(">");
            var name = end < 0 ? "" : _reader.Slice(nameStart, end);
            _reader.At = end < 0 ? _reader.End : end + 1;
            if (!IsGroupName(name))
            {
                _reader.Refuse("invalid named capture", start);
            }
            else if (_groupNames.Contains(name))
            {
                _reader.Refuse("duplicate capture group name", start);
            }

            Open(start, name, _flags);
        }
        else if (_reader.StartsWith("(?"))
        {
            ReadFlags();
        }
        else
        {
            _reader.At++;
            Open(start, "", _flags);
        }
    }

    private static bool IsGroupName(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return name.Length > 0;
    }

    /// <summary>Opens a group; a null name is one that captures nothing.</summary>
    private void Open(int start, string? name, Flags flags)
    {
        BeginAtom();
        _open.Push(new Group(start, _atom, _flags, _repeatsOfGroup));
        if (_open.Count > NestingMax)
        {
            _reader.Refuse("expression nests too deeply", start);
        }

        if (name is not null)
        {
            // Numbered here, as .NET would number groups with names after all others.
            _groupNames.Add(name);
        }

        _pieces.Add(new Piece { Text = name is null ? "(?:" : $"(?<{_groupNames.Count}>" });
        _flags = flags;
        _atom = -1;
        _repeatsOfGroup = 1;
    }

    private void CloseGroup()
    {
        if (!_open.TryPop(out var group))
        {
            _reader.At++;
            _reader.Refuse("unexpected )", _reader.At - 1);
            return;
        }

        EndAlternatives();
        AddText(")");
        _flags = group.Flags;
        _atom = group.Piece;
        _repeats = Math.Max(_repeats, _repeatsOfGroup);
        _repeatsOfGroup = group.Repeats;
    }

    private void ReadFlags()
    {
        var start = _reader.At;
        var flags = _flags;
        var isNegative = false;
        var sawFlag = false;
        for (_reader.At += 2; !_reader.IsAtEnd;)
        {
            var c = _reader.Next;
            _reader.At++;
            var flag = c switch
            {
                'i' => Flags.FoldCase,
                'm' => Flags.MultiLine,
                's' => Flags.DotMatchesNewline,
                'U' => Flags.Lazy,
                _ => Flags.None,
            };
            if (flag != Flags.None)
            {
                flags = isNegative ? flags & ~flag : flags | flag;
                sawFlag = true;
            }
            else if (c == '-' && !isNegative)
            {
                isNegative = true;
                sawFlag = false;
            }
            else if (c is ':' or ')' && (!isNegative || sawFlag))
            {
                if (c == ':')
                {
                    Open(start, null, flags);
                }

                _flags = flags;
                return;
            }
            else
            {
                break;
            }
        }

        _reader.Refuse("invalid or unsupported Perl syntax", start);
    }

    private readonly record struct Group(int Start, int Piece, Flags Flags, int Repeats);
}
