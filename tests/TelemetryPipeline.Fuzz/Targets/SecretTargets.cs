using System.Linq;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.FieldEncryption;
using TelemetryPipeline.Processors.FieldEncryption.Decryption;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Processors.FieldEncryption.Keys;
using TelemetryPipeline.Processors.FinancialEnrichment.Lookups;
using TelemetryPipeline.Processors.FinancialEnrichment.Nodes;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>Encrypted values, keys, and the files that processors watch.</summary>
internal static class SecretTargets
{
    private const string Envelope = "enc:v1:t:k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIj";

    private static readonly DecryptionKeys Keys = MakeKeys();

    public static IEnumerable<FuzzTarget> All =>
    [
        Text("decrypt-value", InputForm.Text, Value, Envelope, Envelope.Replace(":t:", ":v:", StringComparison.Ordinal), "enc:v1:t:k1:vault:v1:AAAA:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIj"),
        new FuzzTarget
        {
            Name = "decrypt-request",
            Form = InputForm.Json,
            Seeds = static () => SignalNames.All.ToArray().SelectMany(static signal => Seeds.JsonRequests(signal).Take(3)).Append(Encoding.UTF8.GetBytes(
                $"{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"attributes\":[{{\"key\":\"a\",\"value\":{{\"stringValue\":\"{Envelope}\"}}}}]}}]}}]}}]}}")),
            Words = Seeds.Utf8($"\"{Envelope}\"", "\"resourceSpans\"", "\"resourceLogs\"", "\"stringValue\"", "\"tenant.id\""),
            Run = Request,
        },
        Text("key-content", InputForm.Bytes, KeyContent, new string('a', 31) + "b", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"),
        Text("keys-file", InputForm.Text, KeysFile, "keys:\n  - tenant: a\n    keys:\n      - {id: k1, env: K1}\nkey_service: {endpoint: \"https://vault:8200\", token_env: T}\n"),
        Text("table-json", InputForm.Json, static (input, outcome) => Table(outcome, ValueTable.ParseJson(Encoding.UTF8.GetString(input), "t", out var problem), problem), "{\"a\":\"b\",\"c\":1.5,\"d\":true}"),
        Text("table-csv", InputForm.Text, static (input, outcome) => Table(outcome, ValueTable.ParseCsv(Encoding.UTF8.GetString(input), new TableFileConfig { Path = "t" }, out var problem), problem), "a,b\r\n\"c,\"\"d\"\"\",e\n\n"),
        Text("topology-file", InputForm.Text, Topology, "nodes:\n  - {service: a, type: core}\n  - {prefix: b-, type: risk, name: b}\n  - {pattern: \"^c.*\", type: pboc, name: c}\n"),
    ];

    private static FuzzTarget Text(string name, InputForm form, FuzzRun run, params string[] seeds) => new()
    {
        Name = name,
        Form = form,
        Seeds = () => Seeds.Utf8(seeds),
        Words = Seeds.Utf8("enc:v1:", ":", "=", "k1", "tenant", "keys:", "\"", "\"\"", "\r\n", "pattern:", "file: /nowhere", "from: 2024-01-01T00:00:00Z"),
        Run = run,
    };

    private static DecryptionKeys MakeKeys()
    {
        const string Variable = "FUZZ_KEY";
        Environment.SetEnvironmentVariable(Variable, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        return new DecryptionKeys(
            [new TenantKeysConfig { Keys = [new KeyConfig { Id = "k1", Environment = Variable, Encoding = KeyEncoding.Hex }] }], []);
    }

    private static void Value(byte[] input, Outcome outcome)
    {
        var isRead = new FieldDecryptor(Keys).TryDecrypt(input, "t"u8, "f"u8, out var isText, out var plain, out var problem);
        FuzzFailureException.ThrowUnless(isRead == problem is null && isRead == plain is not null, "a value is decrypted or has a problem");
        FuzzFailureException.ThrowUnless((plain?.Length ?? 0) <= input.Length, "plain text is no longer than what it was in");
        outcome.Add(isText);
        outcome.Add(problem);
        outcome.Add(ProtectedText.TryParse(input, out _));
        outcome.Add(FieldDecryptor.WrappedKeyOf(input)?.ToString());
    }

    private static void Request(byte[] input, Outcome outcome)
    {
        var decrypted = new RequestDecryptor(Keys).DecryptAsync(input, null, CancellationToken.None).GetAwaiter().GetResult();
        FuzzFailureException.ThrowUnless(decrypted.Json is not null || decrypted.Problems.Count > 0, "a request is decrypted or has a problem");
        outcome.Add(decrypted.Json);
        foreach (var problem in decrypted.Problems)
        {
            outcome.Add(problem);
        }
    }

    private static void KeyContent(byte[] input, Outcome outcome)
    {
        foreach (var encoding in Enum.GetValues<KeyEncoding>())
        {
            var isKey = KeyMaterial.TryRead(input, encoding, out var key, out var problem);
            FuzzFailureException.ThrowUnless(isKey == problem is null && (key?.Length ?? FieldKey.KeyBytes) == FieldKey.KeyBytes, "a key has 32 bytes");
            outcome.Add(problem);
        }
    }

    private static void KeysFile(byte[] input, Outcome outcome)
    {
        if (!YamlDocument.TryRead(Encoding.UTF8.GetString(input), "keys", out var node, out var error))
        {
            outcome.Add(error.ToString());
            return;
        }

        var errors = new ConfigErrors();
        var section = new ConfigSection(node, node.Position, "", errors);
        FieldEncryptionConfig.ReadKeys(section);
        section.Finish();
        outcome.Add(string.Join('\n', errors.Sorted()));
    }

    private static void Table(Outcome outcome, ValueTable? table, string? problem)
    {
        FuzzFailureException.ThrowUnless(table is null == problem is not null, "a table is read or has a problem");
        outcome.Add(problem);
        outcome.Add(table is not null && table.TryGet("a"u8, out _));
    }

    private static void Topology(byte[] input, Outcome outcome)
    {
        var table = NodeTable.Parse(Encoding.UTF8.GetString(input), "topology", out var problem);
        FuzzFailureException.ThrowUnless(table is null == problem is not null, "a topology is read or has a problem");
        outcome.Add(problem);
        outcome.Add(table?.Find("balance-ledger"u8)?.ToString());
    }
}
