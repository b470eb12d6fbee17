using System.Linq;
using TelemetryPipeline.Processors.FieldEncryption;
using TelemetryPipeline.Tests.Processors.FinancialEnrichment;

namespace TelemetryPipeline.Tests.Processors.FieldEncryption;

public sealed class FieldEncryptionConfigTests
{
    [Theory]
    [InlineData("policies: [{}]", "policies::0::fields: must have at least one key of an attribute")]
    [InlineData("policies: [{fields: [a], action: burn}]", "policies::0::action: must be one of encrypt, drop, mask, hash, keep, got \"burn\"")]
    [InlineData("policies: [{fields: [a], mask: {keep_last: 4}}]", "policies::0::mask: is for the action \"mask\" only")]
    [InlineData("policies: [{fields: [a], action: mask, mask: {keep_last: 65}}]", "policies::0::mask::keep_last: must be a whole number from 0 to 64, got 65")]
    [InlineData("policies: [{fields: [tenant.id]}]", "policies::0::fields: must not have \"tenant.id\", which chooses the policy")]
    [InlineData("policies: [{fields: [mine]}]\nclass_attributes: [mine]", "policies::0::fields: must not have \"mine\", which chooses the policy")]
    [InlineData("policies: [{fields: [\"\"]}]", "policies::0::fields: must not have an empty text, got \"\"")]
    [InlineData("policies: [{fields: [a], tenant: b}]", "policies::0: unknown key \"tenant\"; did you mean \"tenants\"?")]
    [InlineData("policies: [{fields: [a], action: hash}]", "hash::keys: must be set, because a policy has the action \"hash\"")]
    [InlineData("hash: {algorithm: md5}", "hash::algorithm: must be one of hmac_sha256, hmac_sm3, sm3, got \"md5\"")]
    [InlineData("hash: {keys: [{keys: [{id: 'a:b', env: X}]}]}", "hash::keys: must have ids of 1 to 64 letters, digits, and - _ . with a letter or digit first, got \"a:b\"")]
    [InlineData("tenant_classes: [{tenant: a}]", "tenant_classes::0::classes: must have at least one class")]
    [InlineData("tenant_classes: [{classes: [a]}]", "tenant_classes::0::tenant: must be set")]
    [InlineData("keys: [{tenant: a}]", "keys::0: must have exactly one of \"keys\" (at least one key) and \"transit_key\"")]
    [InlineData("keys: [{keys: [{id: a, env: X}]}, {keys: [{id: a, env: X}]}]", "keys::1::tenant: is there twice: \"*\"")]
    [InlineData("keys: [{keys: [{id: a, env: X}, {id: a, env: Y}]}]", "keys::0::keys: must have ids that differ")]
    [InlineData("keys: [{keys: [{id: 'a:b', env: X}]}]", "keys::0::keys::0::id: must be 1 to 64 letters, digits, and - _ . with a letter or digit first, got \"a:b\"")]
    [InlineData("keys: [{keys: [{id: a, env: X, file: y}]}]", "keys::0::keys::0: must have exactly one of \"file\" and \"env\"")]
    [InlineData("keys: [{keys: [{id: a, env: X, encoding: raw}]}]", "keys::0::keys::0::encoding: must be one of auto, hex, base64 for a key in the environment, got \"raw\"")]
    [InlineData("keys: [{keys: [{id: a, env: X, from: soon}]}]", "keys::0::keys::0::from: must be a time such as \"2026-01-31T00:00:00Z\", got \"soon\"")]
    [InlineData("keys: [{keys: [{id: a, env: X, from: '2026-02-01', until: '2026-01-01'}]}]", "keys::0::keys::0::until: must be after \"from\"")]
    [InlineData("keys: [{transit_key: a}]", "key_service: must be set, because a \"transit_key\" is")]
    [InlineData("keys: [{transit_key: 'a/b'}]\nkey_service: {endpoint: 'http://v'}", "keys::0::transit_key: must be 1 to 64 letters, digits, and - _ . or {tenant}, got \"a/b\"")]
    [InlineData("key_service: {endpoint: 'http://v'}", "key_service: is not used: no entry of \"keys\" has a \"transit_key\"")]
    [InlineData("keys: [{transit_key: a}]\nkey_service: {mount: t}", "key_service::endpoint: must be set")]
    [InlineData("keys: [{transit_key: a}]\nkey_service: {endpoint: 'vault:8200'}", "key_service::endpoint: must be an address such as \"https://vault.example:8200\", without a path, got \"vault:8200\"")]
    [InlineData("keys: [{transit_key: a}]\nkey_service: {endpoint: 'http://v', mount: '../sys'}", "key_service::mount: must be a path of letters, digits, and - _ . such as \"transit\", got \"../sys\"")]
    [InlineData("keys: [{transit_key: a}]\nkey_service: {endpoint: 'http://v', token_file: a, token_env: b}", "key_service: must have at most one of \"token_file\" and \"token_env\"")]
    [InlineData("keys: [{transit_key: a}]\nkey_service: {endpoint: 'http://v', max_uses: 4294967296}", "key_service::max_uses: must be a whole number from 1024 to 2147483648, got 4294967296")]
    [InlineData("keys: [{transit_key: a}]\nkey_service: {endpoint: 'http://v', key_lifetime: 1s}", "key_service::key_lifetime: must be 10s or more, got 1s")]
    public void Read_WrongSetting_SaysWhereAndWhatIsAllowed(string yaml, string problem)
    {
        var (_, errors) = ProcessorHarness.Read(new FieldEncryptionFactory(), EnrichmentRun.Yaml(yaml));

        Assert.Contains($"processors::field_encryption::{problem}", errors.Select(e => $"{e.Path}: {e.Problem}"));
    }

    [Fact]
    public void Read_MorePoliciesThanFit_SaysHowMany()
    {
        var (_, errors) = ProcessorHarness.Read(
            new FieldEncryptionFactory(), EnrichmentRun.Yaml($"policies: [{string.Join(", ", Enumerable.Repeat("{fields: [a]}", 62))}]"));

        Assert.Equal("must have at most 61 entries, got 62", Assert.Single(errors).Problem);
    }
}
