using System.Buffers;
using System.Text;
using System.Text.Json;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Json;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Processors.FieldEncryption.Decryption;

/// <summary>Decrypts every value in an OTLP/JSON request. Not thread-safe.</summary>
/// <param name="keys">The keys.</param>
internal sealed class RequestDecryptor(DecryptionKeys keys)
{
    /// <summary>Decrypts a request.</summary>
    /// <param name="json">The request.</param>
    /// <param name="tenant">The tenant of all values; null takes the one that the data names.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<DecryptedRequest> DecryptAsync(ReadOnlyMemory<byte> json, string? tenant, CancellationToken cancellation)
    {
        if (SignalOf(json.Span, out var isEmpty) is not { } signal)
        {
            return isEmpty
                ? new DecryptedRequest(json.ToArray(), [])
                : new DecryptedRequest(null, ["it is not an OTLP/JSON request: it has none of resourceSpans, resourceMetrics and resourceLogs"]);
        }

        var bytes = new ArrayBufferWriter<byte>(json.Length);
        if (!OtlpRequest.TryReadJson(signal, json.Span, bytes, out var items, out var refused, out var error))
        {
            return new DecryptedRequest(null, [error.ToString()]);
        }

        using var batch = new OtlpBatch(OtlpChunk.FromArray(signal, bytes.WrittenSpan.ToArray(), items));
        var wrapped = new WrappedKeys();
        Walk(batch, tenant, static _ => { }, wrapped);
        foreach (var (name, key) in wrapped.Found)
        {
            await keys.UnwrapAsync(name, key, cancellation).ConfigureAwait(false);
        }

        var values = new Values(new FieldDecryptor(keys));
        Walk(batch, tenant, values.Use, values);
        return new DecryptedRequest(Json(batch), refused is null ? values.Problems : [refused.ToString(), .. values.Problems]);
    }

    private static Signal? SignalOf(ReadOnlySpan<byte> json, out bool isEmpty)
    {
        isEmpty = false;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            isEmpty = true;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                isEmpty = false;
                switch (JsonText.GetString(reader))
                {
                    case "resourceSpans" or "resource_spans":
                        return Signal.Traces;
                    case "resourceMetrics" or "resource_metrics":
                        return Signal.Metrics;
                    case "resourceLogs" or "resource_logs":
                        return Signal.Logs;
                }

                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Not JSON at all.
            isEmpty = false;
        }

        return null;
    }

    /// <summary>Shows a rewriter every attribute, after telling it the tenant: the item's own, else the resource's.</summary>
    private static void Walk(OtlpBatch batch, string? tenant, Action<string> use, IAttributeRewriter rewriter)
    {
        for (var i = 0; i < batch.ViewCount; i++)
        {
            var view = batch.View(i);
            for (var node = 0; node < view.Nodes.Length; node++)
            {
                if (view.Nodes[node].Kind is OtlpNodeKind.Resource or OtlpNodeKind.Scope or OtlpNodeKind.Metric or OtlpNodeKind.Item)
                {
                    use(tenant ?? TenantOf(view, node));
                    view.RewriteAttributes(node, rewriter);
                }
            }
        }
    }

    private static string TenantOf(OtlpView view, int node)
    {
        var key = BusinessKeys.Tenant;
        if (view.Nodes[node].Kind != OtlpNodeKind.Item || !view.TryGetAttribute(node, key, out var tenant))
        {
            view.TryGetAttribute(view.ResourceOf(node), key, out tenant);
        }

        return Encoding.UTF8.GetString(tenant.Text);
    }

    private static byte[] Json(OtlpBatch batch)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            foreach (var chunk in batch.Chunks)
            {
                OtlpRequest.WriteJson(batch.Signal, chunk.Bytes, writer);
            }
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Finds the wrapped keys that values need.</summary>
    private sealed class WrappedKeys : IAttributeRewriter
    {
        public HashSet<(string Name, string Wrapped)> Found { get; } = [];

        public AttributeAction Decide(ReadOnlySpan<byte> key, AnyValueView value, IBufferWriter<byte> output)
        {
            if (FieldDecryptor.WrappedKeyOf(value.Text) is { } wrapped)
            {
                Found.Add(wrapped);
            }

            return AttributeAction.Keep;
        }
    }

    /// <summary>Puts plain values in the place of encrypted ones; one that cannot be decrypted stays.</summary>
    private sealed class Values(FieldDecryptor decryptor) : IAttributeRewriter
    {
        private byte[] _tenant = [];

        public List<string> Problems { get; } = [];

        public void Use(string tenant) => _tenant = Encoding.UTF8.GetBytes(tenant);

        public AttributeAction Decide(ReadOnlySpan<byte> key, AnyValueView value, IBufferWriter<byte> output)
        {
            if (!ProtectedText.TryParse(value.Text, out _))
            {
                return AttributeAction.Keep;
            }

            if (!decryptor.TryDecrypt(value.Text, _tenant, key, out var isText, out var plain, out var problem))
            {
                Problems.Add($"{Encoding.UTF8.GetString(key)}: {problem}");
                return AttributeAction.Keep;
            }

            if (isText)
            {
                TextValue.Write(output, plain);
            }
            else
            {
                output.Write(plain);
            }

            return AttributeAction.Replace;
        }
    }
}

/// <summary>What became of a request.</summary>
/// <param name="Json">The request with values decrypted; null where it is none.</param>
/// <param name="Problems">What is wrong with it, or with values that stay encrypted.</param>
internal sealed record DecryptedRequest(byte[]? Json, IReadOnlyList<string> Problems);
