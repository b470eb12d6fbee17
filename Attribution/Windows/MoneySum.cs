using TelemetryPipeline.Attribution.Events;

namespace TelemetryPipeline.Attribution.Windows;

/// <summary>Amounts by currency; sums of different currencies are never mixed.</summary>
internal struct MoneySum
{
    private const int CurrenciesMax = 8;

    private List<(ushort Currency, long Amount, long Count)>? _sums;

    /// <summary>Adds an amount, or takes it away again.</summary>
    /// <param name="currency">Number of the currency; amounts of further currencies than eight at a time are not summed.</param>
    /// <param name="amount">Minor units.</param>
    /// <param name="sign">1 or -1.</param>
    /// <returns>Whether it was summed, so that it can be taken away.</returns>
    public bool Add(ushort currency, long amount, int sign)
    {
        _sums ??= [];
        for (var i = 0; i < _sums.Count; i++)
        {
            if (_sums[i].Currency == currency)
            {
                var sum = (currency, unchecked(_sums[i].Amount + (sign * amount)), Count: _sums[i].Count + sign);
                if (sum.Count == 0)
                {
                    _sums.RemoveAt(i);
                }
                else
                {
                    _sums[i] = sum;
                }

                return true;
            }
        }

        if (sign < 0 || _sums.Count == CurrenciesMax)
        {
            return false;
        }

        _sums.Add((currency, amount, 1));
        return true;
    }

    /// <summary>The sum in the currency of most of the amounts, and how many customers.</summary>
    /// <param name="customers">Distinct customers.</param>
    public readonly Impact With(long customers)
    {
        (ushort Currency, long Amount, long Count) most = default;
        foreach (var sum in _sums ?? [])
        {
            most = sum.Count > most.Count ? sum : most;
        }

        return new Impact(customers, most.Amount, most.Currency);
    }
}
