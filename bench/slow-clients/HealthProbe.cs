using System.Net.Sockets;

namespace SlowClients;

/// <summary>Asks the health page each second, each time over a new connection and for a second at most, as a kubelet does.</summary>
internal sealed class HealthProbe(int port)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Probes sent.</summary>
    public int SentCount { get; private set; }

    /// <summary>Probes answered 200 in time.</summary>
    public int AcceptedCount { get; private set; }

    /// <summary>Asks until the end.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                await ProbeAsync();
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The measurement is over.
        }
    }

    private async Task ProbeAsync()
    {
        SentCount++;
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Interval };
        try
        {
            using var answer = await client.GetAsync($"http://127.0.0.1:{port}/");
            AcceptedCount += answer.IsSuccessStatusCode ? 1 : 0;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or SocketException)
        {
            // Counted as not answered.
        }
    }
}
