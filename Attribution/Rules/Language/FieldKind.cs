namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>What a condition looks at.</summary>
internal enum FieldKind : byte
{
    /// <summary>A bare key: an attribute of the span, or else of its resource.</summary>
    Attribute,

    /// <summary>An attribute of the span.</summary>
    SpanAttribute,

    /// <summary>An attribute of the resource.</summary>
    ResourceAttribute,

    /// <summary>The verdict FAILED or OK.</summary>
    SpanStatus,

    /// <summary>The span's name.</summary>
    SpanName,

    /// <summary>SERVER, CLIENT and so on.</summary>
    SpanKind,

    /// <summary>End minus start.</summary>
    SpanDuration,

    /// <summary>The name of the instrumentation scope.</summary>
    ScopeName,

    /// <summary>Service of the chain's last step.</summary>
    OriginService,

    /// <summary>Tier of the chain's last step.</summary>
    OriginNodeType,

    /// <summary>Code of the chain's last step.</summary>
    OriginCode,

    /// <summary>Span name of the chain's last step.</summary>
    OriginName,

    /// <summary>Service of the trace's root.</summary>
    RootService,

    /// <summary>Tier of the trace's root.</summary>
    RootNodeType,

    /// <summary>Span name of the trace's root.</summary>
    RootName,

    /// <summary>Services or tiers that the chain passes, in order.</summary>
    ChainPath,

    /// <summary>Steps of the chain.</summary>
    ChainDepth,

    /// <summary>Whether the chain begins at a root.</summary>
    ChainComplete,

    /// <summary>Whether root and all parents have come.</summary>
    TraceComplete,

    /// <summary>Whether a parent never came.</summary>
    TraceBrokenContext,

    /// <summary>The most by which a child lies outside its parent.</summary>
    TraceClockSkew,

    /// <summary>Spans of the trace.</summary>
    TraceSpanCount,

    /// <summary>From the first start to the last end.</summary>
    TraceDuration,
}
