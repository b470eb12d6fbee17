using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace TelemetryPipeline.Pipeline.Listening;

/// <summary>An application for pages that are asked for now and then: one method over an <see cref="HttpContext"/>.</summary>
/// <param name="serve">Answers a request. An exception becomes status 500.</param>
public sealed class PageApplication(Func<HttpContext, Task> serve) : IHttpApplication<HttpContext>
{
    /// <inheritdoc/>
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    /// <inheritdoc/>
    public Task ProcessRequestAsync(HttpContext context) => serve(context);

    /// <inheritdoc/>
    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }
}
