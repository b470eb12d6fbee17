namespace TelemetryPipeline.Pipeline;

/// <summary>
/// A part of a running collector. The graph starts what receives data before what sends it, receivers last, and stops
/// in the opposite order.
/// </summary>
public interface IComponent
{
    /// <summary>Opens sockets and files and begins background work. Returns as soon as the component can do its job.</summary>
    /// <param name="cancellation">The start is given up; background work must not hang on it.</param>
    /// <exception cref="ComponentStartException">The component cannot start; the message is for an operator.</exception>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>
    /// Hands on everything that was accepted, then closes. Safe without a start and when called twice. When
    /// <paramref name="cancellation"/> fires the time for draining is over: what is left is counted and logged (or kept
    /// on disk), and the call returns.
    /// </summary>
    /// <param name="cancellation">The limit on draining.</param>
    Task StopAsync(CancellationToken cancellation);
}

/// <summary>A component cannot start, for a reason an operator can mend: a port in use, a missing file.</summary>
public sealed class ComponentStartException : Exception
{
    /// <summary>For the runtime.</summary>
    public ComponentStartException()
    {
    }

    /// <summary>With a message that says what was being done and what stood in the way.</summary>
    /// <param name="message">The message.</param>
    public ComponentStartException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and the cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cause">The cause.</param>
    public ComponentStartException(string message, Exception cause)
        : base(message, cause)
    {
    }
}

/// <summary>Brings data in. One instance per id serves all signals.</summary>
public interface IReceiver : IComponent;

/// <summary>Sees each batch of one pipeline and forwards what becomes of it. One instance per pipeline.</summary>
public interface IProcessor : IComponent, IConsumer;

/// <summary>Takes data out. One instance per id serves all pipelines and signals.</summary>
public interface IExporter : IComponent, IConsumer;

/// <summary>The exporter of some pipelines and the receiver of others. One instance per id serves all of them.</summary>
public interface IConnector : IComponent, IConsumer;

/// <summary>A service beside the pipelines: health, storage, diagnosis. Started before and stopped after everything else.</summary>
public interface IExtension : IComponent;
