using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using TelemetryPipeline.Otlp.Json;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Proxies;
using TelemetryPipeline.Pipeline.Tls;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Processors.FieldEncryption.Keys;

namespace TelemetryPipeline.Processors.FieldEncryption.KeyService;

/// <summary>Speaks to a key service with the HTTP interface of Vault's transit engine.</summary>
internal sealed class TransitClient : IKeyService
{
    private const int AnswerBytesMax = 64 * 1024;
    private const int TokenBytesMax = 16 * 1024;
    private const int ErrorCharsMax = 200;

    private readonly KeyServiceConfig _config;
    private readonly TimeProvider _time;
    private readonly CertificateSource? _certificates;
    private readonly HttpClient _http;

    /// <summary>A client; connects with the first request.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="context">Its surroundings.</param>
    /// <param name="transport">Sends requests; null for connections to the configured endpoint.</param>
    /// <exception cref="ComponentStartException">The TLS material cannot be used.</exception>
    public TransitClient(KeyServiceConfig config, ComponentContext context, HttpMessageHandler? transport = null)
    {
        _config = config;
        _time = context.Time;
        var handler = new SocketsHttpHandler
        {
            // A redirect could lead the token anywhere.
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            Proxy = EnvironmentProxy.Read(),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            ConnectTimeout = config.Timeout,
        };
        if (config.Endpoint.Scheme == Uri.UriSchemeHttps)
        {
            _certificates = new CertificateSource(config.Tls, context);
            _certificates.Load();
            handler.SslOptions = TlsOptions.ForClient(config.Tls, _certificates);
        }

        _http = new HttpClient(transport ?? handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = AnswerBytesMax };
    }

    /// <inheritdoc/>
    public async Task<DataKey> NewDataKeyAsync(string name, CancellationToken cancellation)
    {
        using var answer = await AskAsync($"datakey/plaintext/{name}", static json => json.WriteNumber("bits", 256), cancellation).ConfigureAwait(false);
        var wrapped = Text(answer, "ciphertext");
        return ProtectedText.IsWrappedKey(Encoding.UTF8.GetBytes(wrapped))
            ? new DataKey(wrapped, Key(answer))
            : throw new KeyServiceException($"its \"ciphertext\" is not a wrapped key of at most {ProtectedText.WrappedKeyLengthMax} characters");
    }

    /// <inheritdoc/>
    public async Task<byte[]> UnwrapAsync(string name, string wrapped, CancellationToken cancellation)
    {
        using var answer = await AskAsync($"decrypt/{name}", json => json.WriteString("ciphertext", wrapped), cancellation).ConfigureAwait(false);
        return Key(answer);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static byte[] Key(JsonDocument answer)
    {
        var key = new byte[FieldKey.KeyBytes];
        return Convert.TryFromBase64String(Text(answer, "plaintext"), key, out var written) && written == FieldKey.KeyBytes
            ? key
            : throw new KeyServiceException("its \"plaintext\" is not base64 of 32 bytes");
    }

    private static string Text(JsonDocument answer, string name) =>
        answer.RootElement is { ValueKind: JsonValueKind.Object } root
        && root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
        && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new KeyServiceException($"its answer has no text \"data\".\"{name}\"");

    private async Task<JsonDocument> AskAsync(string path, Action<Utf8JsonWriter> write, CancellationToken cancellation)
    {
        var uri = new Uri(_config.Endpoint, $"v1/{_config.Mount}/{path}");
        using var limit = new CancellationTokenSource(_config.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = Body(write) };
            AddHeaders(request);
            using var answer = await _http.SendAsync(request, either.Token).ConfigureAwait(false);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                throw new KeyServiceException($"{uri.AbsolutePath} answers {(int)answer.StatusCode}{Errors(body)}");
            }

            return JsonDocuments.TryParse(body, out var document)
                ? document
                : throw new KeyServiceException($"{uri} answers something that is not JSON");
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new KeyServiceException($"{uri} did not answer within {_config.Timeout.TotalSeconds:0.###} s", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or AuthenticationException
            or UnauthorizedAccessException)
        {
            throw new KeyServiceException($"{uri}: {Innermost(e).Message}", e);
        }
    }

    private static ByteArrayContent Body(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        var content = new ByteArrayContent(buffer.WrittenSpan.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private void AddHeaders(HttpRequestMessage request)
    {
        request.Headers.Add("X-Vault-Request", "true");
        if (_config.Namespace is { } name)
        {
            request.Headers.TryAddWithoutValidation("X-Vault-Namespace", name);
        }

        var token = _config.TokenEnvironment is { } variable
            ? Environment.GetEnvironmentVariable(variable) ?? throw new KeyServiceException($"environment variable {variable}, which should hold its token, is not set")
            : ReadToken();
        if (token is not null && !request.Headers.TryAddWithoutValidation("X-Vault-Token", token.Trim()))
        {
            throw new KeyServiceException("its token cannot be sent as a header");
        }
    }

    private string? ReadToken()
    {
        if (_config.TokenFile is not { } file)
        {
            return null;
        }

        return new FileInfo(file) is { Exists: true, Length: > TokenBytesMax }
            ? throw new KeyServiceException($"{file}, which should hold its token, is too long for one")
            : BoundedFile.ReadAllText(file, TokenBytesMax);
    }

    // As Vault says what is wrong: {"errors": ["..."]}.
    private static string Errors(byte[] body)
    {
        // Where there is none, the status alone has to do.
        if (JsonDocuments.TryParse(body, out var document))
        {
            using var parsed = document;
            if (document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0)
            {
                var text = errors[0].ToString().ReplaceLineEndings(" ");
                return $": {text[..Math.Min(text.Length, ErrorCharsMax)]}";
            }
        }

        return "";
    }

    private static Exception Innermost(Exception failure)
    {
        while (failure.InnerException is { } inner)
        {
            failure = inner;
        }

        return failure;
    }
}
