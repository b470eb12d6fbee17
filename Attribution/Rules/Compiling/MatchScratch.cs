using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>Working memory of a matcher: what is known about the span at hand and the resource it is in.</summary>
/// <param name="index">The predicates.</param>
internal sealed class MatchScratch(PredicateIndex index)
{
    /// <summary>A condition was not looked at yet.</summary>
    public const byte Unknown = 0;

    /// <summary>A condition holds.</summary>
    public const byte Held = 1;

    /// <summary>A condition does not hold.</summary>
    public const byte Failed = 2;

    private readonly byte[] _remembered = new byte[index.RememberedCount];
    private readonly int[] _resourceCandidates = new int[index.ResourceCandidatesMax];
    private bool _isEmpty = true;
    private OtlpView? _view;
    private int _resource = -1;
    private int _resourceCandidateCount;
    private SlotMask _present;

    /// <summary>What latencies are compared with.</summary>
    public ILatencyBaseline? Baseline { get; set; }

    /// <summary>The span's verdict.</summary>
    public bool IsFailed { get; private set; }

    /// <summary>The registered attributes that the span has.</summary>
    public ref readonly SlotMask Present => ref _present;

    /// <summary>Predicates that the resource makes possible.</summary>
    public ReadOnlySpan<int> ResourceCandidates => _resourceCandidates.AsSpan(0, _resourceCandidateCount);

    /// <summary>Turns to the next span.</summary>
    /// <param name="view">Its chunk.</param>
    /// <param name="span">Its record.</param>
    public void Begin(OtlpView view, in SpanRecord span)
    {
        if (!_isEmpty)
        {
            Array.Clear(_remembered);
            _isEmpty = true;
        }

        _present = view.Present(index.Slots, span.Node);
        IsFailed = index.Outcome.IsFailed(view, span, _present);
        if (_resource != span.ResourceNode || !ReferenceEquals(_view, view))
        {
            _view = view;
            _resource = span.ResourceNode;
            _resourceCandidateCount = index.FindResourceCandidates(view, span.ResourceNode, _resourceCandidates);
        }
    }

    /// <summary>What is known about a condition.</summary>
    /// <param name="condition">Its index.</param>
    public byte Recall(int condition) => _remembered[condition];

    /// <summary>Keeps what was found out about a condition.</summary>
    /// <param name="condition">Its index.</param>
    /// <param name="known">What.</param>
    public void Remember(int condition, byte known)
    {
        _isEmpty = false;
        _remembered[condition] = known;
    }

    /// <summary>Lets go of the chunk.</summary>
    public void Reset()
    {
        _view = null;
        _resource = -1;
    }
}
