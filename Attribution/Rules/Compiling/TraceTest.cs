namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>A compiled condition on a trace: over the predicates its spans hit, its chain and its structure.</summary>
internal abstract class TraceTest
{
    /// <summary>Whether it holds. Does not allocate.</summary>
    /// <param name="hits">The predicates that any span hit; not read by conditions on the chain.</param>
    /// <param name="chain">Chain and structure.</param>
    public abstract bool Holds(PredicateHits hits, in ChainFacts chain);
}
