using System.Diagnostics.CodeAnalysis;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.Elasticsearch;

/// <summary>The node that tests of this folder share, one after the other; each has an index of its own.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "xunit makes it")]
public sealed class SharedNode : IAsyncLifetime
{
    /// <summary>The name of the tests that use it.</summary>
    public const string Name = "search server";

    private OpenSearchNode? _node;

    /// <summary>The node.</summary>
    public OpenSearchNode Node => _node ?? throw new InvalidOperationException(OpenSearchNode.MissingReason);

    public async ValueTask InitializeAsync() =>
        _node = OpenSearchNode.MissingReason is null ? await OpenSearchNode.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
    }
}
