using CsCheck;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Pipeline.Diagnostics;

public sealed class SensitiveTextTests
{
    [Theory]
    [InlineData("redis://u:pw@ledger:6379", "redis://[REDACTED]@ledger:6379")]
    [InlineData("got \"rediss://:p/w@d#?x@ledger\"", "got \"rediss://[REDACTED]@ledger\"")]
    [InlineData("u:pw@ledger:6379", "[REDACTED]@ledger:6379")]
    [InlineData("endpoint=u:pw@ledger", "endpoint=[REDACTED]@ledger")]
    [InlineData("a https://u@h/x b http://v:w@i c", "a https://[REDACTED]@h/x b http://[REDACTED]@i c")]
    [InlineData("https://h/send?key=s3cr3t", "https://h/send?key=[REDACTED]")]
    [InlineData("https://h/x?tenant=7&access_token=s3cr3t&y=1#z", "https://h/x?tenant=7&access_token=[REDACTED]&y=1#z")]
    [InlineData("https://h/x?API_KEY=a=b&Signature=c", "https://h/x?API_KEY=[REDACTED]&Signature=[REDACTED]")]
    [InlineData("https://h/x?tenant=7&page=2", "https://h/x?tenant=7&page=2")]
    [InlineData("mail ops@bank.example at 12:30", "mail ops@bank.example at 12:30")]
    [InlineData("localhost:4317, max=5", "localhost:4317, max=5")]
    [InlineData("/etc/keys/a:b@c", "/etc/keys/a:b@c")]
    [InlineData("nothing", "nothing")]
    public void Mask_Text_HidesCredentialsOnly(string text, string expected) => Assert.Equal(expected, SensitiveText.Mask(text));

    [Fact]
    public void Mask_AnyPasswordInAUrl_IsHidden() =>
        Gen.Select(Gen.String[Gen.Char["ab/:@#?&=[(,"], 0, 12], Gen.String[Gen.Char["ab/:@#?&=[(,"], 0, 12]).Sample(static (before, after) =>
        {
            var masked = SensitiveText.Mask($"cannot reach redis://user:{before}s3cr3t{after}@ledger:6379 now");
            Assert.Equal("cannot reach redis://[REDACTED]@ledger:6379 now", masked);
        });

    [Fact]
    public void Mask_AnyText_IsStable() =>
        Gen.String[Gen.Char["a:/@?&=; \"key"], 0, 60].Sample(static text =>
        {
            var masked = SensitiveText.Mask(text);
            Assert.Equal(masked, SensitiveText.Mask(masked));
        });
}
