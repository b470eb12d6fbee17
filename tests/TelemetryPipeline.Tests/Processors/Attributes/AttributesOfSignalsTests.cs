using System.Linq;
using Google.Protobuf;
using Google.Protobuf.Collections;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using TelemetryPipeline.Processors.Attributes;
using TelemetryPipeline.Tests.Exporters.DebugOutput;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.Attributes;

/// <summary>Actions on data points of every type and on log records. The requests have a point of each type.</summary>
public sealed class AttributesOfSignalsTests
{
    private const string Actions =
        "[{key: node, action: delete}, {key: channel, value: teller, action: update}, {key: branch, value: 17, action: insert}]";

    [Fact]
    public async Task Consume_Metrics_ChangesThePointsOfEveryTypeAndNothingElse()
    {
        var expected = DebugData.Metrics();
        Assert.Equal(5, Oracle.Items(expected).Select(static i => i.Item.Descriptor.Name + i.Holders.Contains("isMonotonic", StringComparison.Ordinal)).Distinct().Count());
        foreach (var (_, item) in Oracle.Items(expected))
        {
            Change(item);
        }

        Assert.Equal(expected, await AttributesRun.ChangeAsync(new AttributesFactory(), $"actions: {Actions}", DebugData.Metrics()));
    }

    [Fact]
    public async Task Consume_Logs_ChangesEveryRecordAndNothingElse()
    {
        var expected = DebugData.Logs();
        foreach (var (_, item) in Oracle.Items(expected))
        {
            Change(item);
        }

        Assert.Equal(expected, await AttributesRun.ChangeAsync(new AttributesFactory(), $"actions: {Actions}", DebugData.Logs()));
    }

    [Fact]
    public async Task Consume_ResourcesOfMetricsAndLogs_AreChangedAndNothingElse()
    {
        const string Settings = "attributes: [{key: service.name, action: delete}, {key: region, value: east, action: upsert}]";
        var metrics = DebugData.Metrics();
        ChangeResource(metrics.ResourceMetrics[0].Resource.Attributes);
        var logs = DebugData.Logs();
        ChangeResource(logs.ResourceLogs[0].Resource.Attributes);

        Assert.Equal(metrics, await AttributesRun.ChangeAsync(new ResourceFactory(), Settings, DebugData.Metrics()));
        Assert.Equal(logs, await AttributesRun.ChangeAsync(new ResourceFactory(), Settings, DebugData.Logs()));
    }

    [Fact]
    public async Task Consume_EnvelopeWithoutResource_GetsOne()
    {
        var request = DebugData.Logs();
        request.ResourceLogs[0].Resource = null;
        var expected = request.Clone();
        expected.ResourceLogs[0].Resource = new() { Attributes = { Text("region", "east") } };

        Assert.Equal(expected, await AttributesRun.ChangeAsync(
            new ResourceFactory(), "attributes: [{key: region, value: east, action: upsert}]", request));
    }

    /// <summary>The attributes of a data point or log record.</summary>
    internal static RepeatedField<KeyValue> AttributesOf(IMessage item) => item switch
    {
        NumberDataPoint point => point.Attributes,
        HistogramDataPoint point => point.Attributes,
        ExponentialHistogramDataPoint point => point.Attributes,
        SummaryDataPoint point => point.Attributes,
        LogRecord record => record.Attributes,
        _ => throw new ArgumentException(item.Descriptor.Name, nameof(item)),
    };

    private static void Change(IMessage item)
    {
        var attributes = AttributesOf(item);
        foreach (var attribute in attributes.ToArray())
        {
            if (attribute.Key == "node")
            {
                attributes.Remove(attribute);
            }
            else if (attribute.Key == "channel")
            {
                attribute.Value.StringValue = "teller";
            }
        }

        attributes.Add(new KeyValue { Key = "branch", Value = new AnyValue { IntValue = 17 } });
    }

    private static void ChangeResource(RepeatedField<KeyValue> attributes)
    {
        Assert.Equal("service.name", Assert.Single(attributes).Key);
        attributes.Clear();
        attributes.Add(Text("region", "east"));
    }

    private static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
