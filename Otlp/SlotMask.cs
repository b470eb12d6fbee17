namespace TelemetryPipeline.Otlp;

/// <summary>A set of slots, to ask with one look whether a node has any attribute of many.</summary>
public readonly record struct SlotMask
{
    private const int BitsPerWord = 64;
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    /// <summary>The set of some slots.</summary>
    /// <param name="slots">Slots that <see cref="AttributeSlots.Register"/> gave out.</param>
    public SlotMask(params ReadOnlySpan<int> slots)
    {
        foreach (var slot in slots)
        {
            var bit = 1UL << (slot % BitsPerWord);
            switch (slot / BitsPerWord)
            {
                case 0:
                    _first |= bit;
                    break;
                case 1:
                    _second |= bit;
                    break;
                case 2:
                    _third |= bit;
                    break;
                default:
                    _fourth |= bit;
                    break;
            }
        }
    }

    private SlotMask(ulong first, ulong second, ulong third, ulong fourth)
    {
        _first = first;
        _second = second;
        _third = third;
        _fourth = fourth;
    }

    /// <summary>Whether the set has a slot.</summary>
    /// <param name="slot">The slot.</param>
    public bool Contains(int slot) => (Word(slot / BitsPerWord) >> (slot % BitsPerWord) & 1) != 0;

    /// <summary>Whether two sets have a slot in common.</summary>
    /// <param name="other">The other set.</param>
    public bool Overlaps(in SlotMask other) =>
        ((_first & other._first) | (_second & other._second) | (_third & other._third) | (_fourth & other._fourth)) != 0;

    /// <summary>The set that a slot table keeps as words.</summary>
    internal static SlotMask OfWords(ReadOnlySpan<long> words) => new(
        words.Length > 0 ? (ulong)words[0] : 0,
        words.Length > 1 ? (ulong)words[1] : 0,
        words.Length > 2 ? (ulong)words[2] : 0,
        words.Length > 3 ? (ulong)words[3] : 0);

    internal ulong Word(int index) => index switch
    {
        0 => _first,
        1 => _second,
        2 => _third,
        _ => _fourth,
    };
}
