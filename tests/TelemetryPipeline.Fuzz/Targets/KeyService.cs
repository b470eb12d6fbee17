using System.Net;
using TelemetryPipeline.Processors.FieldEncryption.KeyService;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>A key service that answers every question with the input.</summary>
internal static class KeyService
{
    private static readonly KeyServiceConfig Config = new() { Endpoint = new Uri("http://vault.invalid") };

    public static void Run(byte[] input, Outcome outcome)
    {
        foreach (var status in (ReadOnlySpan<HttpStatusCode>)[HttpStatusCode.OK, HttpStatusCode.Forbidden])
        {
            using var client = new TransitClient(Config, Settings.Context("field_encryption"), new Handler(status, input));
            try
            {
                outcome.Add(client.NewDataKeyAsync("transfers", CancellationToken.None).GetAwaiter().GetResult().Wrapped);
            }
            catch (KeyServiceException e)
            {
                outcome.Add(e.Message);
            }

            try
            {
                outcome.Add(client.UnwrapAsync("transfers", "vault:v1:AAAA", CancellationToken.None).GetAwaiter().GetResult());
            }
            catch (KeyServiceException e)
            {
                outcome.Add(e.Message);
            }
        }
    }

    private sealed class Handler(HttpStatusCode status, byte[] body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new ByteArrayContent(body) });
    }
}
