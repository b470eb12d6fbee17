using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Processors.Attributes;

/// <summary>Changes the attributes of every item, or of every resource.</summary>
internal sealed class AttributesProcessor(AttributesConfig config, bool ofResources, IConsumer next) : IProcessor
{
    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        for (var i = 0; i < batch.ViewCount; i++)
        {
            var view = batch.View(i);
            if (ofResources)
            {
                ChangeResources(view, batch.Metadata);
            }
            else
            {
                ChangeItems(view, batch.Metadata);
            }
        }

        return next.ConsumeAsync(batch, cancellation);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;

    private void ChangeItems(OtlpView view, RequestMetadata? metadata)
    {
        var nodes = view.ItemNodes;
        var holder = -1;
        var included = true;
        var excluded = false;
        for (var item = 0; item < nodes.Length; item++)
        {
            var node = nodes[item];
            if (view.IsDropped(node))
            {
                continue;
            }

            // Resource, scope and metric are the same for all items below one holder.
            if (view.Nodes[node].Parent is var parent && parent != holder)
            {
                holder = parent;
                included = config.Include?.MatchesHolders(view, node) ?? true;
                excluded = config.Exclude?.MatchesHolders(view, node) ?? false;
            }

            if (included && config.Include?.MatchesItem(view, item, node) != false
                && !(excluded && config.Exclude!.MatchesItem(view, item, node)))
            {
                AttributeActions.Apply(config.Actions, view, node, metadata);
            }
        }
    }

    private void ChangeResources(OtlpView view, RequestMetadata? metadata)
    {
        var nodes = view.Nodes;
        for (var node = 0; node < nodes.Length; node++)
        {
            if (nodes[node].Kind == OtlpNodeKind.Resource && !view.IsDropped(node))
            {
                AttributeActions.Apply(config.Actions, view, node, metadata);
            }
        }
    }
}
