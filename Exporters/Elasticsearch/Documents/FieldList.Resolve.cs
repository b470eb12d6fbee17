namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <content>Makes names distinct.</content>
internal sealed partial class FieldList
{
    // Up to here every pair is looked at, which is faster than sorting.
    private const int PairsMax = 32;

    private int[] _order = [];
    private Comparison<int>? _byName;
    private ReadOnlyMemory<byte> _chunk;

    /// <summary>
    /// Of fields with one name keeps the first; a field whose name begins another's goes to <c>name.value</c>, or, where
    /// that is taken too, to <c>name._value</c>, <c>name.__value</c> and so on. The same fields always end the same way.
    /// </summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="isFlat">Whether the server takes <c>a</c> beside <c>a.b</c>, so that no name moves.</param>
    public void Resolve(ReadOnlyMemory<byte> chunk, bool isFlat = false)
    {
        MendNames(chunk.Span);
        if (_count <= PairsMax)
        {
            ResolvePairs(chunk.Span, isFlat);
        }
        else
        {
            ResolveSorted(chunk, isFlat);
        }
    }

    private void ResolvePairs(ReadOnlySpan<byte> chunk, bool isFlat)
    {
        // Repeated names go before any is changed; most objects have neither and end here.
        if (!DropRepeated(chunk) || isFlat)
        {
            return;
        }

        for (var i = 1; i < _count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (IsInside(i, j, chunk))
                {
                    MoveInside(j, chunk);
                }
                else if (IsInside(j, i, chunk))
                {
                    MoveInside(i, chunk);
                }
            }
        }
    }

    // Whether any name begins another's.
    private bool DropRepeated(ReadOnlySpan<byte> chunk)
    {
        var isAnyInside = false;
        for (var i = 1; i < _count; i++)
        {
            var name = NameOf(_fields[i], chunk);
            for (var j = 0; j < i; j++)
            {
                var other = NameOf(_fields[j], chunk);
                if (name.Length == other.Length)
                {
                    if (name[^1] == other[^1] && name.SequenceEqual(other))
                    {
                        (_fields[i].IsDropped, _fields[i].SameAs) = (true, j);
                        break;
                    }
                }
                else
                {
                    isAnyInside |= name.Length > other.Length
                        ? name[other.Length] == '.' && name.StartsWith(other)
                        : other[name.Length] == '.' && other.StartsWith(name);
                }
            }
        }

        return isAnyInside;
    }

    private bool IsInside(int inner, int outer, ReadOnlySpan<byte> chunk)
    {
        var name = NameOf(_fields[outer], chunk);
        var longer = NameOf(_fields[inner], chunk);
        return !_fields[inner].IsDropped && !_fields[outer].IsDropped
            && longer.Length > name.Length && longer[name.Length] == '.' && longer.StartsWith(name);
    }

    // With the dot before every other byte, what is inside a name follows it at once.
    private void ResolveSorted(ReadOnlyMemory<byte> chunk, bool isFlat)
    {
        if (_order.Length < _count)
        {
            _order = new int[_fields.Length];
        }

        for (var i = 0; i < _count; i++)
        {
            _order[i] = i;
        }

        _chunk = chunk;
        _order.AsSpan(0, _count).Sort(_byName ??= CompareNames);
        _chunk = default;
        var kept = _order[0];
        for (var i = 1; i < _count; i++)
        {
            var name = NameOf(_fields[_order[i]], chunk.Span);
            var before = NameOf(_fields[kept], chunk.Span);
            if (name.SequenceEqual(before))
            {
                (_fields[_order[i]].IsDropped, _fields[_order[i]].SameAs) = (true, kept);
                continue;
            }

            if (!isFlat && name.Length > before.Length && name[before.Length] == '.' && name.StartsWith(before))
            {
                MoveInside(kept, chunk.Span);
            }

            kept = _order[i];
        }
    }

    private int CompareNames(int left, int right)
    {
        var chunk = _chunk.Span;
        var a = NameOf(_fields[left], chunk);
        var b = NameOf(_fields[right], chunk);
        var same = a.CommonPrefixLength(b);
        if (same == a.Length || same == b.Length)
        {
            return a.Length != b.Length ? a.Length.CompareTo(b.Length) : left.CompareTo(right);
        }

        return a[same] == '.' ? -1 : b[same] == '.' ? 1 : a[same].CompareTo(b[same]);
    }

    private void MoveInside(int index, ReadOnlySpan<byte> chunk)
    {
        var underscores = 0;
        while (!TryRename(index, underscores, chunk))
        {
            underscores++;
        }
    }

    private bool TryRename(int index, int underscores, ReadOnlySpan<byte> chunk)
    {
        const int SuffixLength = 6;
        var length = _fields[index].NameLength + SuffixLength + underscores;
        var target = _scratch.GetSpan(length)[..length];
        var name = NameOf(_fields[index], chunk);
        name.CopyTo(target);
        target[name.Length] = (byte)'.';
        target.Slice(name.Length + 1, underscores).Fill((byte)'_');
        "value"u8.CopyTo(target[(name.Length + 1 + underscores)..]);
        for (var i = 0; i < _count; i++)
        {
            var other = NameOf(_fields[i], chunk);
            if (i != index && !_fields[i].IsDropped
                && other.StartsWith(target) && (other.Length == length || other[length] == '.'))
            {
                return false;
            }
        }

        _fields[index].NameAt = (int)_scratch.Length;
        _fields[index].NameLength = length;
        _fields[index].IsNameCopied = true;
        _scratch.Advance(length);
        return true;
    }

    private void MendNames(ReadOnlySpan<byte> chunk)
    {
        for (var i = 0; _hasOddNames && i < _count; i++)
        {
            ref var field = ref _fields[i];
            if (FieldNames.IsOdd(NameOf(field, chunk)))
            {
                var target = _scratch.GetSpan((3 * field.NameLength) + 1);
                var length = FieldNames.Mend(NameOf(field, chunk), target);
                (field.NameAt, field.NameLength, field.IsNameCopied) = ((int)_scratch.Length, length, true);
                _scratch.Advance(length);
            }
        }

        _hasOddNames = false;
    }
}
