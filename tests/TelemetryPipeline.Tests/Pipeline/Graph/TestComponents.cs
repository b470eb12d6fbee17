using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Tests.Pipeline.Graph;

/// <summary>A component that writes its start and stop into a journal.</summary>
internal class TestComponent(string name, Journal journal) : IReceiver, IExtension
{
    private bool _stopped;

    public string Name => name;

    public Func<Task>? OnStart { get; set; }

    public Func<Task>? OnStop { get; set; }

    public virtual async Task StartAsync(CancellationToken cancellation)
    {
        await (OnStart?.Invoke() ?? Task.CompletedTask);
        journal.Add($"start {name}");
    }

    public virtual async Task StopAsync(CancellationToken cancellation)
    {
        await (OnStop?.Invoke() ?? Task.CompletedTask);
        if (!_stopped)
        {
            _stopped = true;
            journal.Add($"stop {name}");
        }
    }
}

/// <summary>A receiver whose data comes from the test.</summary>
internal sealed class TestReceiver(string name, Journal journal, IReadOnlyList<Outlet> outlets) : TestComponent(name, journal)
{
    public IReadOnlyList<Outlet> Outlets => outlets;

    public async ValueTask<ConsumeResult> SendAsync(Signal signal = Signal.Traces, int items = 1)
    {
        using var batch = TestBatches.Of(signal, items);
        return await outlets[(int)signal].ConsumeAsync(batch, CancellationToken.None);
    }
}

/// <summary>Counts what it gets and answers what the test wants, until stopped, then asks for a retry.</summary>
internal sealed class TestExporter(string name, Journal journal) : TestComponent(name, journal), IExporter, IAdmission
{
    private int _items;
    private volatile bool _isStopped;

    public int Items => Volatile.Read(ref _items);

    public Func<OtlpBatch, ValueTask<ConsumeResult>>? OnConsume { get; set; }

    public ConsumeResult Admission { get; set; } = ConsumeResult.Accepted;

    public ConsumeResult Admit(Signal signal) => Admission;

    public async ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        if (_isStopped)
        {
            return ConsumeResult.Retry("stopped", $"{Name} is stopped");
        }

        var answer = OnConsume is null ? ConsumeResult.Accepted : await OnConsume(batch);
        if (answer.IsAccepted)
        {
            Interlocked.Add(ref _items, batch.ItemCount);
        }

        return answer;
    }

    public override Task StopAsync(CancellationToken cancellation)
    {
        _isStopped = true;
        return base.StopAsync(cancellation);
    }
}

/// <summary>Passes everything on, and can change a batch by adding an item.</summary>
internal sealed class TestProcessor(string name, Journal journal, IConsumer next, bool mutates)
    : TestComponent(name, journal), IProcessor
{
    public string Pipeline { get; init; } = "";

    public int Seen { get; private set; }

    public async ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        Seen = batch.ItemCount;
        if (mutates)
        {
            batch.Append(TestBatches.Chunk(batch.Signal, 1));
        }

        return await next.ConsumeAsync(batch, cancellation);
    }
}

/// <summary>Passes traces on as they are and makes a log of every trace batch.</summary>
internal sealed class TestConnector(string name, Journal journal, IReadOnlyList<Outlet> outlets)
    : TestComponent(name, journal), IConnector
{
    public int Batches { get; private set; }

    public async ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        Batches++;
        if (outlets[(int)Signal.Logs].IsConnected && batch.Signal == Signal.Traces)
        {
            using var log = TestBatches.Of(Signal.Logs, 1);
            return await outlets[(int)Signal.Logs].ConsumeAsync(log, cancellation);
        }

        return await outlets[(int)batch.Signal].ConsumeAsync(batch, cancellation);
    }
}

/// <summary>Batches whose bytes do not matter.</summary>
internal static class TestBatches
{
    public static OtlpBatch Of(Signal signal, int items) => new(Chunk(signal, items));

    public static OtlpChunk Chunk(Signal signal, int items) => OtlpChunk.FromArray(signal, new byte[items], items);
}
