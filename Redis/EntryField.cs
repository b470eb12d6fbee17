namespace TelemetryPipeline.Redis;

/// <summary>The fields of stream entries that writer and reader agree on; <c>docs/redis-streams.md</c> describes all of them.</summary>
public static class EntryField
{
    /// <summary>Version of the format, <see cref="CurrentVersion"/>.</summary>
    public const string Version = "v";

    /// <summary>The format that is written.</summary>
    public const string CurrentVersion = "1";

    /// <summary>32 hex digits that follow from the content: two entries with one id are the same entry, written again.</summary>
    public const string Id = "id";

    /// <summary><c>traces</c>, <c>metrics</c> or <c>logs</c>.</summary>
    public const string Signal = "signal";

    /// <summary>What <see cref="Data"/> holds: <see cref="OtlpProto"/> or <see cref="OtlpJson"/>; absent in flat entries.</summary>
    public const string Encoding = "encoding";

    /// <summary>Spans, data points or log records in <see cref="Data"/>.</summary>
    public const string Items = "items";

    /// <summary>One OTLP export request.</summary>
    public const string Data = "data";

    /// <summary>What a flat entry is: <c>span</c>, <c>point</c>, <c>log</c> or <c>attribution</c>.</summary>
    public const string Type = "type";

    /// <summary>The encoding protobuf.</summary>
    public const string OtlpProto = "otlp_proto";

    /// <summary>The encoding OTLP/JSON.</summary>
    public const string OtlpJson = "otlp_json";
}
