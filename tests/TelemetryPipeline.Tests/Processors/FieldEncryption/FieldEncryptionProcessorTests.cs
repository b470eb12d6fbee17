using System.Linq;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Tests.Processors.FinancialEnrichment;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FieldEncryption;

public sealed class FieldEncryptionProcessorTests : IDisposable
{
    private const string Account = "6222020200112233445";

    private readonly string _folder = Directory.CreateTempSubdirectory("field-encryption-").FullName;

    private string Keys => $$"""

        keys:
          - {tenant: bank-a, keys: [{id: a1, file: "{{KeyFile("a1", EncryptionRun.KeyA)}}"}]}
          - {keys: [{id: rest, file: "{{KeyFile("rest", EncryptionRun.KeyA.Replace('0', '7'))}}"}]}
        """;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Consume_ShippedPolicies_EncryptDropAndLeaveTheRest()
    {
        await using var run = await EncryptionRun.StartAsync(Keys);
        var span = await run.SendAsync(
            new SpanBuilder("transfer").With("account_number", Account).With("payer.account_number", Account).With("cvv", "123")
                .With("card.cvv", 123L).With("patient_id", "P-1").With("diagnosis", "J45").With("amount", 1234L).Build(),
            ("tenant.id", "bank-a"));

        Assert.Equal(["account_number", "payer.account_number", "patient_id", "diagnosis", "amount"], span.Attributes.Select(a => a.Key));
        Assert.All(span.Attributes.SkipLast(1), a => Assert.StartsWith("enc:v1:t:a1:", a.Value.StringValue, StringComparison.Ordinal));
        Assert.Equal(1234, span.Get("amount")!.IntValue);
        Assert.Equal((Account, null), await run.DecryptAsync(span.Text("account_number")!, "bank-a", "account_number"));
        Assert.Equal((4, 2), (run.Fields("encrypted"), run.Fields("dropped")));
    }

