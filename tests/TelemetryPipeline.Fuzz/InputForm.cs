namespace TelemetryPipeline.Fuzz;

/// <summary>How the inputs of a target are built.</summary>
internal enum InputForm
{
    /// <summary>Bytes without a structure that the mutator knows.</summary>
    Bytes,

    /// <summary>A protobuf message.</summary>
    Protobuf,

    /// <summary>Two bytes of options for the target, then a protobuf message.</summary>
    OptionsAndProtobuf,

    /// <summary>JSON.</summary>
    Json,

    /// <summary>Lines of text: YAML, CSV, settings.</summary>
    Text,
}
