using System.Linq;
using System.Net;
using System.Net.Http.Headers;

namespace TelemetryPipeline.Tests.Receiver.Http;

public class CorsTests
{
    private const string Cors = "cors: {allowed_origins: [\"https://*.bank.example\", \"http://localhost:3000\"], allowed_headers: [X-Tenant], exposed_headers: [X-Served-By], max_age: 600}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https://app.bank.example", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://bank.example", false)]
    [InlineData("http://app.bank.example", false)]
    [InlineData("https://app.bank.example.evil.example", false)]
    public async Task Preflight_Origin_IsAllowedOrNot(string origin, bool allowed)
    {
        await using var running = await RunningReceiver.StartAsync(http: Cors);
        using var response = await PreflightAsync(running, origin, "content-type, x-tenant");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(allowed ? [origin] : [], Values(response, "Access-Control-Allow-Origin"));
        if (allowed)
        {
            Assert.Equal(["POST"], Values(response, "Access-Control-Allow-Methods"));
            Assert.Equal(["content-type, x-tenant"], Values(response, "Access-Control-Allow-Headers"));
            Assert.Equal(["600"], Values(response, "Access-Control-Max-Age"));
        }
    }

    [Fact]
    public async Task Preflight_HeaderThatIsNotAllowed_GetsNoPermission()
    {
        await using var running = await RunningReceiver.StartAsync(http: Cors);
        using var response = await PreflightAsync(running, "http://localhost:3000", "x-other");
        Assert.Empty(Values(response, "Access-Control-Allow-Origin"));
        await using var any = await RunningReceiver.StartAsync(http: "cors: {allowed_origins: [\"*\"], allowed_headers: [\"*\"]}");
        using var permitted = await PreflightAsync(any, "http://anything.example", "x-other");
        Assert.Equal(["http://anything.example"], Values(permitted, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Post_AllowedOrigin_CarriesTheHeaders()
    {
        await using var running = await RunningReceiver.StartAsync(http: Cors);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/traces") { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        request.Headers.Add("Origin", "http://localhost:3000");
        using var response = await running.Http().SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["http://localhost:3000"], Values(response, "Access-Control-Allow-Origin"));
        Assert.Equal(["X-Served-By"], Values(response, "Access-Control-Expose-Headers"));
        Assert.Equal(["Origin"], Values(response, "Vary"));
    }

    [Fact]
    public async Task Preflight_WithoutCors_IsAnOrdinaryWrongMethod()
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await PreflightAsync(running, "http://localhost:3000", "");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    private static async Task<HttpResponseMessage> PreflightAsync(RunningReceiver running, string origin, string headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/traces");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        if (headers.Length > 0)
        {
            request.Headers.Add("Access-Control-Request-Headers", headers);
        }

        return await running.Http().SendAsync(request, Token);
    }

    private static string[] Values(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) ? values.ToArray() : [];
}
