namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>
/// What became of the documents of a batch in the attempts made so far, so that the next attempt sends only those that
/// are left. Documents are known by their ordinal: the same batch always gives the same ones.
/// </summary>
internal sealed class BatchProgress
{
    private readonly List<ulong> _done = [];

    /// <summary>Attempts after which documents were left.</summary>
    public int Attempts { get; set; }

    /// <summary>Items that are stored, or kept as dead letters.</summary>
    public int StoredItems { get; set; }

    /// <summary>Items that are lost.</summary>
    public int RejectedItems { get; private set; }

    /// <summary>Why the first of them is lost, as a label.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Why the first of them is lost, as a sentence.</summary>
    public string Message { get; private set; } = "";

    /// <summary>Whether nothing more is to be done about a document.</summary>
    /// <param name="ordinal">The document.</param>
    public bool IsDone(int ordinal) => ordinal >> 6 is var word && word < _done.Count && (_done[word] & (1UL << (ordinal & 63))) != 0;

    /// <summary>Nothing more is to be done about a document.</summary>
    /// <param name="ordinal">The document.</param>
    public void Done(int ordinal)
    {
        while (_done.Count <= ordinal >> 6)
        {
            _done.Add(0);
        }

        _done[ordinal >> 6] |= 1UL << (ordinal & 63);
    }

    /// <summary>Counts what is lost.</summary>
    /// <param name="items">Items of a document.</param>
    /// <param name="reason">A label.</param>
    /// <param name="message">A sentence.</param>
    public void Reject(int items, string reason, string message)
    {
        if (Reason.Length == 0)
        {
            (Reason, Message) = (reason, message);
        }

        RejectedItems += items;
    }
}
