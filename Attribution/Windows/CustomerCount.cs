using System.Numerics;

namespace TelemetryPipeline.Attribution.Windows;

/// <summary>
/// Distinct customers: exactly up to 1024, beyond that estimated in 4 KiB (HyperLogLog with 4096 registers, a standard
/// error of 1.6 %).
/// </summary>
internal sealed class CustomerCount
{
    /// <summary>Customers that are counted exactly.</summary>
    public const int ExactMax = 1024;

    private const int RegisterBits = 12;
    private const int Registers = 1 << RegisterBits;

    private HashSet<ulong>? _exact = [];
    private byte[]? _registers;

    /// <summary>Distinct customers added.</summary>
    public long Value => _exact?.Count ?? Estimate();

    /// <summary>Adds a customer; one that is there already changes nothing.</summary>
    /// <param name="customer">A hash of the pseudonym over all 64 bits; 0 stands for none.</param>
    public void Add(ulong customer)
    {
        if (customer == 0)
        {
            return;
        }

        if (_exact is null)
        {
            Put(_registers!, customer);
            return;
        }

        _exact.Add(customer);
        if (_exact.Count > ExactMax)
        {
            _registers = new byte[Registers];
            foreach (var one in _exact)
            {
                Put(_registers, one);
            }

            _exact = null;
        }
    }

    private static void Put(byte[] registers, ulong hash)
    {
        ref var register = ref registers[hash >> (64 - RegisterBits)];
        var rank = (byte)(BitOperations.LeadingZeroCount((hash << RegisterBits) | (1UL << (RegisterBits - 1))) + 1);
        register = Math.Max(register, rank);
    }

    private long Estimate()
    {
        var sum = 0.0;
        var zeros = 0;
        foreach (var register in _registers!)
        {
            sum += Math.ScaleB(1.0, -register);
            zeros += register == 0 ? 1 : 0;
        }

        const double Alpha = 0.7213 / (1 + (1.079 / Registers));
        var raw = Alpha * Registers * Registers / sum;
        return (long)Math.Round(raw <= 2.5 * Registers && zeros > 0 ? Registers * Math.Log((double)Registers / zeros) : raw);
    }
}
