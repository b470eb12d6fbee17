namespace TelemetryPipeline.Otlp.Editing;

/// <content>Finding edits, and the places of new ones.</content>
internal sealed partial class ChunkOverlay
{
    // So many are walked over quicker than they are looked up.
    private const int WalkedMax = 64;
    private Dictionary<int, WideNode>? _wide;

    /// <summary>Steps made over lists of edits so far: what a test holds to be in proportion to the changes.</summary>
    public long Steps { get; private set; }

    /// <summary>What is known of a node with very many edits; null for others.</summary>
    public WideNode? WideOf(int node) => _wide is not null && _wide.TryGetValue(node, out var wide) ? wide : null;

    /// <summary>The edit of an attribute, 0 for none.</summary>
    public int Find(int node, ReadOnlySpan<byte> key)
    {
        if (WideOf(node) is { } known)
        {
            return known.Find(key);
        }

        var edit = _heads[node];
        for (var walked = 0; edit != 0; walked++)
        {
            ref readonly var it = ref _edits[edit];
            if (it.KeyLength == key.Length && key.SequenceEqual(_arena.AsSpan(it.KeyOffset, it.KeyLength)))
            {
                break;
            }

            if (walked == WalkedMax)
            {
                return Widen(node).Find(key);
            }

            edit = it.Next;
        }

        return edit;
    }

    /// <summary>The edit of a field that is no attribute, 0 for none.</summary>
    public int FindField(int node, int field)
    {
        var edit = _heads[node];
        while (edit != 0 && _edits[edit].KeyLength != -field)
        {
            edit = _edits[edit].Next;
        }

        return edit;
    }

    /// <summary>The edit that replaces the field at an offset, 0 for none.</summary>
    public int FindAt(int node, int baseOffset)
    {
        if (WideOf(node) is { } known)
        {
            return known.At(baseOffset);
        }

        var edit = _heads[node];
        for (var walked = 0; edit != 0 && _edits[edit].BaseOffset < baseOffset; walked++)
        {
            if (walked == WalkedMax)
            {
                return Widen(node).At(baseOffset);
            }

            edit = _edits[edit].Next;
        }

        return edit != 0 && _edits[edit].BaseOffset == baseOffset ? edit : 0;
    }

    /// <summary>Puts an edit into the list of its node.</summary>
    private void Insert(int node, int index)
    {
        ref var edit = ref _edits[index];
        if (WideOf(node) is { } known)
        {
            Insert(known, node, index);
        }
        else
        {
            ref var link = ref _heads[node];
            var walked = 0;
            while (link != 0 && _edits[link].BaseOffset <= edit.BaseOffset)
            {
                link = ref _edits[link].Next;
                walked++;
            }

            edit.Next = link;
            link = index;
            Steps += walked;
            if (walked > WalkedMax)
            {
                // The edit's own key is not there yet; whoever gives it one notes it.
                Widen(node, except: index);
            }
        }

        if (edit.BaseOffset == Added)
        {
            _lastNode = node;
            _lastAdded = index;
        }
    }

    private void Insert(WideNode wide, int node, int index)
    {
        ref var edit = ref _edits[index];
        var before = edit.BaseOffset == Added ? wide.Last : wide.Before(edit.BaseOffset);
        ref var link = ref before == 0 ? ref _heads[node] : ref _edits[before].Next;
        edit.Next = link;
        link = index;
        Steps++;
        if (edit.BaseOffset != Added)
        {
            wide.Place(index, edit.BaseOffset);
        }

        if (edit.Next == 0)
        {
            wide.Last = index;
        }
    }

    private WideNode Widen(int node, int except = 0)
    {
        var wide = new WideNode(_chunk, _index.Nodes[node], new EditKeys(this));
        for (var edit = _heads[node]; edit != 0; edit = _edits[edit].Next)
        {
            Steps++;
            if (_edits[edit].BaseOffset != Added)
            {
                wide.Place(edit, _edits[edit].BaseOffset);
            }

            if (_edits[edit].KeyLength >= 0 && edit != except)
            {
                wide.Name(edit);
            }

            wide.Last = edit;
        }

        (_wide ??= [])[node] = wide;
        return wide;
    }

    /// <summary>Compares edits by the keys of their attributes.</summary>
    private sealed class EditKeys(ChunkOverlay overlay) : KeyComparer
    {
        protected override ReadOnlySpan<byte> KeyOf(int edit)
        {
            ref readonly var it = ref overlay._edits[edit];
            return overlay._arena.AsSpan(it.KeyOffset, it.KeyLength);
        }
    }
}
