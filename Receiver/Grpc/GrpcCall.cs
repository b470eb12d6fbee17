using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using TelemetryPipeline.Pipeline.Listening;
using TelemetryPipeline.Receiver.Decompression;
using TelemetryPipeline.Receiver.Intake;

namespace TelemetryPipeline.Receiver.Grpc;

/// <summary>One unary call. Reused by the calls that follow on the same stream object.</summary>
/// <remarks>
/// The wire format is that of PROTOCOL-HTTP2.md of the gRPC project: a message is one byte that says whether it is
/// compressed, its length in four bytes, big endian, and the message.
/// </remarks>
internal sealed class GrpcCall(GrpcApplication application, ByteBudget budget, TimeProvider time)
{
    private const int PrefixLength = 5;

    private readonly BodyBuffer _body = new(budget);
    private readonly BodyBuffer _decompressed = new(budget);
    private readonly BodyArrival _arrival = new(application.Arriving);
    private readonly ForwardDeadline _deadline = new(time);
    private IFeatureCollection _features = null!;
    private IHttpRequestFeature _request = null!;
    private IHttpResponseFeature _response = null!;
    private ListenerConnection? _connection;

    public GrpcCall Begin(IFeatureCollection features)
    {
        _features = features;
        _request = features.Get<IHttpRequestFeature>()!;
        _response = features.Get<IHttpResponseFeature>()!;
        _connection = features.Get<ListenerConnection>();
        _connection?.BeginRequest();

        // Kestrel's default is 200: a path that sets no status must not look like an accepted request.
        _response.StatusCode = StatusCodes.Status500InternalServerError;
        return this;
    }

    /// <summary>Ends what the call holds. Called again when Kestrel is done with it, which may be much later.</summary>
    public void End()
    {
        _body.Release();
        _decompressed.Release();
        _connection?.EndRequest();
        _connection = null;
    }

    public async Task RunAsync()
    {
        if (!IsGrpc())
        {
            return;
        }

        if (application.Find(_request.Path) is not { } intake)
        {
            GrpcReply.Write(_features, _response, ExportReply.Failed(GrpcCode.Unimplemented, $"unknown method {_request.Path}"));
            return;
        }

        ExportReply reply;
        try
        {
            reply = intake.TryAdmit(out var refusal) ? await ReceiveAsync(intake).ConfigureAwait(false) : refusal;
        }
        catch (Exception e)
        {
            reply = intake.FailUnexpectedly(e, itemCount: 0);
        }

        // Before the answer: a client that does not open its window for it holds nothing.
        End();
        GrpcReply.Write(_features, _response, reply);
    }

    /// <summary>What is not gRPC gets HTTP's words, as the protocol asks.</summary>
    private bool IsGrpc()
    {
        if (_request.Method != "POST")
        {
            _response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            _response.Headers.Allow = "POST";
            return false;
        }

        var contentType = _request.Headers.ContentType.ToString();
        if (!GrpcHeaders.IsProtobuf(contentType))
        {
            _response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return false;
        }

        return true;
    }

    private async ValueTask<ExportReply> ReceiveAsync(SignalIntake intake)
    {
        var limit = application.Config.MaxMessageBytes;
        _body.Begin(limit);
        _body.HoldFor(_connection, budget.ShareFor(limit));
        var (problem, compressed) = await ReadMessageAsync().ConfigureAwait(false);
        if (problem != BodyProblem.None)
        {
            return intake.Refuse(problem, limit);
        }

        var body = _body;
        if (compressed)
        {
            var encoding = _request.Headers[GrpcHeaders.Encoding].ToString();
            if (!ContentCodings.Grpc.TryFind(encoding, out var coding) || coding == ContentCoding.Identity)
            {
                _response.Headers[GrpcHeaders.AcceptEncoding] = GrpcHeaders.AcceptedEncodings;
                return intake.Unsupported($"messages compressed with \"{encoding}\" are not supported");
            }

            body = _decompressed;
            body.Begin(limit);
            problem = BodyDecompressor.Decompress(coding, _body, body);
            if (problem != BodyProblem.None)
            {
                return intake.Refuse(problem, limit);
            }
        }

        var metadata = application.Config.IncludeMetadata ? HeaderMetadata.Copy(_request.Headers) : null;
        var pending = intake.ExportAsync(body, metadata, _deadline.Token);
        if (pending.IsCompletedSuccessfully)
        {
            return pending.Result;
        }

        var aborted = _features.Get<IHttpRequestLifetimeFeature>()!.RequestAborted;
        var timeout = GrpcHeaders.ParseTimeout(_request.Headers[GrpcHeaders.Timeout].ToString());
        return await _deadline.WaitAsync(pending, timeout, aborted).ConfigureAwait(false);
    }

    private async ValueTask<(BodyProblem Problem, bool Compressed)> ReadMessageAsync()
    {
        var reader = _features.Get<IRequestBodyPipeFeature>()!.Reader;
        var compressed = false;
        var left = -1L;
        _arrival.Begin(_connection);
        try
        {
            while (true)
            {
                var read = await _arrival.ReadAsync(reader).ConfigureAwait(false);
                var consumed = read.Buffer.Start;
                var problem = _arrival.Verdict;
                if (problem == BodyProblem.None)
                {
                    problem = Take(read, ref left, ref compressed, out consumed);
                    _arrival.Arrived(_body.Length);
                }

                reader.AdvanceTo(consumed, read.Buffer.End);
                if (problem != BodyProblem.None || read.IsCompleted)
                {
                    // An empty stream carries no message at all.
                    return (problem == BodyProblem.None && left != 0 ? BodyProblem.Truncated : problem, compressed);
                }
            }
        }
        catch (Exception e) when (BodyReader.IsClientFault(e))
        {
            return (BodyReader.ProblemOf(e), false);
        }
        finally
        {
            _arrival.End();
        }
    }

    // Takes what has arrived of the message; left is what is missing of it, -1 before its prefix was read.
    private BodyProblem Take(in ReadResult read, ref long left, ref bool compressed, out SequencePosition consumed)
    {
        var buffer = read.Buffer;
        consumed = buffer.Start;
        if (left < 0)
        {
            if (buffer.Length < PrefixLength)
            {
                return BodyProblem.None;
            }

            Span<byte> prefix = stackalloc byte[PrefixLength];
            buffer.Slice(0, PrefixLength).CopyTo(prefix);
            buffer = buffer.Slice(PrefixLength);
            consumed = buffer.Start;
            compressed = prefix[0] == 1;
            left = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
            var problem = prefix[0] > 1 ? BodyProblem.Damaged : _body.Expect(left);
            if (problem != BodyProblem.None)
            {
                return problem;
            }
        }

        if (buffer.Length > left)
        {
            return BodyProblem.TrailingBytes;
        }

        left -= buffer.Length;
        consumed = buffer.End;
        return _body.TryAppend(buffer);
    }
}
