using System.Diagnostics;

namespace TransferServices;

/// <summary>Starts transfers at an even rate and waits for them when it stops.</summary>
internal sealed class Workload(BankNetwork network, WorkloadOptions options) : IDisposable
{
    // A transfer that hits the deadline takes 3 s: at 1000 a second this many can be under way.
    private const int UnderWayMax = 5000;

    private readonly SemaphoreSlim _slots = new(UnderWayMax);
    private readonly Tally _tally = new();

    /// <summary>Runs until the duration is over or <paramref name="stop"/> is set; transfers under way are finished.</summary>
    public async Task<Tally> RunAsync(CancellationToken stop)
    {
        var random = new Random(options.Seed);
        var clock = Stopwatch.StartNew();
        try
        {
            for (long number = 1; options.Duration == TimeSpan.Zero || clock.Elapsed < options.Duration; number++)
            {
                var due = TimeSpan.FromSeconds((number - 1) / options.Rate);
                if (due > clock.Elapsed)
                {
                    await Task.Delay(due - clock.Elapsed, stop);
                }

                await _slots.WaitAsync(stop);
                _ = SendAsync(Transfer.Draw(random, number, DateTimeOffset.UtcNow));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop: what is under way still finishes below.
        }

        for (var i = 0; i < UnderWayMax; i++)
        {
            await _slots.WaitAsync(CancellationToken.None);
        }

        return _tally;
    }

    public void Dispose() => _slots.Dispose();

    private async Task SendAsync(Transfer transfer)
    {
        try
        {
            _tally.Add(await network.Entry.HandleAsync(new TransferRun(transfer), [], CancellationToken.None));
            if (transfer.Fate == Fate.Repeat)
            {
                var repeat = new TransferRun(transfer) { IsRepeat = true };
                _tally.Add(await network.Entry.HandleAsync(repeat, [], CancellationToken.None));
            }
        }
        finally
        {
            _slots.Release();
        }
    }
}
