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

    internal ulong Word(int index) => index switch
    {
        0 => _first,
        1 => _second,
        2 => _third,
        _ => _fourth,
    };
}
