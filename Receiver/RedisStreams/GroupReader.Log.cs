using Microsoft.Extensions.Logging;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Receiver.RedisStreams;

/// <content>What the log says: once when reading fails, once when it works again.</content>
internal sealed partial class GroupReader
{
    private readonly ILogger _log;
    private bool _isFailing;

    private void Fails(Exception e)
    {
        var failure = RedisFailure.Of(e);
        _counters.Failed(failure.Reason);
        if (failure.IsTopology)
        {
            _link.AskTopology();
        }

        // The stream was deleted, and the group with it.
        _hasGroup &= !e.Message.StartsWith("NOGROUP", StringComparison.Ordinal);
        if (!_isFailing)
        {
            _isFailing = true;
            _health.Fails(_name, failure.Message);
            LogFails(_name, failure.Reason, failure.Message);
        }
    }

    private void Works()
    {
        if (_isFailing)
        {
            _isFailing = false;
            _health.Works(_name);
            LogWorks(_name);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reading stream {Stream} failed ({Reason}: {Problem}); retrying")]
    private partial void LogFails(string stream, string reason, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Reading stream {Stream} recovered")]
    private partial void LogWorks(string stream);

    [LoggerMessage(Level = LogLevel.Information, Message = "Leaving the consumer group of {Stream} failed at shutdown: {Problem}")]
    private partial void LogNotLeft(string stream, string problem);
}
