using System.Globalization;
using CsCheck;
using TelemetryPipeline.Exporters.DebugOutput;

namespace TelemetryPipeline.Tests.Exporters.DebugOutput;

public sealed class ShortestNumberTests
{
    // Printed by Go's fmt.Println.
    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(-0.0, "-0")]
    [InlineData(1.0, "1")]
    [InlineData(-15.25, "-15.25")]
    [InlineData(100.0, "100")]
    [InlineData(0.125, "0.125")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(1.5e-7, "1.5e-07")]
    [InlineData(1e20, "100000000000000000000")]
    [InlineData(1e21, "1e+21")]
    [InlineData(123456789012345680000.0, "123456789012345680000")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e+308")]
    [InlineData(5e-324, "5e-324")]
    public void Format_Number_IsWrittenAsGoDoes(double number, string text) =>
        Assert.Equal(text, ShortestNumber.Format(number));

    [Fact]
    public void Format_AnyFiniteNumber_ReadsBackTheSame() =>
        Gen.Double.Where(double.IsFinite).Sample(static number =>
            double.Parse(ShortestNumber.Format(number), CultureInfo.InvariantCulture).Equals(number));
}
