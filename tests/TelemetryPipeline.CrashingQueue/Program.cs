using System.Globalization;
using TelemetryPipeline.CrashingQueue;

// CrashingQueue load|drain STORAGE SINK FSYNC FIRST_ID: fills a queue on disk until it is killed, or empties it and ends.
var (mode, storage, sink, fsync) = (args[0], args[1], args[2], args[3]);
var firstId = long.Parse(args[4], CultureInfo.InvariantCulture);
await using var file = new FileSink(sink);
var queue = await CrashQueue.OpenAsync(storage, fsync, file);
if (mode == "load")
{
    await queue.LoadForEverAsync(firstId);
}

await queue.DrainAsync();
return 0;
