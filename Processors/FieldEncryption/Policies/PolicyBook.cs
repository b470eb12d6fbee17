using System.Collections.Frozen;
using System.Linq;
using System.Numerics;
using System.Text;
using TelemetryPipeline.Processors.FinancialEnrichment;

namespace TelemetryPipeline.Processors.FieldEncryption.Policies;

/// <summary>
/// The policies as sets of bits: those that are for a field, a tenant and a class have a bit in common, and the lowest
/// counts. Immutable.
/// </summary>
internal sealed class PolicyBook
{
    /// <summary>Policies that fit into a set.</summary>
    public const int PoliciesMax = 64;

    private readonly PolicyConfig[] _policies;
    private readonly FrozenDictionary<byte[], ulong>.AlternateLookup<ReadOnlySpan<byte>> _exactFields;
    private readonly (WildcardText Text, ulong Policies)[] _wildcardFields;
    private readonly (byte[] Name, ulong Policies)[] _classes;
    private readonly (WildcardText Tenant, ulong Policies)[] _tenantClasses;
    private readonly byte[][] _reserved;
    private readonly ulong _ofAllClasses;
    private readonly ulong _ofUnknownClass;

    /// <summary>A book.</summary>
    /// <param name="policies">The policies in order.</param>
    /// <param name="tenantClasses">What is known of tenants.</param>
    /// <param name="defaultClasses">The classes of data of which nothing is known, lower case.</param>
    /// <param name="reserved">Keys that no policy changes.</param>
    public PolicyBook(
        IReadOnlyList<PolicyConfig> policies,
        IReadOnlyList<TenantClassConfig> tenantClasses,
        IReadOnlyList<string> defaultClasses,
        IReadOnlyList<string> reserved)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(policies.Count, PoliciesMax);
        _policies = [.. policies];
        _reserved = [.. reserved.Select(Encoding.UTF8.GetBytes)];
        var exact = new Dictionary<byte[], ulong>(Utf8Comparer.Instance);
        var wildcards = new List<(WildcardText, ulong)>();
        for (var i = 0; i < _policies.Length; i++)
        {
            foreach (var field in _policies[i].Fields)
            {
                if (field.IsExact)
                {
                    var key = Encoding.UTF8.GetBytes(field.Pattern);
                    exact[key] = exact.GetValueOrDefault(key) | 1UL << i;
                }
                else
                {
                    wildcards.Add((field, 1UL << i));
                }
            }
        }

        _exactFields = exact.ToFrozenDictionary(Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
        _wildcardFields = [.. wildcards];
        _ofAllClasses = Where(p => p.Classes.Count == 0);
        _classes = [.. _policies.SelectMany(static p => p.Classes).Distinct().Select(c => (Encoding.UTF8.GetBytes(c), OfClass(c)))];
        _tenantClasses = [.. tenantClasses.Select(t => (t.Tenant, OfClasses(t.Classes)))];
        _ofUnknownClass = OfClasses(defaultClasses);
    }

    /// <summary>The policy of an index.</summary>
    public PolicyConfig this[int index] => _policies[index];

    /// <summary>Policies that are for a field.</summary>
    /// <param name="key">The attribute's key in UTF-8.</param>
    public ulong OfField(ReadOnlySpan<byte> key)
    {
        foreach (var reserved in _reserved)
        {
            if (key.SequenceEqual(reserved))
            {
                return 0;
            }
        }

        _exactFields.TryGetValue(key, out var policies);
        foreach (var (text, ofText) in _wildcardFields.AsSpan())
        {
            if ((policies & ofText) == 0 && text.Matches(key))
            {
                policies |= ofText;
            }
        }

        return policies;
    }

    /// <summary>Policies that are for what a class header or attribute says: one class, or several with commas between.</summary>
    /// <param name="stated">The text.</param>
    public ulong OfStatedClasses(ReadOnlySpan<byte> stated)
    {
        var policies = 0UL;
        foreach (var range in stated.SplitAny(", ;"u8))
        {
            foreach (var (name, ofClass) in _classes.AsSpan())
            {
                policies |= Ascii.EqualsIgnoreCase(stated[range], name) ? ofClass : 0;
            }
        }

        return policies;
    }

    /// <summary>Policies that are for data of a tenant.</summary>
    /// <param name="tenant">The tenant in UTF-8; empty for none.</param>
    /// <param name="stated">Policies of the classes that the data says it is of.</param>
    public ulong OfData(ReadOnlySpan<byte> tenant, ulong stated)
    {
        // What a sender says adds to what is known of the tenant: it cannot lift the tenant's own protection.
        var ofClass = stated;
        foreach (var (known, ofTenant) in _tenantClasses.AsSpan())
        {
            ofClass |= known.Matches(tenant) ? ofTenant : 0;
        }

        var candidates = _ofAllClasses | (ofClass == 0 ? _ofUnknownClass : ofClass);
        var policies = 0UL;
        for (var left = candidates; left != 0; left &= left - 1)
        {
            var index = BitOperations.TrailingZeroCount(left);
            policies |= IsFor(_policies[index], tenant) ? 1UL << index : 0;
        }

        return policies;
    }

    private static bool IsFor(PolicyConfig policy, ReadOnlySpan<byte> tenant)
    {
        for (var i = 0; i < policy.Tenants.Count; i++)
        {
            if (policy.Tenants[i].Matches(tenant))
            {
                return true;
            }
        }

        return policy.Tenants.Count == 0;
    }

    private ulong OfClasses(IReadOnlyList<string> classes) => classes.Aggregate(0UL, (policies, name) => policies | OfClass(name));

    private ulong OfClass(string name) => Where(p => p.Classes.Contains(name));

    private ulong Where(Func<PolicyConfig, bool> fits)
    {
        var policies = 0UL;
        for (var i = 0; i < _policies.Length; i++)
        {
            policies |= fits(_policies[i]) ? 1UL << i : 0;
        }

        return policies;
    }
}
