namespace TelemetryPipeline.Pipeline.Service;

/// <summary>Asks for a reload when the files of the configuration have changed and then kept still for a look.</summary>
/// <param name="background">Runs the watch.</param>
/// <param name="changed">Called once a change.</param>
internal sealed class ConfigWatcher(BackgroundWork background, Action changed)
{
    /// <summary>How often the files are looked at; a change counts when two looks in a row find the same.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    // Guarded by _lock.
    private IReadOnlyList<string> _files = [];
    private ulong _known;
    private ulong _lastSeen;

    /// <summary>Watches these files from now on, and takes what they hold now as known.</summary>
    /// <param name="files">Full paths.</param>
    public void Watch(IReadOnlyList<string> files)
    {
        lock (_lock)
        {
            _files = files;
            _known = _lastSeen = ConfigFiles.Fingerprint(files);
        }
    }

    /// <summary>Looks at the files until cancelled.</summary>
    /// <param name="cancellation">Ends the watch.</param>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellation.UnsafeRegister(static task => ((TaskCompletionSource)task!).TrySetResult(), stopped).ConfigureAwait(false))
        {
            await background.RepeatEveryAsync("config_watch", Interval, Step, stopped.Task).ConfigureAwait(false);
        }

        ValueTask<bool> Step()
        {
            if (Look())
            {
                changed();
            }

            return new(true);
        }
    }

    /// <summary>Looks once.</summary>
    /// <returns>Whether a change has settled.</returns>
    internal bool Look()
    {
        lock (_lock)
        {
            var seen = ConfigFiles.Fingerprint(_files);
            var settled = seen == _lastSeen && seen != _known;
            _lastSeen = seen;
            _known = settled ? seen : _known;
            return settled;
        }
    }
}
