using System.Globalization;
using OpenTelemetry.Exporter;

namespace TransferServices;

/// <summary>What the command line asks for.</summary>
internal sealed record WorkloadOptions
{
    /// <summary>Text of <c>--help</c>.</summary>
    public const string Usage = """
        Emits money transfers over 17 services through the OpenTelemetry SDK.

          TransferServices [--endpoint URL] [--protocol grpc|http/protobuf] [--rate N] [--duration SECONDS] [--seed N]
          TransferServices show-chain FILE CODE

          --endpoint   collector; default http://localhost:4317 (grpc) or http://localhost:4318 (http/protobuf)
          --protocol   grpc (default) or http/protobuf
          --rate       transfers a second, above 0 and up to 1000; default 5
          --duration   seconds until it stops by itself; default 0: runs until interrupted
          --seed       of the random decisions; the same seed plans the same transfers; default 1
          show-chain   prints one trace with that business code from a collector's JSON lines
        """;

    /// <summary>Base address of the collector.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Transport.</summary>
    public required OtlpExportProtocol Protocol { get; init; }

    /// <summary>Transfers started a second.</summary>
    public double Rate { get; init; } = 5;

    /// <summary>How long transfers are started; zero: until interrupted.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Reads the command line.</summary>
    /// <returns>The options, or null with the problem in <paramref name="problem"/>.</returns>
    public static WorkloadOptions? Parse(string[] args, out string problem)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["--endpoint"] = "",
            ["--protocol"] = "grpc",
            ["--rate"] = "5",
            ["--duration"] = "0",
            ["--seed"] = "1",
        };
        for (var i = 0; i < args.Length; i += 2)
        {
            if (!values.ContainsKey(args[i]))
            {
                problem = $"unknown option \"{args[i]}\"";
                return null;
            }

            if (i + 1 == args.Length)
            {
                problem = $"{args[i]} needs a value";
                return null;
            }

            values[args[i]] = args[i + 1];
        }

        return Build(values, out problem);
    }

    private static WorkloadOptions? Build(Dictionary<string, string> values, out string problem)
    {
        OtlpExportProtocol protocol;
        switch (values["--protocol"])
        {
            case "grpc":
                protocol = OtlpExportProtocol.Grpc;
                break;
            case "http/protobuf":
                protocol = OtlpExportProtocol.HttpProtobuf;
                break;
            default:
                problem = $"--protocol must be grpc or http/protobuf, got \"{values["--protocol"]}\"";
                return null;
        }

        var port = protocol == OtlpExportProtocol.Grpc ? 4317 : 4318;
        var address = values["--endpoint"].Length == 0 ? $"http://localhost:{port}" : values["--endpoint"];
        if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            problem = $"--endpoint must be an http or https URL, got \"{address}\"";
            return null;
        }

        if (!Number(values, "--rate", 0.001, 1000, out var rate, out problem)
            || !Number(values, "--duration", 0, 86_400, out var seconds, out problem)
            || !Number(values, "--seed", int.MinValue, int.MaxValue, out var seed, out problem))
        {
            return null;
        }

        return new WorkloadOptions
        {
            Endpoint = endpoint,
            Protocol = protocol,
            Rate = rate,
            Duration = TimeSpan.FromSeconds(seconds),
            Seed = (int)seed,
        };
    }

    private static bool Number(
        Dictionary<string, string> values, string option, double min, double max, out double value, out string problem)
    {
        problem = "";
        if (double.TryParse(values[option], NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && value >= min && value <= max)
        {
            return true;
        }

        problem = string.Create(
            CultureInfo.InvariantCulture, $"{option} must be a number from {min} to {max}, got \"{values[option]}\"");
        return false;
    }
}
