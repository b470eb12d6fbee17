namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>Reads the body of an answer without trusting its length.</summary>
internal static class ResponseBody
{
    private const int ReadSize = 4096;

    /// <summary>Reads to the end, or to the limit.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="body">Takes the bytes.</param>
    /// <param name="sizeMax">Bytes read at most.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Whether the end was reached.</returns>
    public static async ValueTask<bool> ReadAsync(
        HttpResponseMessage response, PooledBuffer body, int sizeMax, CancellationToken cancellation)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            while (true)
            {
                var room = body.GetMemory(ReadSize);
                var count = await stream.ReadAsync(room, cancellation).ConfigureAwait(false);
                if (count == 0)
                {
                    return true;
                }

                if (body.Length + count > sizeMax)
                {
                    return false;
                }

                body.Advance(count);
            }
        }
    }
}
