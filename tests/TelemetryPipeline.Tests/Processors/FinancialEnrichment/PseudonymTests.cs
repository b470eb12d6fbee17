using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

public sealed class PseudonymTests : IDisposable
{
    // Made for tests: the check digits are right, the numbers belong to nobody.
    private const string ResidentId = "11010519491231002X";
    private const string Card = "6222021234567890128";
    private const string Phone = "13912345678";
    private const string Customer = "CUST-000815";

    private readonly string _salt = Path.GetTempFileName();

    public PseudonymTests() => File.WriteAllText(_salt, EnrichmentRun.Salt + "\n");

    private string Salted => $$"""
        pseudonymize:
          salts:
            - keys: [{id: k1, file: "{{_salt}}"}]
        """;

    public void Dispose() => File.Delete(_salt);

    [Theory]
    // GB/T 32905-2016, annex A.
    [InlineData("abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")]
    [InlineData("abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd", "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732")]
    public void Hash_Sm3_GivesTheStandardsVectors(string text, string expected)
    {
        for (var split = 1; split < text.Length; split++)
        {
            var hasher = new PseudonymHasher(PseudonymAlgorithm.Sm3, 1);
            Assert.Equal(expected, Hex(hasher, text[..split], text[split..]));
            Assert.Equal(expected, Hex(hasher, text[..split], text[split..]));
        }
    }

