using TelemetryPipeline.Attribution.Rules.Language;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>The ordering operators.</summary>
internal static class NumberOrder
{
    /// <summary>Whether two whole numbers are in an order.</summary>
    /// <param name="order">The order.</param>
    /// <param name="value">The left one.</param>
    /// <param name="bound">The right one.</param>
    public static bool Holds(Operator order, long value, long bound) => order switch
    {
        Operator.Less => value < bound,
        Operator.LessOrEqual => value <= bound,
        Operator.Greater => value > bound,
        Operator.GreaterOrEqual => value >= bound,
        Operator.In => value == bound,
        _ => value != bound,
    };

    /// <summary>Whether two numbers are in an order; with what is not a number, never.</summary>
    /// <param name="order">The order, no equality.</param>
    /// <param name="value">The left one.</param>
    /// <param name="bound">The right one.</param>
    public static bool Holds(Operator order, double value, double bound) => order switch
    {
        Operator.Less => value < bound,
        Operator.LessOrEqual => value <= bound,
        Operator.Greater => value > bound,
        _ => value >= bound,
    };
}
