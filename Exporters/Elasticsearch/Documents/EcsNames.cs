namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>OpenTelemetry's attributes that the Elastic Common Schema knows by another name.</summary>
internal static class EcsNames
{
    /// <summary>The schema's name of a resource's attribute; empty where it is the same.</summary>
    /// <param name="key">The attribute.</param>
    public static ReadOnlySpan<byte> OfResource(ReadOnlySpan<byte> key) => key.IsEmpty
        ? default
        : key[0] switch
        {
            (byte)'s' when key.SequenceEqual("service.instance.id"u8) => "service.node.name"u8,
            (byte)'d' => OfDeployment(key),
            (byte)'t' => OfSdk(key),
            (byte)'k' => OfKubernetes(key),
            (byte)'o' => OfSystem(key),
            (byte)'p' => OfProcess(key),
            (byte)'c' => OfContainer(key),
            (byte)'h' when key.SequenceEqual("host.arch"u8) => "host.architecture"u8,
            _ => default,
        };

    /// <summary>The schema's name of a record's attribute; empty where it is the same.</summary>
    /// <param name="key">The attribute.</param>
    public static ReadOnlySpan<byte> OfRecord(ReadOnlySpan<byte> key)
    {
        if (!key.StartsWith("exception."u8))
        {
            return default;
        }

        return key["exception.".Length..] switch
        {
            var rest when rest.SequenceEqual("type"u8) => "error.type"u8,
            var rest when rest.SequenceEqual("message"u8) => "error.message"u8,
            var rest when rest.SequenceEqual("stacktrace"u8) => "error.stack_trace"u8,
            _ => default,
        };
    }

    private static ReadOnlySpan<byte> OfDeployment(ReadOnlySpan<byte> key) =>
        key.SequenceEqual("deployment.environment"u8) || key.SequenceEqual("deployment.environment.name"u8)
            ? "service.environment"u8
            : default;

    private static ReadOnlySpan<byte> OfSdk(ReadOnlySpan<byte> key) => key switch
    {
        _ when key.SequenceEqual("telemetry.sdk.name"u8) => "agent.name"u8,
        _ when key.SequenceEqual("telemetry.sdk.version"u8) => "agent.version"u8,
        _ when key.SequenceEqual("telemetry.sdk.language"u8) => "service.language.name"u8,
        _ => default,
    };

    private static ReadOnlySpan<byte> OfKubernetes(ReadOnlySpan<byte> key) => key switch
    {
        _ when key.SequenceEqual("k8s.namespace.name"u8) => "kubernetes.namespace"u8,
        _ when key.SequenceEqual("k8s.pod.name"u8) => "kubernetes.pod.name"u8,
        _ when key.SequenceEqual("k8s.pod.uid"u8) => "kubernetes.pod.uid"u8,
        _ when key.SequenceEqual("k8s.node.name"u8) => "kubernetes.node.name"u8,
        _ when key.SequenceEqual("k8s.deployment.name"u8) => "kubernetes.deployment.name"u8,
        _ when key.SequenceEqual("k8s.cluster.name"u8) => "orchestrator.cluster.name"u8,
        _ => default,
    };

    private static ReadOnlySpan<byte> OfSystem(ReadOnlySpan<byte> key) => key switch
    {
        _ when key.SequenceEqual("os.type"u8) => "host.os.platform"u8,
        _ when key.SequenceEqual("os.name"u8) => "host.os.name"u8,
        _ when key.SequenceEqual("os.version"u8) => "host.os.version"u8,
        _ when key.SequenceEqual("os.description"u8) => "host.os.full"u8,
        _ => default,
    };

    private static ReadOnlySpan<byte> OfProcess(ReadOnlySpan<byte> key) => key switch
    {
        _ when key.SequenceEqual("process.runtime.name"u8) => "service.runtime.name"u8,
        _ when key.SequenceEqual("process.runtime.version"u8) => "service.runtime.version"u8,
        _ when key.SequenceEqual("process.executable.path"u8) => "process.executable"u8,
        _ => default,
    };

    private static ReadOnlySpan<byte> OfContainer(ReadOnlySpan<byte> key) => key switch
    {
        _ when key.SequenceEqual("cloud.platform"u8) => "cloud.service.name"u8,
        _ when key.SequenceEqual("container.image.tags"u8) => "container.image.tag"u8,
        _ => default,
    };
}
