using CsCheck;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Tests.Processors.FinancialEnrichment;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FieldEncryption;

/// <summary>The two processors as a pipeline has them: personal data found anywhere, then sensitive fields encrypted.</summary>
public sealed class EnrichmentThenEncryptionTests : IDisposable
{
    private static readonly Gen<string> Customer = Gen.Int[0, 999_999].Select(static n => $"CUST-{n:D6}");
    private static readonly Gen<string> Account = Gen.Int[0, 999_999].Select(static n => $"ACCT/{n:D6}/0815");
    private static readonly Gen<string> Phone = Gen.Int[0, 999_999_999].Select(static n => $"13{n:D9}");

    private readonly string _folder = Directory.CreateTempSubdirectory("field-encryption-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Guarantees: wherever in a span a customer, a phone and an account stand, no clear value is left,
    // the tenant named in a header chooses the key, and the account can be read again.
    [Fact]
    public async Task Consume_EnrichedThenEncrypted_NoClearValueIsLeft()
    {
        var key = EncryptionRun.KeyFile(_folder, "k", EncryptionRun.KeyA);
        await using var enrichment = await EnrichmentRun.StartAsync();
        await using var encryption = await EncryptionRun.StartAsync($"keys: [{{tenant: bank-a, keys: [{{id: k, file: \"{key}\"}}]}}]");
        Gen.Select(Customer, Account, Phone, Gen.Int[0, 4]).Sample(
            (customer, account, phone, place) =>
            {
                var span = new SpanBuilder(place == 0 ? $"call {phone} for {account}" : "transfer").With("http.request.header.x-tenant-id", "bank-a")
                    .With("http.request.header.x-biz-cust-id", customer).With("note", $"{customer} rang {phone}")
                    .With("payee.account_number", account).With("cvv", account)
                    .With("inner", new AnyValue { KvlistValue = new KeyValueList { Values = { EncryptionRun.Pair("account_number", account), EncryptionRun.Pair("phone", phone) } } })
                    .Failed(place == 1 ? $"no {phone} of {customer} at {account}" : "").Build();
                span.Events.Add(new Span.Types.Event { Name = place == 2 ? $"{customer}, {account}" : account, Attributes = { EncryptionRun.Pair("account_number", account) } });
                span.Links.Add(new Span.Types.Link { TraceState = place == 3 ? phone : $"k={account}", Attributes = { EncryptionRun.Pair("account_number", account), EncryptionRun.Pair("c", customer) } });

                var enriched = enrichment.SendAsync(EnrichmentRun.Request(span)).GetAwaiter().GetResult();
                var encrypted = encryption.SendAsync(enriched).GetAwaiter().GetResult();

                Assert.All((string[])[customer, account, phone], clear => Assert.False(EncryptionRun.Holds(encrypted, clear), $"{clear} in {encrypted}"));
                var decrypted = ((OpenTelemetry.Proto.Collector.Trace.V1.ExportTraceServiceRequest)encryption.DecryptAsync(encrypted).GetAwaiter().GetResult())
                    .ResourceSpans[0].ScopeSpans[0].Spans[0];
                Assert.Equal(account, decrypted.Text("payee.account_number"));
                Assert.Equal(account, decrypted.Events[0].Attributes[0].Value.StringValue);
                Assert.Null(decrypted.Get("cvv"));
            },
            iter: 100,
            threads: 1);
    }
}
