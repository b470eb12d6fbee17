using System.Text.Json;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>
/// The fields of one JSON object before they are written: names with dots, no two alike, and none that is both a value
/// and the beginning of another's name, since an index reads <c>a.b</c> as <c>b</c> inside <c>a</c>.
/// </summary>
/// <remarks>
/// Lists of key and value are taken apart into such names; a list of them becomes one array for each of their keys.
/// Values are not copied: positions are those in the chunk that is being encoded. Reused from document to document and
/// grown to the largest; not thread-safe.
/// </remarks>
internal sealed partial class FieldList : IDisposable
{
    // Deeper lists are written as text: an index stops at 20 levels.
    private const int DepthMax = 12;
    private const int ColumnsMax = 64;

    private readonly PooledBuffer _scratch = new();
    private Field[] _fields = new Field[64];
    private int _count;
    private bool _hasOddNames;

    /// <summary>Fields taken in so far.</summary>
    public int Count => _count;

    /// <summary>Begins a new object.</summary>
    public void Clear()
    {
        _count = 0;
        _scratch.Clear();
        _hasOddNames = false;
    }

    /// <summary>Takes in an attribute.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="attribute">Key and value.</param>
    public void Add(ReadOnlySpan<byte> chunk, in AttributeRange attribute) =>
        Add(chunk, new Field { NameAt = attribute.KeyAt, NameLength = attribute.KeyLength }, attribute.ValueAt, attribute.ValueLength, 0);

    /// <summary>Takes in an attribute under another name.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="name">The name.</param>
    /// <param name="attribute">Its value; the key is ignored.</param>
    public void Add(ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> name, in AttributeRange attribute) =>
        Add(chunk, Named(name), attribute.ValueAt, attribute.ValueLength, 0);

