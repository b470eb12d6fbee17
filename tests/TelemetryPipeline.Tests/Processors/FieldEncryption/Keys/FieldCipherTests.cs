using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;
using TelemetryPipeline.Processors.FieldEncryption.Keys;

namespace TelemetryPipeline.Tests.Processors.FieldEncryption.Keys;

public sealed class FieldCipherTests
{
    // The 256-bit test cases 13 to 16 of "The Galois/Counter Mode of Operation" (McGrew and Viega), as submitted to NIST.
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "", "",
        "530f8afbc74536b9a963b4f1c4cb738b")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
        "00000000000000000000000000000000", "", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919")]
    [InlineData("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
        "",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
        "b094dac5d93471bdec1a502270e3cc6c")]
    [InlineData("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
        "76fc6ece0f4e1768cddf8853bb2d551b")]
    public void TryDecrypt_KnownAnswers_AreTheStandards(
        string key, string nonce, string plain, string associated, string cipher, string tag)
    {
        var encrypted = Convert.FromHexString(nonce + tag + cipher);

        Assert.True(FieldCipher.TryDecrypt(Convert.FromHexString(key), encrypted, Convert.FromHexString(associated), out var decrypted));
        Assert.Equal(plain, Convert.ToHexStringLower(decrypted));

        for (var bit = 0; bit < encrypted.Length * 8; bit += 7)
        {
            var damaged = (byte[])encrypted.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(FieldCipher.TryDecrypt(Convert.FromHexString(key), damaged, Convert.FromHexString(associated), out _));
        }
    }

    // Guarantees: another implementation of AES-256-GCM reads nonce, tag and ciphertext where the documentation puts them.
    [Fact]
    public void TryEncrypt_AnyText_IsReadByAnotherImplementation() => Gen.Select(Gen.Byte.Array[32], Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 80]).Sample(
        static (bytes, plain, associated) =>
        {
            using var cipher = new FieldKey("k", bytes).Rent();
            var target = new byte[plain.Length + FieldCipher.Overhead];

            Assert.True(cipher.TryEncrypt(plain, associated, target));

            var oracle = new GcmBlockCipher(new AesEngine());
            oracle.Init(false, new AeadParameters(new KeyParameter(bytes), 128, target[..12], associated));
            byte[] input = [.. target.AsSpan(28), .. target.AsSpan(12, 16)];
            var output = new byte[oracle.GetOutputSize(input.Length)];
            var length = oracle.ProcessBytes(input, 0, input.Length, output, 0);
            length += oracle.DoFinal(output, length);
            Assert.Equal(plain, output[..length]);
        },
        iter: 300);

    // Scenario: sixteen threads encrypt with one key, each taking ciphers and giving them back as batches do.
    // Guarantees: no nonce comes twice.
    [Fact]
    public async Task TryEncrypt_ManyThreads_NoNonceTwice()
    {
        const int Threads = 16;
        const int Batches = 300;
        const int Values = 20;
        var key = new FieldKey("k", Key());
        var nonces = new ConcurrentBag<UInt128>();
        await Task.WhenAll(Enumerable(Threads, () => Task.Run(() =>
        {
            var target = new byte[FieldCipher.Overhead + 4];
            for (var batch = 0; batch < Batches; batch++)
            {
                var cipher = key.Rent();
                for (var i = 0; i < Values; i++)
                {
                    Assert.True(cipher.TryEncrypt("1234"u8, default, target));
                    nonces.Add(Nonce(target));
                }

                key.Return(cipher);
            }
        })));

        Assert.Equal(Threads * Batches * Values, nonces.Count);
        Assert.Equal(nonces.Count, new HashSet<UInt128>(nonces).Count);
    }

    [Fact]
    public void TryTakeNonces_CounterUsedUp_DrawsAnotherPrefix()
    {
        var key = new FieldKey("k", Key(), used: (1L << 32) - (2 * FieldKey.NonceBlock));
        var taken = new List<(ulong Prefix, uint Counter)>();
        for (var i = 0; i < 4; i++)
        {
            Assert.True(key.TryTakeNonces(out var prefix, out var counter));
            taken.Add((prefix, counter));
        }

        Assert.Equal([uint.MaxValue - 511, uint.MaxValue - 255, 0u, 256u], taken.ConvertAll(static t => t.Counter));
        Assert.Equal(taken[0].Prefix, taken[1].Prefix);
        Assert.NotEqual(taken[1].Prefix, taken[2].Prefix);
        Assert.Equal(taken[2].Prefix, taken[3].Prefix);
    }

    // Guarantees: a process that starts again does not begin where it began before.
    [Fact]
    public void Rent_SameKeyTwice_HasOtherNonces()
    {
        var first = new byte[FieldCipher.Overhead];
        var second = new byte[FieldCipher.Overhead];
        using var one = new FieldKey("k", Key()).Rent();
        using var other = new FieldKey("k", Key()).Rent();
        Assert.True(one.TryEncrypt(default, default, first));
        Assert.True(other.TryEncrypt(default, default, second));

        Assert.NotEqual(Nonce(first) >> 32, Nonce(second) >> 32);
    }

    [Fact]
    public void TryEncrypt_UsesOver_Refuses()
    {
        var key = new FieldKey("k", Key(), usesMax: 2 * FieldKey.NonceBlock);
        using var cipher = key.Rent();
        var target = new byte[FieldCipher.Overhead];
        for (var i = 0; i < 2 * FieldKey.NonceBlock; i++)
        {
            Assert.True(cipher.TryEncrypt(default, default, target));
        }

        Assert.False(cipher.TryEncrypt(default, default, target));
        Assert.Equal(2 * FieldKey.NonceBlock, key.Used);
    }

    [Theory]
    [InlineData(nameof(KeyEncoding.Auto))]
    [InlineData(nameof(KeyEncoding.Hex))]
    public void TryRead_Hexadecimal_IsTheKey(string encoding)
    {
        var expected = Key();
        foreach (var text in (string[])[Convert.ToHexString(expected), Convert.ToHexStringLower(expected) + "\n"])
        {
            Assert.True(KeyMaterial.TryRead(Encoding.ASCII.GetBytes(text), Enum.Parse<KeyEncoding>(encoding), out var key, out _));
            Assert.Equal(expected, key);
        }
    }

    [Fact]
    public void TryRead_Base64AndRaw_AreTheKey()
    {
        var expected = RandomNumberGenerator.GetBytes(32);
        expected[31] = (byte)'\n';
        var text = Convert.ToBase64String(expected);
        foreach (var content in (byte[][])[Encoding.ASCII.GetBytes(text), Encoding.ASCII.GetBytes(text.TrimEnd('=') + "\r\n"), expected])
        {
            Assert.True(KeyMaterial.TryRead(content, KeyEncoding.Auto, out var key, out var problem), problem);
            Assert.Equal(expected, key);
        }
    }

    [Theory]
    [InlineData("", nameof(KeyEncoding.Auto), "it has 0 bytes, which is neither 32 raw bytes nor 64 hexadecimal digits nor base64 of 32 bytes")]
    [InlineData("secret-secret", nameof(KeyEncoding.Auto), "it has 13 bytes, which is neither 32 raw bytes nor 64 hexadecimal digits nor base64 of 32 bytes")]
    [InlineData("secret-secret", nameof(KeyEncoding.Hex), "it must be 64 hexadecimal digits, got 13 bytes that are not")]
    [InlineData("zz112233445566778899aabbccddeeff00112233445566778899aabbccddee01", nameof(KeyEncoding.Auto), "it must be 64 hexadecimal digits, got 64 bytes that are not")]
    [InlineData("secret-secret", nameof(KeyEncoding.Base64), "it must be base64 of 32 bytes, got 13 bytes that are not")]
    [InlineData("secret-secret", nameof(KeyEncoding.Raw), "it must have 32 bytes, got 13")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", nameof(KeyEncoding.Auto), "it is the same byte 32 times, which is no key")]
    public void TryRead_NoKey_SaysWhyWithoutQuotingIt(string content, string encoding, string expected)
    {
        Assert.False(KeyMaterial.TryRead(Encoding.ASCII.GetBytes(content), Enum.Parse<KeyEncoding>(encoding), out _, out var problem));
        Assert.Equal(expected, problem);
    }

    private static IEnumerable<Task> Enumerable(int count, Func<Task> make)
    {
        for (var i = 0; i < count; i++)
        {
            yield return make();
        }
    }

    private static byte[] Key() => Convert.FromHexString(EncryptionRun.KeyA);

    private static UInt128 Nonce(ReadOnlySpan<byte> value) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(value), BinaryPrimitives.ReadUInt64BigEndian(value[4..]));
}
