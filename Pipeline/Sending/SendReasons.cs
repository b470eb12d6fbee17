namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>
/// Reasons with a meaning of their own: a rejection with one of these says that the exporter itself, not the data, is
/// refused, and makes its status a permanent error. Other rejections leave the status alone.
/// </summary>
public static class SendReasons
{
    /// <summary>The other side does not know who we are (gRPC <c>UNAUTHENTICATED</c>, HTTP 401).</summary>
    public const string Unauthenticated = "unauthenticated";

    /// <summary>The other side does not let us (gRPC <c>PERMISSION_DENIED</c>, HTTP 403).</summary>
    public const string PermissionDenied = "permission_denied";

    /// <summary>Nothing is served there (gRPC <c>NOT_FOUND</c>, HTTP 404).</summary>
    public const string NotFound = "not_found";

    /// <summary>The service does not know the call (gRPC <c>UNIMPLEMENTED</c>, HTTP 405, 501).</summary>
    public const string Unimplemented = "unimplemented";

    internal static bool IsPermanent(string reason) =>
        reason is Unauthenticated or PermissionDenied or NotFound or Unimplemented;
}
