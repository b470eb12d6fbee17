namespace TelemetryPipeline.Otlp.Schema;

/// <summary>A message's fields by number.</summary>
internal sealed class MessageSpec
{
    private readonly FieldSpec?[] _byNumber = new FieldSpec?[OtlpSchema.FieldLimit];

    public MessageSpec(MessageKind kind, params FieldSpec[] fields)
    {
        Kind = kind;
        Fields = fields;
        foreach (var field in fields)
        {
            _byNumber[field.Number] = field;
        }
    }

    public MessageKind Kind { get; }

    /// <summary>The fields in the order of the <c>.proto</c> file.</summary>
    public FieldSpec[] Fields { get; }

    /// <summary>The field of that number, or null where OTLP defines none.</summary>
    public FieldSpec? Find(uint number) => number < OtlpSchema.FieldLimit ? _byNumber[number] : null;

    /// <summary>The field of that JSON or <c>.proto</c> name, or null.</summary>
    /// <remarks>A message has at most 15 fields, so comparing lengths and bytes beats a hash.</remarks>
    public FieldSpec? Find(ReadOnlySpan<byte> name)
    {
        foreach (var field in Fields)
        {
            if (name.SequenceEqual(field.CamelName))
            {
                return field;
            }
        }

        foreach (var field in Fields)
        {
            if (name.SequenceEqual(field.SnakeName))
            {
                return field;
            }
        }

        return null;
    }
}
