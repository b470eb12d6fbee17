namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>What is done about a document after the server's answer.</summary>
internal enum DocumentOutcome : byte
{
    /// <summary>It is stored.</summary>
    Stored,

    /// <summary>It was stored before, by an earlier attempt: its id is taken.</summary>
    Duplicate,

    /// <summary>The server could not take it now: it is sent again, alone.</summary>
    Retry,

    /// <summary>The server can never take it as it is: it goes to the dead-letter index with the reason.</summary>
    DeadLetter,

    /// <summary>The server does not let us write there.</summary>
    Refused,
}
