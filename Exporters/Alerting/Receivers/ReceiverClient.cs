using System.Net.Http.Headers;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>Makes one request to one receiver. What failed is an outcome, never an exception; no secret is in its message.</summary>
internal sealed class ReceiverClient : IDisposable
{
    private const int ResponseSizeMax = 64 * 1024;
    private const int SecretLengthMin = 4;
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");

    private readonly ReceiverConfig _config;
    private readonly INotifier _notifier;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly Action<string> _onSecretFailure;
    private readonly OutboundClient _client;
    private readonly Dictionary<SecretSource, string> _secrets = [];

    /// <summary>A client without connections.</summary>
    /// <param name="context">The exporter's surroundings.</param>
    /// <param name="config">The receiver.</param>
    /// <param name="notifier">Reads its answers.</param>
    /// <param name="timeout">Limit of a request; zero for none.</param>
    /// <param name="onSecretFailure">Told when a secret file cannot be read any more.</param>
    public ReceiverClient(
        ComponentContext context, ReceiverConfig config, INotifier notifier, TimeSpan timeout, Action<string> onSecretFailure)
    {
        _config = config;
        _notifier = notifier;
        _time = context.Time;
        _timeout = timeout;
        _onSecretFailure = onSecretFailure;
        _client = new OutboundClient(context, config.Http, usesTls: true);
    }

    /// <summary>Reads certificates and secrets for the first time.</summary>
    /// <exception cref="ComponentStartException">One cannot be used.</exception>
    public void Start()
    {
        _client.Load();
        foreach (var source in (SecretSource?[])[_config.Url, _config.Credentials.BearerToken, _config.Credentials.Password])
        {
            if (source is null)
            {
                continue;
            }

            if (!source.TryRead(out var secret, out var problem))
            {
                throw new ComponentStartException($"receiver {_config.Name}: {problem}");
            }

            if (source == _config.Url && ReceiverUrl.ProblemOf(secret) is { } wrong)
            {
                throw new ComponentStartException($"receiver {_config.Name}: the address in {source.File} {wrong}; it is not shown, since it may hold a key");
            }

            _secrets[source] = secret;
        }
    }

    /// <summary>Makes a request.</summary>
    /// <param name="body">The JSON.</param>
    /// <param name="cancellation">The end of the process.</param>
    public async ValueTask<ConsumeResult> PostAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_timeout > TimeSpan.Zero ? _timeout : Timeout.InfiniteTimeSpan, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var request = Request(body);
            using var response = await _client.SendAsync(request, either.Token).ConfigureAwait(false);
            using var answer = new PooledBuffer();
            var isWhole = await ResponseBody.ReadAsync(response, answer, ResponseSizeMax, either.Token).ConfigureAwait(false);
            var result = ReadAnswer(response, answer.Written.Span, isWhole);
            return result.IsAccepted ? result : result with { Message = Redact(result.Message) };
        }
        catch (Exception e) when (TransportFailure.IsExpected(e))
        {
            return cancellation.IsCancellationRequested
                ? ConsumeResult.Retry("shutdown", "there was no time left to tell")
                : ConsumeResult.Retry(TransportFailure.Reason(e), Redact(TransportFailure.Cause(e)));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Request(ReadOnlyMemory<byte> body)
    {
        var target = ReceiverUrl.Target(Current(_config.Url), _config.Kind);
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = JsonType;
        var request = _client.Request(HttpMethod.Post, target, content);
        var credentials = _config.Credentials;
        if (credentials.AuthorizationOf(Current(credentials.BearerToken), Current(credentials.Password)) is { } authorization)
        {
            request.Headers.TryAddWithoutValidation("authorization", authorization);
        }

        return request;
    }

    // A file that is being replaced, or holds nonsense, must not stop alerts: what it held before is used.
    private string Current(SecretSource? source)
    {
        if (source is null)
        {
            return "";
        }

        if (!source.TryRead(out var secret, out var problem))
        {
            _onSecretFailure(problem);
        }
        else if (source == _config.Url && ReceiverUrl.ProblemOf(secret) is { } wrong)
        {
            _onSecretFailure($"the address in {source.File} {wrong}");
        }
        else
        {
            _secrets[source] = secret;
        }

        return _secrets[source];
    }

    private ConsumeResult ReadAnswer(HttpResponseMessage response, ReadOnlySpan<byte> answer, bool isWhole)
    {
        var status = (int)response.StatusCode;
        if (status is >= 200 and < 300)
        {
            return _notifier.Read(isWhole ? answer : default);
        }

        var text = ServerMessage.Clean(System.Text.Encoding.UTF8.GetString(answer)).Trim();
        var message = text.Length == 0 ? $"it answered HTTP {status}" : $"it answered HTTP {status}: {text}";
        if (status is not (408 or 429 or >= 500))
        {
            return ConsumeResult.Rejected(HttpStatus.Reason(status), message, 1);
        }

        var wait = HttpStatus.RetryAfter(response, _time.GetUtcNow()) ?? TimeSpan.Zero;
        return ConsumeResult.Retry(
            status == 408 ? "timeout" : HttpStatus.Reason(status), message, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }

    private string Redact(string text)
    {
        foreach (var (source, secret) in _secrets)
        {
            if (secret.Length >= SecretLengthMin)
            {
                text = text.Replace(secret, Secret.Mask, StringComparison.Ordinal);
            }

            if (source == _config.Url && Uri.TryCreate(secret, UriKind.Absolute, out var url) && url.PathAndQuery.Length > SecretLengthMin)
            {
                text = text.Replace(url.PathAndQuery, Secret.Mask, StringComparison.Ordinal);
                foreach (var part in url.Query.TrimStart('?').Split('&'))
                {
                    var value = part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..];
                    text = value.Length >= SecretLengthMin ? text.Replace(value, Secret.Mask, StringComparison.Ordinal) : text;
                }
            }
        }

        return _config.Http.Headers.Redact(text);
    }
}
