using System.IO.Hashing;
using TelemetryPipeline.Attribution.Windows;

namespace TelemetryPipeline.Tests.Attribution.Windows;

public sealed class CustomerCountTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1024)]
    public void Value_FewCustomers_IsExact(int customers)
    {
        var count = new CustomerCount();
        Add(count, customers);
        Add(count, customers);
        Assert.Equal(customers, count.Value);
    }

    [Theory]
    [InlineData(1025)]
    [InlineData(5000)]
    [InlineData(200_000)]
    public void Value_ManyCustomers_IsWithinFivePercent(int customers)
    {
        // Three standard errors; the hashes are fixed, so the outcome is too.
        var count = new CustomerCount();
        Add(count, customers);
        Assert.InRange(count.Value, customers * 0.95, customers * 1.05);
    }

    private static void Add(CustomerCount count, int customers)
    {
        for (var i = 0; i < customers; i++)
        {
            count.Add(XxHash3.HashToUInt64(BitConverter.GetBytes(i)));
        }
    }
}
