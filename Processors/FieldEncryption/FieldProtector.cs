using System.Buffers;
using System.Buffers.Text;
using System.Numerics;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Processors.FieldEncryption.Keys;
using TelemetryPipeline.Processors.FieldEncryption.Policies;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>Applies policies to the attributes of one tenant after the other. Not thread-safe; kept for the next batch.</summary>
internal sealed class FieldProtector : IAttributeRewriter
{
    private const int StackBytesMax = 512;
    private const int TenantBytes = 64;

    private readonly PolicyBook _policies;
    private readonly KeyStore _keys;
    private readonly FieldPolicyCache _fieldPolicies;
    private readonly FieldHasher? _hasher;
    private readonly CopyRedactor? _copies;
    private readonly ArrayBufferWriter<byte> _text = new();
    private byte[] _tenant = new byte[TenantBytes];
    private int _tenantLength;
    private ulong _stated;
    private ulong _applicable;
    private bool _isChosen;
    private DateTimeOffset _now;
    private FieldCipher? _cipher;
    private bool _hasKey;
    private RedactionReason _noKey;

    public FieldProtector(PolicyBook policies, KeyStore keys, FieldHasher? hasher, bool redactsCopies)
    {
        _copies = redactsCopies ? new CopyRedactor() : null;
        _policies = policies;
        _keys = keys;
        _hasher = hasher;
        _fieldPolicies = new FieldPolicyCache(policies);
    }

    /// <summary>What was done since the counts were last taken.</summary>
    public EncryptionCounts Counts { get; } = new();

    private ReadOnlySpan<byte> Tenant => _tenant.AsSpan(0, _tenantLength);

    /// <summary>Begins a batch.</summary>
    /// <param name="now">The time, which decides between keys.</param>
    public void Begin(DateTimeOffset now)
    {
        _now = now;
        _isChosen = false;
        _hasher?.Begin(now);
    }

    /// <summary>Ends a batch: the cipher goes back to where other threads find it.</summary>
    public void End() => ReturnCipher();

    /// <summary>Chooses whose attributes come next.</summary>
    /// <param name="tenant">The tenant in UTF-8; empty for none.</param>
    /// <param name="stated">Policies of the classes that the data says it is of.</param>
    /// <returns>Whether any policy applies.</returns>
    public bool Use(ReadOnlySpan<byte> tenant, ulong stated)
    {
        var isSameTenant = _isChosen && tenant.SequenceEqual(Tenant);
        if (isSameTenant && stated == _stated)
        {
            return _applicable != 0;
        }

        if (!isSameTenant)
        {
            if (tenant.Length > _tenant.Length)
            {
                _tenant = new byte[tenant.Length];
            }

            tenant.CopyTo(_tenant);
            _tenantLength = tenant.Length;
            ReturnCipher();
            _hasKey = false;
        }

        _stated = stated;
        _applicable = _policies.OfData(tenant, stated);
        _isChosen = true;
        return _applicable != 0;
    }

    /// <summary>Protects the fields of a node, whose tenant and class were chosen before, and redacts copies of them in it.</summary>
    /// <param name="view">The view; it has no changes from before.</param>
    /// <param name="node">The node.</param>
    public void Protect(OtlpView view, int node)
    {
        _copies?.Clear();
        if (view.RewriteAttributes(node, this) && _copies is not null && _copies.HasCopies(view.ReceivedBytes(node)))
        {
            view.RewriteTexts(node, _copies);
            Counts.RedactedCopies += _copies.Redacted;
            _copies.Redacted = 0;
        }
    }

    /// <inheritdoc/>
    public AttributeAction Decide(ReadOnlySpan<byte> key, AnyValueView value, IBufferWriter<byte> output)
    {
        var policies = _fieldPolicies.Of(key) & _applicable;
        return policies == 0
            ? AttributeAction.Keep
            : Apply(_policies[BitOperations.TrailingZeroCount(policies)], key, value, output);
    }

