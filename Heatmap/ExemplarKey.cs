namespace TelemetryPipeline.Heatmap;

/// <summary>A cell as one number: series, second and bucket. 0 is none, since no span ends in 1970.</summary>
internal static class ExemplarKey
{
    private const int BucketBits = 6;
    private const int SecondBits = 36;

    public static ulong Of(int series, in LatencyExemplar exemplar) => Of(series, exemplar.Second, exemplar.Bucket);

    public static ulong Of(int series, long second, int bucket) =>
        ((ulong)series << (BucketBits + SecondBits)) | (((ulong)second & ((1UL << SecondBits) - 1)) << BucketBits) | (uint)bucket;

    public static int SeriesOf(ulong key) => (int)(key >> (BucketBits + SecondBits));
}
