using System.Text;
using CsCheck;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Processors.FieldEncryption.Policies;

namespace TelemetryPipeline.Tests.Processors.FieldEncryption.Format;

public sealed class ProtectedTextTests
{
    private const string Payload = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    [Theory]
    [InlineData("enc:v1:t:2026-a:" + Payload, true, "2026-a", "")]
    [InlineData("enc:v1:v:k:" + Payload, false, "k", "")]
    [InlineData("enc:v1:t:bank-a:vault:v1:q/8+==:" + Payload, true, "bank-a", "vault:v1:q/8+==")]
    public void TryParse_EncryptedValue_GivesItsParts(string text, bool isText, string keyId, string wrapped)
    {
        Assert.True(ProtectedText.TryParse(Encoding.UTF8.GetBytes(text), out var parts));
        Assert.Equal(
            (isText, keyId, wrapped, Payload, 32),
            (parts.IsText, Encoding.UTF8.GetString(parts.KeyId), Encoding.UTF8.GetString(parts.WrappedKey), Encoding.UTF8.GetString(parts.Payload), parts.PayloadBytes));
        Assert.True(ProtectedText.IsProtected(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("enc:v1:")]
    [InlineData("enc:v1:t:")]
    [InlineData("enc:v1:t:" + Payload)]
    [InlineData("enc:v1:t::" + Payload)]
    [InlineData("enc:v1:t:k:")]
    [InlineData("enc:v1:t:k::" + Payload)]
    [InlineData("enc:v1:x:k:" + Payload)]
    [InlineData("enc:v2:t:k:" + Payload)]
    [InlineData("enc:v1:t:k k:" + Payload)]
    [InlineData("enc:v1:t:-k:" + Payload)]
    [InlineData("enc:v1:t:k:w w:" + Payload)]
    [InlineData("enc:v1:t:k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka")]
    [InlineData("enc:v1:t:k:" + Payload + "!")]
    [InlineData("Enc:v1:t:k:" + Payload)]
    public void TryParse_SomethingElse_IsRefused(string text) => Assert.False(ProtectedText.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void TryParse_RandomBytes_NeverThrows() => Gen.Select(Gen.Byte.Array[0, 60], Gen.Bool).Sample(static (tail, isText) =>
    {
        byte[] text = [.. isText ? ProtectedText.TextPrefix : ProtectedText.ValuePrefix, .. tail];
        _ = ProtectedText.TryParse(text, out _);
        _ = ProtectedText.IsProtected(tail);
    });

    // Guarantees: no two pairs of tenant and field are bound to in the same way.
    [Fact]
    public void AssociatedData_OtherTenantOrField_IsOther()
    {
        var gen = Gen.String[Gen.Char["a:1"], 0, 6];
        Gen.Select(Gen.Select(gen, gen), Gen.Select(gen, gen)).Sample(static (one, other) =>
            Assert.Equal(one == other, Write(one.Item1, one.Item2) == Write(other.Item1, other.Item2)));
        Assert.Equal("enc:v1:t:6:bank-a:account_number", Write("bank-a", "account_number"));
    }

    [Theory]
    [InlineData("cvv", "cvv", true)]
    [InlineData("cvv", "cvv2", false)]
    [InlineData("*.cvv", "card.cvv", true)]
    [InlineData("*.cvv", "cvv", false)]
    [InlineData("*cvv", "cvv", true)]
    [InlineData("card.*", "card.", true)]
    [InlineData("a*b*c", "abc", true)]
    [InlineData("a*b*c", "aXbYbZc", true)]
    [InlineData("a*b*c", "acb", false)]
    [InlineData("aa*aa", "aaa", false)]
    [InlineData("*", "", true)]
    [InlineData("**", "x", true)]
    [InlineData("*b*", "aaabaaa", true)]
    public void Matches_Wildcards_StandForAnyText(string pattern, string text, bool expected) =>
        Assert.Equal(expected, new WildcardText(pattern).Matches(Encoding.UTF8.GetBytes(text)));

    private static string Write(string tenant, string field) => Encoding.UTF8.GetString(
        AssociatedData.Write(true, Encoding.UTF8.GetBytes(tenant), Encoding.UTF8.GetBytes(field), new byte[AssociatedData.SizeMax(tenant.Length, field.Length)]));
}