    /// <summary>Takes in a text, which is copied.</summary>
    /// <param name="name">The name.</param>
    /// <param name="text">The text.</param>
    public void AddText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        var field = Named(name) with { Source = FieldSource.Text };
        (field.ValueAt, field.ValueLength) = Copy(text);
        Push([], field);
    }

    /// <summary>Takes in a number.</summary>
    /// <param name="name">The name.</param>
    /// <param name="number">The number.</param>
    public void AddNumber(ReadOnlySpan<byte> name, long number) =>
        Push([], Named(name) with { Source = FieldSource.Number, Number = number });

    /// <summary>Takes in the name of a metric, so that no other name can be mistaken for it.</summary>
    /// <param name="name">The name.</param>
    public void AddMetric(ReadOnlySpan<byte> name)
    {
        if (!FieldNames.IsOdd(name) && !FieldNames.IsLikeMended(name))
        {
            Push([], Named(name));
            return;
        }

        var mended = _scratch.GetSpan((3 * name.Length) + 1);
        var field = new Field { NameAt = (int)_scratch.Length, NameLength = FieldNames.Mend(name, mended), IsNameCopied = true };
        _scratch.Advance(field.NameLength);
        Push([], field);
    }

    /// <summary>
    /// Takes in the value of a point after all other fields. Where one of them has its name, the name begins with
    /// <c>metrics.</c>, since neither of the two may be lost.
    /// </summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="name">The name.</param>
    /// <param name="point">The number of the point.</param>
    public void AddPoint(ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> name, int point)
    {
        MendNames(chunk);
        var field = Named(name) with { Source = FieldSource.Point, Number = point };
        while (HasName(chunk, field))
        {
            var at = (int)_scratch.Length;
            var prefix = "metrics."u8;
            var target = _scratch.GetSpan(prefix.Length + field.NameLength);
            prefix.CopyTo(target);
            NameOf(field, chunk).CopyTo(target[prefix.Length..]);
            _scratch.Advance(prefix.Length + field.NameLength);
            (field.NameAt, field.NameLength) = (at, prefix.Length + field.NameLength);
        }

        Push(chunk, field);
    }

    /// <summary>The number of the field that is written for another: itself, or the first of its name.</summary>
    /// <param name="index">The field, in the order in which they were taken in.</param>
    public int Kept(int index) => _fields[index].IsDropped ? _fields[index].SameAs : index;

    /// <summary>The name of a field.</summary>
    /// <param name="index">The field.</param>
    /// <param name="chunk">The chunk's bytes.</param>
    public ReadOnlySpan<byte> NameOf(int index, ReadOnlySpan<byte> chunk) => NameOf(_fields[index], chunk);

    /// <summary>Writes the fields into the object that was begun. <see cref="Resolve"/> comes first.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="json">The writer.</param>
    /// <param name="points">Writes the values of points.</param>
    public void Write(ReadOnlySpan<byte> chunk, Utf8JsonWriter json, IPointValues? points = null)
    {
        for (var i = 0; i < _count; i++)
        {
            ref readonly var field = ref _fields[i];
            if (field.IsDropped)
            {
                continue;
            }

            JsonValues.WriteName(json, NameOf(field, chunk));
            switch (field.Source)
            {
                case FieldSource.Value:
                    JsonValues.Write(json, new AnyValueView(chunk.Slice(field.ValueAt, field.ValueLength)));
                    break;
                case FieldSource.ValueAsText:
                    JsonValues.WriteAsText(json, new AnyValueView(chunk.Slice(field.ValueAt, field.ValueLength)));
                    break;
                case FieldSource.Column:
                    WriteColumn(chunk, field, json);
                    break;
                case FieldSource.Text:
                    JsonValues.WriteText(json, _scratch.WrittenSpan.Slice(field.ValueAt, field.ValueLength));
                    break;
                case FieldSource.Point:
                    points!.WriteValue((int)field.Number, json);
                    break;
                default:
                    json.WriteNumberValue(field.Number);
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch.Dispose();

    private void Add(ReadOnlySpan<byte> chunk, Field field, int valueAt, int valueLength, int depth)
    {
        (field.ValueAt, field.ValueLength) = (valueAt, valueLength);
        var value = chunk.Slice(valueAt, valueLength);
        if (!AnyValueView.IsCollection(value) || !AddParts(chunk, field, new AnyValueView(value), depth))
        {
            Push(chunk, field);
        }
    }

    // False where the value stays in one piece.
    private bool AddParts(ReadOnlySpan<byte> chunk, Field field, in AnyValueView value, int depth)
    {
        if (value.Kind == AnyValueKind.Array)
        {
            return depth < DepthMax && AddColumns(chunk, field, value);
        }

        var entries = value.Entries;
        if (depth >= DepthMax || !entries.MoveNext())
        {
            Push(chunk, field with { Source = FieldSource.ValueAsText });
            return true;
        }

        do
        {
            var entry = AttributeRange.Of(chunk, entries.Current);
            Add(chunk, Inside(chunk, field, entry.KeyAt, entry.KeyLength), entry.ValueAt, entry.ValueLength, depth + 1);
        }
        while (entries.MoveNext());

        return true;
    }

    private bool AddColumns(ReadOnlySpan<byte> chunk, in Field field, in AnyValueView array)
    {
        var any = false;
        foreach (var element in array.Elements)
        {
            any = true;
            if (element.Kind != AnyValueKind.KeyValueList)
            {
                return false;
            }
        }

        var first = _count;
        foreach (var element in array.Elements)
        {
            AddColumnsOf(chunk, field, element, first);
        }

        return any;
    }

    private void AddColumnsOf(ReadOnlySpan<byte> chunk, in Field array, in AnyValueView element, int first)
    {
        var entries = element.Entries;
        while (_count - first < ColumnsMax && entries.MoveNext())
        {
            var entry = AttributeRange.Of(chunk, entries.Current);
            var key = chunk.Slice(entry.KeyAt, entry.KeyLength);
            var known = false;
            for (var i = first; i < _count && !known; i++)
            {
                known = key.SequenceEqual(chunk.Slice(_fields[i].ColumnAt, _fields[i].ColumnLength));
            }

            if (!known)
            {
                Push(chunk, Inside(chunk, array, entry.KeyAt, entry.KeyLength) with
                {
                    Source = FieldSource.Column,
                    ValueAt = array.ValueAt,
                    ValueLength = array.ValueLength,
                    ColumnAt = entry.KeyAt,
                    ColumnLength = entry.KeyLength,
                });
            }
        }
    }

    private static void WriteColumn(ReadOnlySpan<byte> chunk, in Field field, Utf8JsonWriter json)
    {
        var key = chunk.Slice(field.ColumnAt, field.ColumnLength);
        var array = new AnyValueView(chunk.Slice(field.ValueAt, field.ValueLength));
        var common = AnyValueKind.Empty;
        foreach (var element in array.Elements)
        {
            common = JsonValues.Common(common, EntryOf(element, key).Kind);
        }

        json.WriteStartArray();
        foreach (var element in array.Elements)
        {
            JsonValues.WriteElement(json, EntryOf(element, key), common);
        }

        json.WriteEndArray();
    }

    private static AnyValueView EntryOf(in AnyValueView element, ReadOnlySpan<byte> key)
    {
        foreach (var entry in element.Entries)
        {
            if (entry.Key.SequenceEqual(key))
            {
                return entry.Value;
            }
        }

        return default;
    }

    private bool HasName(ReadOnlySpan<byte> chunk, in Field field)
    {
        var name = NameOf(field, chunk);
        for (var i = 0; i < _count; i++)
        {
            if (name.SequenceEqual(NameOf(_fields[i], chunk)))
            {
                return true;
            }
        }

        return false;
    }

    private Field Named(ReadOnlySpan<byte> name)
    {
        var field = new Field { IsNameCopied = true };
        (field.NameAt, field.NameLength) = Copy(name);
        return field;
    }

    // "outer.inner", put together beside the chunk.
    private Field Inside(ReadOnlySpan<byte> chunk, in Field outer, int keyAt, int keyLength)
    {
        var at = (int)_scratch.Length;
        var nameLength = outer.NameLength;
        var target = _scratch.GetSpan(nameLength + 1 + keyLength);
        NameOf(outer, chunk).CopyTo(target);
        target[nameLength] = (byte)'.';
        chunk.Slice(keyAt, keyLength).CopyTo(target[(nameLength + 1)..]);
        _scratch.Advance(nameLength + 1 + keyLength);
        return new Field { NameAt = at, NameLength = nameLength + 1 + keyLength, IsNameCopied = true };
    }

    private (int At, int Length) Copy(ReadOnlySpan<byte> bytes)
    {
        var at = (int)_scratch.Length;
        _scratch.Write(bytes);
        return (at, bytes.Length);
    }

    private ReadOnlySpan<byte> NameOf(in Field field, ReadOnlySpan<byte> chunk) =>
        (field.IsNameCopied ? _scratch.WrittenSpan : chunk).Slice(field.NameAt, field.NameLength);

    private void Push(ReadOnlySpan<byte> chunk, in Field field)
    {
        if (_count == _fields.Length)
        {
            Array.Resize(ref _fields, 2 * _count);
        }

        _fields[_count++] = field;
        _hasOddNames |= FieldNames.IsOdd(NameOf(field, chunk));
    }

    private enum FieldSource : byte
    {
        Value,
        ValueAsText,
        Column,
        Text,
        Number,
        Point,
    }

    private struct Field
    {
        public int NameAt;
        public int NameLength;
        public int ValueAt;
        public int ValueLength;
        public int ColumnAt;
        public int ColumnLength;
        public long Number;
        public FieldSource Source;
        public bool IsNameCopied;
        public bool IsDropped;

        // Where it is dropped, the field that has its name.
        public int SameAs;
    }
}