    // Guarantees: a value that was moved, or is read with the wrong key, does not decrypt.
    [Fact]
    public async Task Decrypt_OtherTenantFieldOrKey_FailsAuthentication()
    {
        await using var run = await EncryptionRun.StartAsync(Keys);
        var value = (await run.SendAsync(new SpanBuilder("x").With("account_number", Account).Build(), ("tenant.id", "bank-x"))).Text("account_number")!;

        Assert.Equal((Account, null), await run.DecryptAsync(value, "bank-x", "account_number"));
        Assert.Contains("authentication fails", (await run.DecryptAsync(value, "bank-y", "account_number")).Problem, StringComparison.Ordinal);
        Assert.Contains("authentication fails", (await run.DecryptAsync(value, "bank-x", "diagnosis")).Problem, StringComparison.Ordinal);
        Assert.Contains("authentication fails", (await run.DecryptAsync(value.Replace("v1:t:", "v1:v:", StringComparison.Ordinal), "bank-x", "account_number")).Problem, StringComparison.Ordinal);
        Assert.Contains("authentication fails", (await run.DecryptAsync(value.Replace("rest", "a1", StringComparison.Ordinal), "bank-a", "account_number")).Problem, StringComparison.Ordinal);
        Assert.Equal("there is no key \"a1\" for tenant \"bank-x\"", (await run.DecryptAsync(value.Replace("rest", "a1", StringComparison.Ordinal), "bank-x", "account_number")).Problem);
        Assert.Contains("is not an encrypted value", (await run.DecryptAsync(value[..20], "bank-x", "account_number")).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consume_EverywhereInATrace_NothingClearIsLeft()
    {
        await using var run = await EncryptionRun.StartAsync("policies: [{fields: ['*secret*']}]" + Keys);
        var span = new SpanBuilder("x").With("secret", Account).With("inner", List(("a.secret", Account), ("b", "kept"))).Build();
        span.Events.Add(new Span.Types.Event { Name = "e", Attributes = { EncryptionRun.Pair("secret", Account) } });
        span.Links.Add(new Span.Types.Link { Attributes = { EncryptionRun.Pair("secret", Account) } });
        span.Attributes.Add(new KeyValue { Key = "list", Value = new AnyValue { ArrayValue = new ArrayValue { Values = { List(("my_secret", Account)) } } } });
        var request = EnrichmentRun.Request(span, ("tenant.id", "bank-a"), ("secret", Account));
        request.ResourceSpans[0].ScopeSpans[0].Scope = new InstrumentationScope { Attributes = { EncryptionRun.Pair("secret", Account) } };

        var encrypted = await run.SendAsync(request);

        Assert.False(EncryptionRun.Holds(encrypted, Account));
        Assert.Equal(7, run.Fields("encrypted"));
        Assert.Equal(request, await run.DecryptAsync(encrypted));
    }

    // Scenario: a protected value also stands in texts of the same span, in other attributes, and in another span.
    // Guarantees: copies in the span are redacted, whatever is protected with; a short value and another span are left.
    [Theory]
    [InlineData("encrypt")]
    [InlineData("drop")]
    [InlineData("mask")]
    public async Task Consume_CopiesOfAProtectedValue_AreRedacted(string action)
    {
        await using var run = await EncryptionRun.StartAsync($"policies: [{{fields: [f, g, n], action: {action}}}]" + Keys);
        var span = new SpanBuilder($"pay {Account}").With("f", Account).With("g", "short").With("n", 123456789L)
            .With("note", $"<{Account}> and {Account}, short").With("number", 123456789L).With("text", "no 123456789").Failed(Account).Build();
        span.Events.Add(new Span.Types.Event { Name = Account, Attributes = { EncryptionRun.Pair("k", Account) } });
        var request = EnrichmentRun.Request(span);
        request.ResourceSpans[0].ScopeSpans[0].Spans.Add(new SpanBuilder(Account).Build());

        var spans = ((OpenTelemetry.Proto.Collector.Trace.V1.ExportTraceServiceRequest)await run.SendAsync(request)).ResourceSpans[0].ScopeSpans[0].Spans;

        Assert.False(EncryptionRun.Holds(spans[0], Account));
        Assert.False(EncryptionRun.Holds(spans[0], "123456789"));
        Assert.Equal("pay [REDACTED:copy]", spans[0].Name);
        Assert.Equal("<[REDACTED:copy]> and [REDACTED:copy], short", spans[0].Text("note"));
        Assert.Equal("[REDACTED:copy]", spans[0].Text("number"));
        Assert.Equal("[REDACTED:copy]", spans[0].Status.Message);
        Assert.Equal("[REDACTED:copy]", spans[0].Events[0].Attributes[0].Value.StringValue);
        Assert.Equal(Account, spans[1].Name);
        Assert.Equal(8, run.Harness.Metric("otelcol_processor_field_encryption_redacted_copies"));
    }

    // Guarantees: the tenant, without which nothing can be decrypted, is never taken for a copy.
    [Fact]
    public async Task Consume_ValueThatIsTheTenant_LeavesTheTenantReadable()
    {
        await using var run = await EncryptionRun.StartAsync("policies: [{fields: ['*']}]" + Keys);
        var request = EnrichmentRun.Request(
            new SpanBuilder("x").With("tenant.id", "bank-a").With("owner", "bank-a").With("part", "a").Build(), ("tenant.id", "bank-a"), ("owner", "bank-a"));

        var encrypted = await run.SendAsync(request);

        Assert.Equal(3, run.Fields("encrypted"));
        Assert.Equal(request, await run.DecryptAsync(encrypted));
    }

    [Fact]
    public async Task Consume_CopiesNotToBeRedacted_Stay()
    {
        await using var run = await EncryptionRun.StartAsync("redact_copies: false" + Keys);
        var span = await run.SendAsync(new SpanBuilder(Account).With("account_number", Account).Build());

        Assert.Equal(Account, span.Name);
        Assert.True(EncryptionRun.IsEncrypted(span.Text("account_number")));
    }

    [Fact]
    public async Task Consume_Logs_EncryptsAttributesAndFieldsOfTheBody()
    {
        await using var run = await EncryptionRun.StartAsync("policies: [{fields: [account_number, body.cvv]}]" + Keys, signal: Signal.Logs);
        var request = new ExportLogsServiceRequest
        {
            ResourceLogs =
            {
                new ResourceLogs
                {
                    Resource = new Resource { Attributes = { EncryptionRun.Pair("tenant.id", "bank-a") } },
                    ScopeLogs =
                    {
                        new ScopeLogs
                        {
                            LogRecords =
                            {
                                new LogRecord { Body = List(("account_number", Account), ("note", "kept")), Attributes = { EncryptionRun.Pair("account_number", Account) } },
                                new LogRecord { Body = new AnyValue { StringValue = "kept" } },
                            },
                        },
                    },
                },
            },
        };

        var encrypted = await run.SendAsync(request);

        Assert.False(EncryptionRun.Holds(encrypted, Account));
        Assert.True(EncryptionRun.Holds(encrypted, "kept"));
        Assert.Equal(request, await run.DecryptAsync(encrypted));
    }

    [Theory]
    [InlineData("encrypt")]
    [InlineData("drop")]
    [InlineData("mask")]
    public async Task Consume_WholeBodyOfALog_IsAFieldOfItsOwn(string action)
    {
        await using var run = await EncryptionRun.StartAsync($"policies: [{{fields: [body], action: {action}}}]" + Keys, signal: Signal.Logs);
        var request = new ExportLogsServiceRequest
        {
            ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { new LogRecord { Body = new AnyValue { StringValue = Account } } } } } } },
        };

        var record = ((ExportLogsServiceRequest)await run.SendAsync(request)).ResourceLogs[0].ScopeLogs[0].LogRecords[0];

        Assert.Equal(
            action,
            record.Body is null ? "drop" : record.Body.StringValue == new string('*', Account.Length) ? "mask"
            : EncryptionRun.IsEncrypted(record.Body.StringValue) ? "encrypt" : record.Body.StringValue);
    }

    [Fact]
    public async Task Consume_Metrics_EncryptsAttributesOfPointsAndExemplars()
    {
        await using var run = await EncryptionRun.StartAsync(Keys, signal: Signal.Metrics);
        var point = new NumberDataPoint { AsInt = 1, Attributes = { EncryptionRun.Pair("account_number", Account) } };
        point.Exemplars.Add(new Exemplar { AsInt = 1, FilteredAttributes = { EncryptionRun.Pair("account_number", Account) } });
        var metric = new Metric { Name = "m", Gauge = new Gauge { DataPoints = { point } }, Metadata = { EncryptionRun.Pair("account_number", Account) } };
        var request = new ExportMetricsServiceRequest
        {
            ResourceMetrics = { new ResourceMetrics { ScopeMetrics = { new ScopeMetrics { Metrics = { metric } } } } },
        };

        var encrypted = await run.SendAsync(request);

        Assert.False(EncryptionRun.Holds(encrypted, Account));
        Assert.Equal(request, await run.DecryptAsync(encrypted));
    }

    [Fact]
    public async Task Consume_TenantOfTheSpan_GoesBeforeThatOfTheResource()
    {
        await using var run = await EncryptionRun.StartAsync(Keys);
        var span = await run.SendAsync(
            new SpanBuilder("x").With("account_number", Account).With("tenant.id", "bank-a").Build(), ("tenant.id", "bank-b"));

        Assert.StartsWith("enc:v1:t:a1:", span.Text("account_number"), StringComparison.Ordinal);
        Assert.Equal((Account, null), await run.DecryptAsync(span.Text("account_number")!, "bank-a", "account_number"));
    }

    [Theory]
    [InlineData("finance", true, false)]
    [InlineData("Healthcare", false, true)]
    [InlineData("pii, FINANCE", true, false)]
    [InlineData("finance;healthcare", true, true)]
    [InlineData("public", true, true)]
    [InlineData("", true, true)]
    public async Task Consume_ClassOfTheData_ChoosesThePolicies(string stated, bool account, bool patient)
    {
        await using var run = await EncryptionRun.StartAsync(Keys);
        SpanBuilder Span() => new SpanBuilder("x").With("account_number", Account).With("patient_id", "P-1");
        Span[] spans =
        [
            await run.SendAsync(Span().With("data.classification", stated).Build()),
            await run.SendAsync(Span().Build(), ("data.classification", stated)),
            await run.SendAsync(Span().With("http.request.header.x-data-classification", Texts(stated)).Build()),
        ];

        Assert.All(spans, span => Assert.Equal(
            (account, patient),
            (EncryptionRun.IsEncrypted(span.Text("account_number")), EncryptionRun.IsEncrypted(span.Text("patient_id")))));
    }

    [Fact]
    public async Task Consume_ClassInTheHeaderOfTheRequest_Counts()
    {
        await using var run = await EncryptionRun.StartAsync(Keys);
        var metadata = new RequestMetadata([new("x-data-classification", ["healthcare"])]);
        using var batch = new OtlpBatch(
            OtlpPayloads.Chunk(EnrichmentRun.Request(new SpanBuilder("x").With("account_number", Account).With("patient_id", "P").Build())), metadata);
        await run.Processor.ConsumeAsync(batch, TestContext.Current.CancellationToken);
        var span = OtlpPayloads.Traces(run.Next.Batches[0]).ResourceSpans[0].ScopeSpans[0].Spans[0];

        Assert.Equal(Account, span.Text("account_number"));
        Assert.True(EncryptionRun.IsEncrypted(span.Text("patient_id")));
    }

    // Guarantees: a sender cannot lift what is configured for its tenant by calling its data something else.
    [Fact]
    public async Task Consume_ClassOfTheTenant_HoldsWhateverTheDataSays()
    {
        await using var run = await EncryptionRun.StartAsync("tenant_classes: [{tenant: 'bank-*', classes: [finance]}]" + Keys);
        var span = await run.SendAsync(
            new SpanBuilder("x").With("account_number", Account).With("patient_id", "P").With("data.classification", "healthcare").Build(),
            ("tenant.id", "bank-a"));

        Assert.True(EncryptionRun.IsEncrypted(span.Text("account_number")));
        Assert.True(EncryptionRun.IsEncrypted(span.Text("patient_id")));
    }

    [Fact]
    public async Task Consume_SeveralPolicies_TheFirstThatFitsCounts()
    {
        await using var run = await EncryptionRun.StartAsync("""
            policies:
              - {tenants: [bank-a], fields: [account_number], action: mask, mask: {keep_first: 2, keep_last: 4}}
              - {tenants: ["bank-*"], fields: [account_number], action: keep}
              - {fields: ["*"], action: drop}
            """ + Keys);
        async Task<Span> SendAsync(string tenant) =>
            await run.SendAsync(new SpanBuilder("x").With("account_number", Account).With("other", "1").Build(), ("tenant.id", tenant));

        Assert.Equal(("62*************3445", null), Read(await SendAsync("bank-a")));
        Assert.Equal((Account, null), Read(await SendAsync("bank-b")));
        Assert.Equal((null, null), Read(await SendAsync("other")));

        static (string?, string?) Read(Span span) => (span.Text("account_number"), span.Text("other"));
    }

    [Theory]
    [InlineData("1234567890", "12****7890")]
    [InlineData("123456", "******")]
    [InlineData("", "")]
    [InlineData("\u4e2d\u6587\u5b57\u7b26\u4e32\u6d4b\u8bd5\u4e00", "\u4e2d\u6587**\u4e32\u6d4b\u8bd5\u4e00")]
    public async Task Consume_Mask_KeepsCharactersNotBytes(string text, string masked)
    {
        await using var run = await EncryptionRun.StartAsync("policies: [{fields: [f], action: mask, mask: {keep_first: 2, keep_last: 4}}]" + Keys);
        var once = await run.SendAsync(new SpanBuilder("x").With("f", text).Build());

        Assert.Equal(masked, once.Text("f"));
        Assert.Equal(masked, (await run.SendAsync(once)).Text("f"));
    }

    [Fact]
    public async Task Consume_MaskOfOtherTypes_IsThatOfTheirText()
    {
        await using var run = await EncryptionRun.StartAsync("policies: [{fields: [f], action: mask, mask: {keep_last: 2}}]" + Keys);

        Assert.Equal("****56", (await run.SendAsync(new SpanBuilder("x").With("f", 123456L).Build())).Text("f"));
        Assert.Equal("**ue", (await run.SendAsync(new SpanBuilder("x").With("f", true).Build())).Text("f"));
    }

    [Fact]
    public async Task Consume_Hash_IsKeyedByTenantAndNamesItsKey()
    {
        Environment.SetEnvironmentVariable("TELEMETRY_TEST_HASH_KEY", EnrichmentRun.Salt);
        await using var run = await EncryptionRun.StartAsync("""
            policies: [{fields: [f], action: hash}]
            hash: {keys: [{tenant: bank-a, keys: [{id: h1, env: TELEMETRY_TEST_HASH_KEY}]}]}
            """ + Keys);
        var text = (await run.SendAsync(new SpanBuilder("x").With("f", "123").Build(), ("tenant.id", "bank-a"))).Text("f");
        var number = (await run.SendAsync(new SpanBuilder("x").With("f", 123L).Build(), ("tenant.id", "bank-a"))).Text("f");
        var again = (await run.SendAsync(new SpanBuilder("x").With("f", text!).Build(), ("tenant.id", "bank-a"))).Text("f");
        var other = (await run.SendAsync(new SpanBuilder("x").With("f", "123").Build(), ("tenant.id", "bank-b"))).Text("f");

        var expected = "hash:v1:h1:" + Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes(EnrichmentRun.Salt), "123"u8));
        Assert.Equal((expected, expected, expected), (text, number, again));
        Assert.Equal("[REDACTED:no_key]", other);
        Assert.Equal(1, run.Redacted("no_key"));
    }

    [Fact]
    public async Task Consume_NoKeyForTheTenant_RedactsAndCounts()
    {
        await using var run = await EncryptionRun.StartAsync(
            $"keys: [{{tenant: bank-a, keys: [{{id: a1, file: \"{KeyFile("a1", EncryptionRun.KeyA)}\"}}]}}]");
        var span = await run.SendAsync(new SpanBuilder("x").With("account_number", Account).Build(), ("tenant.id", "bank-b"));

        Assert.Equal("[REDACTED:no_key]", span.Text("account_number"));
        Assert.Equal((1, 0), (run.Redacted("no_key"), run.Fields("encrypted")));
        Assert.Equal("[REDACTED:no_key]", (await run.SendAsync(span)).Text("account_number"));
    }

    [Fact]
    public async Task Consume_NoSettingsAtAll_RedactsWhatWouldBeEncrypted()
    {
        await using var run = await EncryptionRun.StartAsync("");
        var span = await run.SendAsync(new SpanBuilder("x").With("account_number", Account).With("cvv", "123").Build());

        Assert.Equal("[REDACTED:no_key]", Assert.Single(span.Attributes).Value.StringValue);
    }

    [Fact]
    public async Task Consume_Twice_LeavesProtectedValuesAlone()
    {
        await using var run = await EncryptionRun.StartAsync(Keys);
        var once = await run.SendAsync(EnrichmentRun.Request(new SpanBuilder("x").With("account_number", Account).With("patient_id", 5L).Build()));

        Assert.Equal(once, await run.SendAsync(once));
        Assert.Equal(2, run.Fields("already_protected"));
    }

    [Theory]
    [InlineData("enc:v1:t:rest:not base64 6222020200112233445")]
    [InlineData("enc:v1:t:rest:QUJD")]
    [InlineData("enc:v1:t::QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9w")]
    [InlineData("[REDACTED:no_key] 6222020200112233445")]
    [InlineData("hash:v1:h1:1234")]
    [InlineData("[REDACTED:because]")]
    public async Task Consume_ValueThatOnlyLooksProtected_IsEncrypted(string value)
    {
        await using var run = await EncryptionRun.StartAsync(Keys);
        var encrypted = (await run.SendAsync(new SpanBuilder("x").With("account_number", value).Build())).Text("account_number");

        Assert.NotEqual(value, encrypted);
        Assert.Equal((value, null), await run.DecryptAsync(encrypted!, "", "account_number"));
    }

    // Guarantees: every occurrence of a key that comes several times is protected, whichever a reader takes.
    [Fact]
    public async Task Consume_KeySeveralTimes_EveryOccurrenceIsProtected()
    {
        await using var run = await EncryptionRun.StartAsync(Keys);
        var first = await run.SendAsync(new SpanBuilder("x").With("account_number", Account).Build());
        var request = EnrichmentRun.Request(new SpanBuilder("x").With("account_number", first.Text("account_number")!)
            .With("account_number", Account).With("cvv", "1").With("account_number", Account).With("cvv", "2").With("account_number", 7L).Build());

        var encrypted = await run.SendAsync(request);

        Assert.False(EncryptionRun.Holds(encrypted, Account));
        Assert.Equal(4, ((OpenTelemetry.Proto.Collector.Trace.V1.ExportTraceServiceRequest)encrypted).ResourceSpans[0].ScopeSpans[0].Spans[0].Attributes.Count);
    }

    [Fact]
    public async Task Consume_WildcardOverAll_LeavesWhatChoosesThePolicy()
    {
        await using var run = await EncryptionRun.StartAsync("policies: [{fields: ['*']}]" + Keys);
        var span = await run.SendAsync(new SpanBuilder("x").With("tenant.id", "bank-a").With("data.classification", "c").With("k", "v").Build());

        Assert.Equal(("bank-a", "c"), (span.Text("tenant.id"), span.Text("data.classification")));
        Assert.True(EncryptionRun.IsEncrypted(span.Text("k")));
    }

    [Fact]
    public async Task StartAsync_WrongKeyFile_SaysWhichAndWhy()
    {
        var file = KeyFile("short", "hunter2");
        var error = await Assert.ThrowsAsync<ComponentStartException>(
            () => EncryptionRun.StartAsync($"keys: [{{tenant: bank-a, keys: [{{id: a1, file: \"{file}\"}}]}}]"));
        Assert.Equal(
            $"cannot read key \"a1\" of tenant \"bank-a\" from {file}: it has 7 bytes, which is neither 32 raw bytes nor 64 hexadecimal digits nor base64 of 32 bytes",
            error.Message);

        File.Delete(file);
        error = await Assert.ThrowsAsync<ComponentStartException>(
            () => EncryptionRun.StartAsync($"keys: [{{tenant: bank-a, keys: [{{id: a1, file: \"{file}\"}}]}}]"));
        Assert.StartsWith($"cannot read key \"a1\" of tenant \"bank-a\" from {file}: Could not find", error.Message, StringComparison.Ordinal);

        error = await Assert.ThrowsAsync<ComponentStartException>(
            () => EncryptionRun.StartAsync("keys: [{keys: [{id: a1, env: TELEMETRY_TEST_NO_SUCH}]}]"));
        Assert.Equal("cannot read key \"a1\" of tenant \"*\" from environment variable TELEMETRY_TEST_NO_SUCH: it is not set", error.Message);
    }

    private string KeyFile(string name, string content) => EncryptionRun.KeyFile(_folder, name, content);

    private static AnyValue Texts(string text) => new() { ArrayValue = new ArrayValue { Values = { new AnyValue { StringValue = text } } } };

    private static AnyValue List(params (string Key, string Value)[] entries) => new()
    {
        KvlistValue = new KeyValueList { Values = { entries.Select(e => EncryptionRun.Pair(e.Key, e.Value)) } },
    };
}
