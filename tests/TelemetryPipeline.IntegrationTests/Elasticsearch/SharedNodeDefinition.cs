namespace TelemetryPipeline.IntegrationTests.Elasticsearch;

/// <summary>Tests that use <see cref="SharedNode"/>.</summary>
[CollectionDefinition(SharedNode.Name)]
public sealed class SharedNodeDefinition : ICollectionFixture<SharedNode>;
