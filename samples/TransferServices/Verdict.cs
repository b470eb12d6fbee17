namespace TransferServices;

/// <summary>What a service answers its caller.</summary>
/// <param name="Status">The value of the <c>status</c> attribute.</param>
/// <param name="Code">Business error code; null for success.</param>
/// <param name="HttpStatus">How it shows in HTTP.</param>
internal sealed record Verdict(string Status, string? Code, int HttpStatus)
{
    /// <summary>All went well.</summary>
    public static readonly Verdict Success = new("success", null, 200);

    /// <summary>Whether the transfer cannot go on.</summary>
    public bool Failed => Code is not null;

    /// <summary>The service itself says no.</summary>
    public static Verdict Reject(string code, int httpStatus = 422) => new("reject", code, httpStatus);

    /// <summary>The service gave up waiting.</summary>
    public static Verdict Timeout(string code, int httpStatus = 504) => new("timeout", code, httpStatus);

    /// <summary>The same answer from the next service up: it did not decide, so its own status is FAILED with the code forwarded.</summary>
    public Verdict PassedOn() => Failed ? this with { Status = "FAILED" } : this;
}
