using System.Runtime.InteropServices;

namespace TransferServices;

/// <summary>The reference workload: one process that stands for the 17 services of a money transfer.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is ["--help" or "-h" or "help"])
        {
            Console.WriteLine(WorkloadOptions.Usage);
            return 0;
        }

        if (args is ["show-chain", var file, var code])
        {
            return ChainPrinter.Print(file, code, Console.Out, Console.Error);
        }

        if (WorkloadOptions.Parse(args, out var problem) is not { } options)
        {
            Console.Error.WriteLine(problem);
            Console.Error.WriteLine(WorkloadOptions.Usage);
            return 2;
        }

        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        using var network = new BankNetwork(options);
        using var workload = new Workload(network, options);
        Console.WriteLine($"sending {options.Rate} transfers/s to {options.Endpoint} ({options.Protocol}), seed {options.Seed}");
        var tally = await workload.RunAsync(stop.Token);
        network.Flush(TimeSpan.FromSeconds(10));
        Console.WriteLine(tally);
        return 0;
    }
}
