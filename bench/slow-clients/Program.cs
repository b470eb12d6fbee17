using System.Globalization;
using System.Linq;
using System.Text.Json;
using SlowClients;

// SlowClients REQUEST-FILE                                          prints the names of the shapes
// SlowClients REQUEST-FILE SHAPE CONNECTIONS SECONDS RATE NAME=PORT...  prints one row of the table as JSON
var request = File.ReadAllBytes(args[0]);
if (args.Length == 1)
{
    Console.WriteLine(string.Join('\n', Shape.All(request).Select(static shape => shape.Name)));
    return;
}

var shape = Shape.All(request).Single(s => s.Name == args[1]);
var count = shape.Target == "none" ? 0 : int.Parse(args[2], CultureInfo.InvariantCulture);
var duration = TimeSpan.FromSeconds(double.Parse(args[3], CultureInfo.InvariantCulture));
var rate = int.Parse(args[4], CultureInfo.InvariantCulture);
var ports = args[5..].Select(static pair => pair.Split('=')).ToDictionary(static p => p[0], static p => int.Parse(p[1], CultureInfo.InvariantCulture));

var crowd = new Crowd(shape, ports.GetValueOrDefault(shape.Target), count);
var http = new HonestClient(isGrpc: false, ports["http"], request, rate);
var grpc = new HonestClient(isGrpc: true, ports["grpc"], request, rate);
using var crowdEnd = new CancellationTokenSource();
using var end = new CancellationTokenSource();
var hostile = crowd.RunAsync(crowdEnd.Token);

// The honest clients start together with the crowd: its arrival is part of what they have to stand.
end.CancelAfter(duration);
var probe = new HealthProbe(ports["health"]);
await Task.WhenAll(http.RunAsync(0, end.Token), grpc.RunAsync(0.5, end.Token), probe.RunAsync(end.Token));
await crowdEnd.CancelAsync();
await hostile;

Console.WriteLine(JsonSerializer.Serialize(new
{
    shape = shape.Name,
    asked = count,
    opened = crowd.OpenedCount,
    failed = crowd.FailedCount,
    peak = crowd.PeakCount,
    open = crowd.OpenCount,
    http = Row(http),
    grpc = Row(grpc),
    probes = probe.SentCount,
    probes_ok = probe.AcceptedCount,
}));

static object Row(HonestClient client)
{
    var sorted = client.LatenciesMs.Order().ToArray();
    double At(double part) => sorted.Length == 0 ? 0 : sorted[(int)Math.Min(sorted.Length - 1, Math.Ceiling(part * sorted.Length) - 1)];
    return new { sent = client.SentCount, accepted = sorted.Length, p50_ms = At(0.5), p99_ms = At(0.99), max_ms = At(1), failures = client.Failures };
}
