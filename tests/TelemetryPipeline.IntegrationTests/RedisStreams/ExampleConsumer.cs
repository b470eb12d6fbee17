using OpenTelemetry.Proto.Collector.Trace.V1;
using StackExchange.Redis;

namespace TelemetryPipeline.IntegrationTests.RedisStreams;

/// <summary>The C# example of docs/redis-streams.md, as it stands there.</summary>
internal static class ExampleConsumer
{
    // From here on as in the document.
    public static async Task FollowAsync(IDatabase redis, string key, string group, string consumer, Action<string> print, CancellationToken stop)
    {
        try
        {
            await redis.StreamCreateConsumerGroupAsync(key, group, "0-0", createStream: true);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
        }

        var seen = new HashSet<string>();
        var order = new Queue<string>();
        while (!stop.IsCancellationRequested)
        {
            var entries = await redis.StreamReadGroupAsync(key, group, consumer, ">", count: 100);
            foreach (var entry in entries)
            {
                var id = (string)entry["id"]!;
                if (seen.Add(id)) // else it was written a second time
                {
                    order.Enqueue(id);
                    if (order.Count > 10_000)
                    {
                        seen.Remove(order.Dequeue());
                    }

                    var request = ExportTraceServiceRequest.Parser.ParseFrom((byte[])entry["data"]!);
                    foreach (var resource in request.ResourceSpans)
                    {
                        foreach (var scope in resource.ScopeSpans)
                        {
                            foreach (var span in scope.Spans)
                            {
                                print($"{Convert.ToHexStringLower(span.TraceId.Span)} {span.Name}");
                            }
                        }
                    }
                }

                await redis.StreamAcknowledgeAsync(key, group, entry.Id);
            }

            if (entries.Length == 0)
            {
                await Task.Delay(50, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // To here.
}
