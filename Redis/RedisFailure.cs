using StackExchange.Redis;

namespace TelemetryPipeline.Redis;

/// <summary>What a failed command means.</summary>
/// <param name="Reason">A metric label from a closed set.</param>
/// <param name="Message">A sentence for an operator.</param>
/// <param name="IsPermanent">Whether the same command would fail again for ever.</param>
/// <param name="IsTopology">Whether the servers' roles may have changed, so that they should be asked again.</param>
public readonly record struct RedisFailure(string Reason, string Message, bool IsPermanent = false, bool IsTopology = false)
{
    /// <summary>The reason of a value above the server's <c>proto-max-bulk-len</c>.</summary>
    public const string TooLarge = "too_large";

    private const int MessageMax = 300;

    // The server's last words to a connection that announces a value above its limit.
    private const string BulkLengthText = "invalid bulk length";

    // Errors of the general kind "ERR" that are about the command itself. All others of that kind may pass: proxies
    // in front of Redis report their own trouble so.
    private static readonly string[] PermanentTexts =
        ["syntax error", "wrong number of arguments", "exhausted the last possible", "Invalid stream ID", "exceeds maximum allowed", "not an integer"];

    /// <summary>Whether an exception is Redis's or the network's doing, and not a bug.</summary>
    /// <param name="e">What was thrown.</param>
    public static bool IsExpected(Exception e) =>
        e is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException or System.Net.Sockets.SocketException or IOException;

    /// <summary>Says what an expected exception means.</summary>
    /// <param name="e">What was thrown.</param>
    public static RedisFailure Of(Exception e) => e switch
    {
        RedisServerException server => Of(server.Kind, server.Message),
        RedisTimeoutException or TimeoutException => new("timeout", "Redis did not answer in time"),
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } connection =>
            new("unauthenticated", FirstLine(connection.Message)),
        RedisConnectionException connection => new("connection", FirstLine(connection.Message), IsTopology: true),

        // The client refuses by itself where it knows no server that takes writes.
        RedisCommandException command => new("readonly", FirstLine(command.Message), IsTopology: true),
        ObjectDisposedException => new("connection", "the connection is closed"),
        _ => new("connection", FirstLine(e.Message)),
    };

    private static RedisFailure Of(RedisErrorKind kind, string message)
    {
        var text = FirstLine(message);
        return kind switch
        {
            // First, because the client takes every protocol error for an unknown command.
            _ when message.Contains(BulkLengthText, StringComparison.OrdinalIgnoreCase) => new(TooLarge, text, IsPermanent: true),
            RedisErrorKind.OutOfMemory => new("out_of_memory", text),
            RedisErrorKind.Loading => new("loading", text),
            RedisErrorKind.ReadOnly => new("readonly", text, IsTopology: true),
            RedisErrorKind.NoReplicas => new("no_replicas", text),
            RedisErrorKind.Moved or RedisErrorKind.UnknownRedirectTarget => new("moved", text, IsTopology: true),
            RedisErrorKind.Ask => new("ask", text, IsTopology: true),
            RedisErrorKind.ClusterDown => new("cluster_down", text, IsTopology: true),
            RedisErrorKind.TryAgain => new("try_again", text),
            RedisErrorKind.MasterDown => new("master_down", text, IsTopology: true),
            RedisErrorKind.Misconfigured => new("misconf", text),
            RedisErrorKind.Busy => new("busy_script", text),
            RedisErrorKind.MaxClients => new("max_clients", text),
            RedisErrorKind.NoAuth or RedisErrorKind.WrongPass => new("unauthenticated", text),
            RedisErrorKind.NoPermission or RedisErrorKind.NotPermitted => new("permission_denied", text),
            RedisErrorKind.ConnectionFault => new("connection", text, IsTopology: true),
            RedisErrorKind.Timeout => new("timeout", text),
            RedisErrorKind.WrongType => new("wrong_type", text, IsPermanent: true),
            RedisErrorKind.UnknownCommand => new("unknown_command", text, IsPermanent: true),
            RedisErrorKind.CrossSlot => new("cross_slot", text, IsPermanent: true),
            _ => new("server_error", text, IsPermanent: Array.Exists(PermanentTexts, t => message.Contains(t, StringComparison.OrdinalIgnoreCase))),
        };
    }

    private static string FirstLine(string message)
    {
        var line = message.Split('\n', 2)[0].TrimEnd('\r');
        return line.Length <= MessageMax ? line : line[..MessageMax];
    }
}
