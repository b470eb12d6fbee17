using Google.Protobuf.Reflection;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

public sealed class OtlpSchemaTests
{
    [Fact]
    public void Messages_EveryFieldOfTheProtoFiles_IsInTheTable()
    {
        var seen = new HashSet<MessageDescriptor>();
        foreach (var signal in SignalNames.All)
        {
            Compare(OtlpPayloads.Empty(signal).Descriptor, OtlpSchema.RequestOf(signal), seen);
        }

        Assert.Equal(OtlpSchema.Messages.Length - 1, seen.Count);
    }

    private static void Compare(MessageDescriptor expected, MessageKind kind, HashSet<MessageDescriptor> seen)
    {
        if (!seen.Add(expected))
        {
            return;
        }

        var message = OtlpSchema.Of(kind);
        Assert.Equal(kind, message.Kind);
        Assert.Equal(expected.Fields.InDeclarationOrder().Count, message.Fields.Length);
        foreach (var field in expected.Fields.InDeclarationOrder())
        {
            var actual = message.Find((uint)field.FieldNumber);
            Assert.NotNull(actual);
            Assert.Equal(field.Name, System.Text.Encoding.UTF8.GetString(actual.SnakeName));
            Assert.Equal(field.JsonName, System.Text.Encoding.UTF8.GetString(actual.CamelName));
            Assert.Equal(field.IsRepeated, actual.Repeated);
            Assert.Equal(field.RealContainingOneof is not null, actual.InOneof);
            if (field.FieldType == FieldType.Message)
            {
                Compare(field.MessageType, actual.Message, seen);
            }

            if (field.FieldType == FieldType.Enum)
            {
                Assert.Equal(field.EnumType.Values.Count, actual.EnumNames.Length);
                foreach (var value in field.EnumType.Values)
                {
                    Assert.Equal(value.Name, actual.EnumNames[value.Number]);
                }
            }
        }
    }
}
