using System.Collections;
using System.Linq;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using OpenTelemetry.Proto.Common.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FieldEncryption;

public sealed class EncryptionProperties : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("field-encryption-").FullName;

    private string Keys => $"keys: [{{keys: [{{id: k, file: \"{EncryptionRun.KeyFile(_folder, "k", EncryptionRun.KeyA)}\"}}]}}]";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Guarantees: whatever a request holds, it decrypts to what it was, with the type of every value.
    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public async Task Decrypt_AnyRequestEncryptedWhole_IsAsItWas(Signal signal)
    {
        await using var run = await EncryptionRun.StartAsync($"policies: [{{fields: ['*']}}]\nredact_copies: false\n{Keys}", signal: signal);
        OtlpGenerators.Request(signal).Sample(
            request =>
            {
                Normalize(request);
                var encrypted = run.SendAsync(request).GetAwaiter().GetResult();
                AssertNothingClear(encrypted);
                var decrypted = run.DecryptAsync(encrypted).GetAwaiter().GetResult();
                Normalize(decrypted);
                Assert.Equal(JsonFormatter.Default.Format(request), JsonFormatter.Default.Format(decrypted));
            },
            iter: 150,
            threads: 1);
    }

    // Guarantees: only keys that a policy names are touched, also at depth; the rest stays byte for byte as the oracle reads it.
    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public async Task Consume_SomeKeys_TouchesNoOthers(Signal signal)
    {
        await using var run = await EncryptionRun.StartAsync($"policies: [{{fields: [k1, 'k[x]*'], action: drop}}, {{fields: ['*2'], action: mask}}]\nredact_copies: false\n{Keys}", signal: signal);
        OtlpGenerators.Request(signal).Sample(
            request =>
            {
                Normalize(request);
                var actual = run.SendAsync(request).GetAwaiter().GetResult();
                var expected = ((IMessage)request).Descriptor.Parser.ParseFrom(request.ToByteArray());
                Walk(expected, static list =>
                {
                    for (var i = list.Count - 1; i >= 0; i--)
                    {
                        if (list[i].Key == "k1")
                        {
                            list.RemoveAt(i);
                        }
                    }
                });
                Walk(expected, Blank);
                Walk(actual, Blank);
                Assert.Equal(expected, actual);
            },
            iter: 150,
            threads: 1);

        static void Blank(IList<KeyValue> list)
        {
            foreach (var pair in list.Where(static p => p.Key == "k2"))
            {
                pair.Value = new AnyValue();
            }
        }
    }

    private static void AssertNothingClear(IMessage request) => Walk(request, static list =>
    {
        foreach (var pair in list)
        {
            Assert.True(
                pair.Value is null || pair.Value.ValueCase == AnyValue.ValueOneofCase.None || EncryptionRun.IsEncrypted(pair.Value.StringValue),
                $"{pair}");
        }
    });

    // A value that is empty, and one that is not there, are the same to a reader; indices into a table are for profiles only.
    private static void Normalize(IMessage message)
    {
        switch (message)
        {
            case KeyValue pair:
                pair.Value ??= new AnyValue();
                pair.KeyStrindex = 0;
                break;
            case AnyValue { ValueCase: AnyValue.ValueOneofCase.StringValueStrindex } value:
                value.ClearValue();
                break;
            default:
                break;
        }

        foreach (var inner in Inner(message))
        {
            Normalize(inner);
        }
    }

    private static IEnumerable<IMessage> Inner(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder().Where(static f => f.FieldType == FieldType.Message))
        {
            var value = field.Accessor.GetValue(message);
            foreach (var inner in value is IList list ? list.Cast<IMessage>() : value is IMessage single ? [single] : [])
            {
                yield return inner;
            }
        }
    }

    private static void Walk(IMessage message, Action<IList<KeyValue>> visit)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder().Where(static f => f.FieldType == FieldType.Message))
        {
            var value = field.Accessor.GetValue(message);
            if (value is IList<KeyValue> pairs)
            {
                visit(pairs);
            }

            foreach (var inner in value is IList list ? list.Cast<IMessage>() : value is IMessage single ? [single] : [])
            {
                Walk(inner, visit);
            }
        }
    }
}
