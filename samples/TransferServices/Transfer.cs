using System.Globalization;

namespace TransferServices;

/// <summary>One transfer order and what was drawn for it.</summary>
internal sealed record Transfer
{
    private static readonly (string Name, double Share)[] Channels =
        [("unionpay", 0.35), ("nucc", 0.30), ("alipay", 0.15), ("wechat", 0.15), ("swift", 0.05)];

    private static readonly (Fate Fate, double Share)[] Fates =
    [
        (Fate.InsufficientBalance, 0.040), (Fate.RiskTimeout, 0.012), (Fate.LimitExceeded, 0.010),
        (Fate.ComplianceBlocked, 0.004), (Fate.PbocTimeout, 0.010), (Fate.DeadlineExceeded, 0.004),
        (Fate.LedgerBusy, 0.020), (Fate.Repeat, 0.015),
    ];

    /// <summary>Idempotent transaction number.</summary>
    public required string OrderNo { get; init; }

    /// <summary>Resident identity number of the customer, in clear, as a CRM hands it out: the collector must replace it.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The bank.</summary>
    public required string TenantId { get; init; }

    /// <summary>Payment channel.</summary>
    public required string Channel { get; init; }

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>Central-bank reserve account of the tenant.</summary>
    public required string ReserveAccount { get; init; }

    /// <summary>Masked account number.</summary>
    public required string AccountNo { get; init; }

    /// <summary>The business headers that go from service to service, and that their instrumentations record.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers =>
    [
        ("x-tenant-id", TenantId), ("x-biz-cust-id", CustomerId), ("x-biz-order-no", OrderNo),
        ("x-amount", string.Create(CultureInfo.InvariantCulture, $"{Amount / 100}.{Amount % 100:D2}")),
    ];

    /// <summary>What is going to happen.</summary>
    public required Fate Fate { get; init; }

    /// <summary>0 to 1000.</summary>
    public required int RiskScore { get; init; }

    /// <summary>Seed of the latencies along the way, so that concurrent transfers do not share a generator.</summary>
    public required int LatencySeed { get; init; }

    /// <summary>Draws the next transfer.</summary>
    public static Transfer Draw(Random random, long number, DateTimeOffset now)
    {
        var day = now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var tenant = random.Next(1, 9);
        var customer = random.Next(20_000); // customers come back
        var channel = Pick(Channels, random.NextDouble(), "unionpay");
        var fate = Pick(Fates, random.NextDouble(), Fate.Success);
        return new Transfer
        {
            OrderNo = string.Create(CultureInfo.InvariantCulture, $"TRD{day}{number:D9}"),
            CustomerId = ResidentId(customer),
            TenantId = string.Create(CultureInfo.InvariantCulture, $"bank-{tenant:D2}"),
            Channel = channel,
            Amount = (long)Math.Exp(7 + (3 * random.NextDouble()) + (3 * random.NextDouble())),
            Currency = channel == "swift" ? "USD" : "CNY",
            ReserveAccount = string.Create(CultureInfo.InvariantCulture, $"PBOC-{10_000 + tenant:D5}-{day}-{random.Next(100_000):D5}"),
            AccountNo = string.Create(CultureInfo.InvariantCulture, $"6222****{random.Next(10_000):D4}"),
            Fate = fate,
            RiskScore = fate is Fate.LimitExceeded or Fate.ComplianceBlocked ? random.Next(700, 1001) : random.Next(0, 400),
            LatencySeed = random.Next(),
        };
    }

    // GB 11643: region, birth date, sequence, check character. There is no region 990000, so this is nobody's number.
    private static string ResidentId(int customer)
    {
        ReadOnlySpan<int> weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        var birth = new DateTime(1950, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(customer);
        var digits = string.Create(CultureInfo.InvariantCulture, $"990000{birth:yyyyMMdd}{customer % 1000:D3}");
        var sum = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += (digits[i] - '0') * weights[i];
        }

        return digits + "10X98765432"[sum % 11];
    }

    private static T Pick<T>((T Value, double Share)[] shares, double draw, T otherwise)
    {
        foreach (var (value, share) in shares)
        {
            if (draw < share)
            {
                return value;
            }

            draw -= share;
        }

        return otherwise;
    }
}
