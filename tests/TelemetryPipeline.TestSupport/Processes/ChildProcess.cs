using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace TelemetryPipeline.TestSupport.Processes;

/// <summary>A program under test: its output is kept, and it ends with the test at the latest.</summary>
public class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its path, or a name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Added to this process's environment.</param>
    /// <param name="workingDirectory">Its working directory; by default this process's.</param>
    public ChildProcess(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string? workingDirectory = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        Name = Path.GetFileName(program);
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The program's file name.</summary>
    public string Name { get; }

    /// <summary>Whether it still runs.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>What it has printed so far, both streams.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Sends a signal: <c>TERM</c>, <c>HUP</c>, <c>KILL</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Asks it to end with SIGTERM.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        if (IsRunning)
        {
            await SignalAsync("TERM");
        }

        return await WaitForExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It runs on.</exception>
    public async Task<int> WaitForExitAsync()
    {
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{Name} does not end. It printed:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Waits until it listens on every one of the ports of this machine.</summary>
    /// <exception cref="InvalidOperationException">It ended.</exception>
    /// <exception cref="TimeoutException">It does not listen.</exception>
    public async Task WaitForPortsAsync(params int[] ports)
    {
        foreach (var port in ports)
        {
            await WaitUntilAsync(() => ListensAsync(port), $"listens on port {port}");
        }
    }

    /// <summary>Waits until it has printed a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="limit">The longest wait; a minute unless told.</param>
    public Task WaitForOutputAsync(string text, TimeSpan? limit = null) =>
        WaitUntilAsync(() => Task.FromResult(Output.Contains(text, StringComparison.Ordinal)), $"prints \"{text}\"", limit);

    /// <summary>Waits for a condition while the program runs.</summary>
    /// <param name="condition">Asked again and again.</param>
    /// <param name="what">What the program does then, for the message when it does not.</param>
    /// <param name="limit">The longest wait; a minute unless told.</param>
    /// <exception cref="InvalidOperationException">It ended.</exception>
    /// <exception cref="TimeoutException">The condition does not come true.</exception>
    public async Task WaitUntilAsync(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        var begin = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (!IsRunning)
            {
                throw new InvalidOperationException($"{Name} ended with {_process.ExitCode} before it {what}. It printed:\n{Output}");
            }

            if (Stopwatch.GetElapsedTime(begin) > (limit ?? StartLimit))
            {
                throw new TimeoutException($"{Name} runs but not so that it {what}. It printed:\n{Output}");
            }

            await Task.Delay(Poll);
        }
    }

    /// <summary>Ends it without ceremony if it still runs.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        GC.SuppressFinalize(this);
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false; // not yet
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
        {
            lock (_output)
            {
                _output.AppendLine(line.Data);
            }
        }
    }
}