    private AttributeAction Apply(PolicyConfig policy, ReadOnlySpan<byte> key, AnyValueView value, IBufferWriter<byte> output)
    {
        if (policy.Action is FieldAction.Drop or FieldAction.Keep)
        {
            if (policy.Action == FieldAction.Drop)
            {
                _copies?.Remember(value, Tenant);
            }

            Counts.Outcomes[(int)policy.Action]++;
            return policy.Action == FieldAction.Drop ? AttributeAction.Remove : AttributeAction.Keep;
        }

        if (value.Kind == AnyValueKind.Text && ProtectedText.IsProtected(value.Text))
        {
            Counts.Outcomes[EncryptionCounts.AlreadyProtected]++;
            return AttributeAction.Keep;
        }

        // An empty value has nothing to protect; whatever else its bytes hold is left out.
        if (value.Kind == AnyValueKind.Empty)
        {
            return AttributeAction.Replace;
        }

        _copies?.Remember(value, Tenant);
        switch (policy.Action)
        {
            case FieldAction.Mask:
                MaskedText.Write(TextOf(value), policy.KeepFirst, policy.KeepLast, output);
                Counts.Outcomes[(int)FieldAction.Mask]++;
                break;
            case FieldAction.Hash when _hasher is not null && _hasher.TryWrite(Tenant, TextOf(value), output):
                Counts.Outcomes[(int)FieldAction.Hash]++;
                break;
            case FieldAction.Hash:
                Redact(RedactionReason.NoKey, output);
                break;
            default:
                Encrypt(key, value, output);
                break;
        }

        return AttributeAction.Replace;
    }

    private void Encrypt(ReadOnlySpan<byte> field, AnyValueView value, IBufferWriter<byte> output)
    {
        if (!_hasKey)
        {
            TakeKey();
        }

        // The key may have been used up since this batch began, and another have taken its place.
        if (TryEncrypt(field, value, output) || (_cipher is not null && TakeKey() && TryEncrypt(field, value, output)))
        {
            Counts.Outcomes[(int)FieldAction.Encrypt]++;
            return;
        }

        Redact(_cipher is null ? _noKey : RedactionReason.KeyExhausted, output);
    }

    private bool TryEncrypt(ReadOnlySpan<byte> field, AnyValueView value, IBufferWriter<byte> output)
    {
        if (_cipher is not { } cipher)
        {
            return false;
        }

        var isText = value.Kind == AnyValueKind.Text;
        var plain = isText ? value.Text : value.Encoded;
        var prefix = isText ? cipher.Key.TextPrefix : cipher.Key.ValuePrefix;
        var encryptedLength = plain.Length + FieldCipher.Overhead;
        var length = prefix.Length + Base64.GetMaxEncodedToUtf8Length(encryptedLength);
        var aadSize = AssociatedData.SizeMax(_tenantLength, field.Length);
        var rented = aadSize > StackBytesMax ? ArrayPool<byte>.Shared.Rent(aadSize) : null;
        try
        {
            Span<byte> buffer = rented is null ? stackalloc byte[StackBytesMax] : rented;
            var associated = AssociatedData.Write(isText, Tenant, field, buffer);
            _text.ResetWrittenCount();
            var text = _text.GetSpan(length)[..length];
            if (!cipher.TryEncrypt(plain, associated, text.Slice(prefix.Length, encryptedLength)))
            {
                return false;
            }

            prefix.CopyTo(text);
            Base64.EncodeToUtf8InPlace(text[prefix.Length..], encryptedLength, out _);
            TextValue.Write(output, text);
            return true;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <summary>Takes the tenant's key of now.</summary>
    private bool TakeKey()
    {
        ReturnCipher();
        _hasKey = true;
        _noKey = RedactionReason.NoKey;
        _cipher = _keys.Current.Of(Tenant)?.Current(_now, out _noKey)?.Rent();
        return _cipher is not null;
    }

    private void ReturnCipher()
    {
        if (_cipher is not null)
        {
            _cipher.Key.Return(_cipher);
            _cipher = null;
        }

        _hasKey = false;
    }

    private void Redact(RedactionReason reason, IBufferWriter<byte> output)
    {
        Counts.Redacted[(int)reason]++;
        TextValue.Write(output, Redaction.Marker(reason));
    }

    private ReadOnlySpan<byte> TextOf(AnyValueView value)
    {
        if (value.Kind == AnyValueKind.Text)
        {
            return value.Text;
        }

        _text.ResetWrittenCount();
        value.WriteText(_text);
        return _text.WrittenSpan;
    }
}