    [Fact]
    public void Hash_Hmac_AgreesWithItsDefinition()
    {
        var salt = Encoding.UTF8.GetBytes(EnrichmentRun.Salt);
        var sha = new PseudonymHasher(PseudonymAlgorithm.HmacSha256, 1);
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes(Customer))), Hex(sha, EnrichmentRun.Salt, Customer));

        // HMAC by RFC 2104 out of plain SM3, whose vectors are above.
        var inner = Sm3([.. Padded(salt, 0x36), .. Encoding.UTF8.GetBytes(Customer)]);
        var expected = Convert.ToHexStringLower(Sm3([.. Padded(salt, 0x5c), .. inner]));
        var hasher = new PseudonymHasher(PseudonymAlgorithm.HmacSm3, 1);
        Assert.Equal(expected, Hex(hasher, EnrichmentRun.Salt, Customer));
        Assert.Equal(expected, Hex(hasher, EnrichmentRun.Salt, Customer));
    }

    [Fact]
    public async Task Consume_CustomerInHeader_BecomesPseudonymAndNoClearValueIsLeft()
    {
        var span = new SpanBuilder($"transfer of {Customer}")
            .With("http.request.header.x-biz-cust-id", Customer).With("customer_id", Customer)
            .With("note", $"for {Customer}!").With("http.request.header.baggage", $"biz.customer_id={Customer},a=b")
            .Failed($"{Customer} is not known").Build();
        span.Events.Add(new Span.Types.Event { Name = "exception", Attributes = { Pair("exception.message", $"no {Customer}") } });
        span.Links.Add(new Span.Types.Link { Attributes = { Pair("of", Customer) } });

        var enriched = await EnrichmentRun.EnrichAsync(span, Salted);

        var pseudonym = Convert.ToHexStringLower(Sm3(Encoding.UTF8.GetBytes(EnrichmentRun.Salt + Customer)));
        Assert.Equal(pseudonym, enriched.Text("biz.customer_id"));
        Assert.Equal("k1", enriched.Text("biz.customer_id.key_id"));
        Assert.Null(enriched.Get("customer_id"));
        Assert.Equal($"[attribute_value:{pseudonym}] is not known", enriched.Status.Message);
        Assert.Equal(pseudonym, enriched.Links[0].Attributes[0].Value.StringValue);
        Assert.DoesNotContain(Customer, Encoding.Latin1.GetString(enriched.ToByteArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("customer_id", "id_number")]
    [InlineData("http.request.header.x-biz-cust-id", "customer.id")]
    [InlineData("biz.customer_id", "customer_id")]
    public async Task Consume_TwoCustomerIdsInOneSpan_ReplacesTheCopiesOfBoth(string firstKey, string secondKey)
    {
        // The second begins like the first: what is left of it would be its end.
        const string Second = "CUST-000815-4711";
        var span = new SpanBuilder("x").With(firstKey, Customer).With(secondKey, Second)
            .With("note", $"{Second} pays {Customer}").Failed($"no {Second}").Build();

        var enriched = await EnrichmentRun.EnrichAsync(span, Salted);

        var (first, second) = (Pseudonym(Customer), Pseudonym(Second));
        Assert.Equal(first, enriched.Text("biz.customer_id"));
        Assert.Equal($"[attribute_value:{second}] pays [attribute_value:{first}]", enriched.Text("note"));
        Assert.Equal($"no [attribute_value:{second}]", enriched.Status.Message);
        Assert.Null(enriched.Get(secondKey));
    }

    [Fact]
    public async Task Consume_ListOfCustomerIds_ReplacesTheCopiesOfAll()
    {
        var span = new SpanBuilder("x").Failed("CUST-000816, CUST-000817").Build();
        var ids = new ArrayValue { Values = { new AnyValue { StringValue = Customer }, new AnyValue { StringValue = "CUST-000816" }, new AnyValue { StringValue = "CUST-000817" } } };
        span.Attributes.Add(new KeyValue { Key = "http.request.header.x-biz-cust-id", Value = new AnyValue { ArrayValue = ids } });

        var enriched = await EnrichmentRun.EnrichAsync(span, Salted);

        Assert.Equal($"[attribute_value:{Pseudonym("CUST-000816")}], [attribute_value:{Pseudonym("CUST-000817")}]", enriched.Status.Message);
        Assert.DoesNotContain("CUST-", Encoding.Latin1.GetString(enriched.ToByteArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consume_OneCopyOfCustomerId_IsReplaced()
    {
        var enriched = await EnrichmentRun.EnrichAsync(new SpanBuilder("x").With("customer_id", Customer).Failed($"no {Customer}").Build(), Salted);

        Assert.Equal($"no [attribute_value:{Pseudonym(Customer)}]", enriched.Status.Message);
    }

    [Theory]
    [InlineData(ResidentId)]
    [InlineData("110105194912310021", false)]
    [InlineData("110105 19491231 002X")]
    [InlineData(Card)]
    [InlineData("6222 0212 3456 7890 128")]
    [InlineData("4111-1111-1111-1111")]
    [InlineData("4111111111111111")]
    [InlineData("4111111111111112", false)]
    [InlineData("378282246310005")]
    [InlineData("3782 822463 10005")]
    [InlineData(Phone)]
    [InlineData("139-1234-5678")]
    [InlineData("139 1234 5678")]
    [InlineData("+8613912345678")]
    [InlineData("+86 13912345678")]
    [InlineData("12912345678", false)]
    [InlineData("TRD20240521000004567", false)]
    [InlineData("PTRD20240521000004567", false)]
    [InlineData("1716249600000000000", false)]
    [InlineData("12345678-1234-1234-1234-123456789012", false)]
    public async Task Consume_PersonalNumber_IsFoundWhereverItIs(string number, bool personal = true)
    {
        foreach (var text in (string[])[number, $"a {number}", $"{number} z", $"<{number}>", $"{new string('y', 30)},{number};", $"x {number} {number}"])
        {
            var span = new SpanBuilder(text).With("note", text).Failed(text).Build();
            span.TraceState = text;
            span.Events.Add(new Span.Types.Event { Name = text, Attributes = { Pair("k", text) } });
            span.Links.Add(new Span.Types.Link { TraceState = text, Attributes = { Pair("k", text) } });
            await using var run = await EnrichmentRun.StartAsync(Salted);
            var request = EnrichmentRun.Request(span, ("host.owner", text));
            request.ResourceSpans[0].ScopeSpans[0].Scope = new InstrumentationScope { Name = text };

            var enriched = await run.SendAsync(request);

            var bytes = Encoding.Latin1.GetString(enriched.ToByteArray());
            if (personal)
            {
                Assert.DoesNotContain(number.TrimStart('+'), bytes, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(text, enriched.ResourceSpans[0].ScopeSpans[0].Spans[0].Status.Message);
            }
        }
    }

    [Fact]
    public async Task Consume_PersonalNumber_IsFoundAtAnyLengthOfItsText()
    {
        // The length before a text and the tag behind it can look like letters and digits.
        await using var run = await EnrichmentRun.StartAsync(Salted);
        for (var padding = 0; padding < 140; padding++)
        {
            foreach (var text in (string[])[Phone + new string('.', padding), new string('.', padding) + Phone])
            {
                var enriched = await run.SendAsync(EnrichmentRun.Request(new SpanBuilder(text).With("k", text).Build()));
                Assert.DoesNotContain(Phone, Encoding.Latin1.GetString(enriched.ToByteArray()), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Consume_PersonalNumberAsInteger_BecomesTextOfItsPseudonym()
    {
        var span = await EnrichmentRun.EnrichAsync(new SpanBuilder("x").With("card", 4111111111111111L).With("seq_no", 4111111111111112L).Build(), Salted);

        Assert.Equal(Convert.ToHexStringLower(Sm3(Encoding.UTF8.GetBytes(EnrichmentRun.Salt + "4111111111111111"))), span.Text("card"));
        Assert.Equal(4111111111111112L, span.Get("seq_no")!.IntValue);
    }

    [Fact]
    public async Task Consume_LogRecord_LosesPersonalNumbersToo()
    {
        var harness = new ProcessorHarness(Signal.Logs);
        await using var run = await EnrichmentRun.StartAsync(Salted, harness);
        var record = new LogRecord
        {
            Body = new AnyValue { StringValue = $"call {Phone}" },
            Attributes = { Pair("biz.customer_id", Customer), Pair("card", Card) },
        };
        await run.ConsumeAsync(new ExportLogsServiceRequest
        {
            ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { record } } } } },
        });

        var bytes = Encoding.Latin1.GetString(OtlpPayloads.Logs(run.Next.Batches[0]).ToByteArray());
        Assert.All((string[])[Phone, Customer, Card], clear => Assert.DoesNotContain(clear, bytes, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Consume_LogRecordsEventName_IsFoundAtAnyLength()
    {
        await using var run = await EnrichmentRun.StartAsync(Salted, new ProcessorHarness(Signal.Logs));
        for (var padding = 0; padding < 140; padding++)
        {
            var record = new LogRecord { EventName = Phone + new string('.', padding) };
            await run.ConsumeAsync(new ExportLogsServiceRequest
            {
                ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { record } } } } },
            });
            var bytes = Encoding.Latin1.GetString(OtlpPayloads.Logs(run.Next.Batches[^1]).ToByteArray());
            Assert.DoesNotContain(Phone, bytes, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Consume_Twice_ChangesNothingMore()
    {
        await using var run = await EnrichmentRun.StartAsync(Salted);
        var once = await run.SendAsync(EnrichmentRun.Request(
            new SpanBuilder($"of {ResidentId}").With("customer_id", Customer).Build(), ("service.name", "journal"), ("owner", Phone)));

        Assert.Equal(once, await run.SendAsync(once));
    }

    [Fact]
    public async Task Consume_SaltOfTenant_IsUsedAndTenantsWithoutOneAreRedacted()
    {
        var yaml = $$"""
            pseudonymize:
              salts:
                - {tenant: bank-a, keys: [{id: a1, file: "{{_salt}}"}]}
            """;
        var span = new SpanBuilder("x").With("biz.customer_id", Customer).Failed($"{Phone}");

        Assert.Equal(PseudonymHasher.HexLength, (await EnrichmentRun.EnrichAsync(span.Build(), yaml, ("tenant.id", "bank-a"))).Text("biz.customer_id")!.Length);
        var redacted = await EnrichmentRun.EnrichAsync(span.Build(), yaml, ("tenant.id", "bank-b"));
        Assert.Equal("[REDACTED]", redacted.Text("biz.customer_id"));
        Assert.Equal("[REDACTED]", redacted.Status.Message);
    }

    [Fact]
    public async Task Consume_DuringRotation_KnowsBothKeysAndThenOne()
    {
        Environment.SetEnvironmentVariable("TELEMETRY_TEST_NEW_SALT", "fedcba9876543210fedcba9876543210");
        var harness = new ProcessorHarness();
        harness.Time.SetUtcNow(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var run = await EnrichmentRun.StartAsync(
            $$"""
            pseudonymize:
              salts:
                - keys:
                    - {id: old, file: "{{_salt}}", until: "2026-03-01T00:00:00Z"}
                    - {id: new, env: TELEMETRY_TEST_NEW_SALT, encoding: hex, from: "2026-02-01T00:00:00Z"}
            """,
            harness);
        async Task<Span> SendAsync() =>
            (await run.SendAsync(EnrichmentRun.Request(new SpanBuilder("x").With("biz.customer_id", Customer).Build()))).ResourceSpans[0].ScopeSpans[0].Spans[0];

        var before = await SendAsync();
        harness.Time.SetUtcNow(new DateTimeOffset(2026, 2, 15, 0, 0, 0, TimeSpan.Zero));
        var overlap = await SendAsync();
        harness.Time.SetUtcNow(new DateTimeOffset(2026, 3, 15, 0, 0, 0, TimeSpan.Zero));
        var after = await SendAsync();

        Assert.Equal(("old", null), (before.Text("biz.customer_id.key_id"), before.Text("biz.customer_id.previous")));
        Assert.Equal(("new", before.Text("biz.customer_id")), (overlap.Text("biz.customer_id.key_id"), overlap.Text("biz.customer_id.previous")));
        Assert.Equal((overlap.Text("biz.customer_id"), null), (after.Text("biz.customer_id"), after.Text("biz.customer_id.previous")));
    }

    [Theory]
    [InlineData("short", "text", "it must have 16 to 4096 bytes, got 5")]
    [InlineData("not hexadecimal at all", "hex", "it is not hexadecimal")]
    [InlineData("not base64!", "base64", "it is not base64")]
    [InlineData("", "text", "it must have 16 to 4096 bytes, got 0")]
    public async Task StartAsync_WrongSaltFile_SaysWhichAndWhy(string content, string encoding, string problem)
    {
        File.WriteAllText(_salt, content);

        var error = await Assert.ThrowsAsync<ComponentStartException>(() => EnrichmentRun.StartAsync($$"""
            pseudonymize:
              salts:
                - {tenant: bank-a, keys: [{id: k1, file: "{{_salt}}", encoding: {{encoding}}}]}
            """));

        Assert.Equal($"cannot read salt \"k1\" of tenant \"bank-a\" from {_salt}: {problem}", error.Message);
    }

    [Fact]
    public async Task StartAsync_NoSaltFile_SaysWhichAndWhy()
    {
        File.Delete(_salt);
        var error = await Assert.ThrowsAsync<ComponentStartException>(() => EnrichmentRun.StartAsync(Salted));
        Assert.StartsWith($"cannot read salt \"k1\" of tenant \"*\" from {_salt}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consume_CustomPattern_IsReplaced()
    {
        var span = await EnrichmentRun.EnrichAsync(
            new SpanBuilder("x").With("note", $"passport E12345678, phone {Phone}").Build(),
            Salted + "\n  custom_patterns: [{name: passport, pattern: 'E[0-9]{8}'}]");

        Assert.Matches("^passport \\[passport:[0-9a-f]{64}\\], phone \\[phone:[0-9a-f]{64}\\]$", span.Text("note"));
    }

    private static string Pseudonym(string value) => Convert.ToHexStringLower(Sm3(Encoding.UTF8.GetBytes(EnrichmentRun.Salt + value)));

    private static KeyValue Pair(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private static string Hex(PseudonymHasher hasher, string salt, string value)
    {
        Span<byte> hex = stackalloc byte[PseudonymHasher.HexLength];
        hasher.Hash(Salt.Drawn(Encoding.UTF8.GetBytes(salt)), Encoding.UTF8.GetBytes(value), hex);
        return Encoding.UTF8.GetString(hex);
    }

    private static byte[] Sm3(byte[] data)
    {
        var digest = new Org.BouncyCastle.Crypto.Digests.SM3Digest();
        digest.BlockUpdate(data, 0, data.Length);
        var hash = new byte[32];
        digest.DoFinal(hash, 0);
        return hash;
    }

    private static byte[] Padded(byte[] key, byte pad)
    {
        var padded = new byte[64];
        key.CopyTo(padded, 0);
        for (var i = 0; i < padded.Length; i++)
        {
            padded[i] ^= pad;
        }

        return padded;
    }
}
