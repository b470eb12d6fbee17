namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Field numbers of a metric's data, which say of what type it is.</summary>
internal static class MetricFields
{
    public const int Gauge = 5;
    public const int Sum = 7;
    public const int Histogram = 9;
    public const int ExponentialHistogram = 10;
    public const int Summary = 11;

    /// <summary>The list of points in each of them.</summary>
    public const int DataPoints = 1;

    /// <summary>Whether a metric's field is its data.</summary>
    /// <param name="field">The field's number.</param>
    public static bool IsData(int field) => field is Gauge or Sum or Histogram or ExponentialHistogram or Summary;

    /// <summary>Field number of the attributes of a point.</summary>
    /// <param name="type">The field number of the metric's data.</param>
    public static int AttributesOfPoint(int type) => type switch
    {
        Histogram => 9,
        ExponentialHistogram => 1,
        _ => 7,
    };
}
