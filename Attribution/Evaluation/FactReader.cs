using System.Buffers.Text;
using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>Reads what traces keep of spans. Holds what was read of the last resource; one thread at a time.</summary>
internal sealed class FactReader
{
    private readonly TraceNames _names;
    private readonly int _service;
    private readonly int _namespace;
    private readonly int _nodeType;
    private readonly int _status;
    private readonly int _code;
    private readonly int _orderNo;
    private readonly int _customerId;
    private readonly int _tenant;
    private readonly int _channel;
    private readonly int _amount;
    private readonly int _currency;
    private readonly SlotMask _node;
    private readonly SlotMask _business;
    private NameMemo _nodeTypeMemo;
    private NameMemo _statusMemo;
    private NameMemo _codeMemo;
    private NameMemo _nameMemo;
    private NameMemo _channelMemo;
    private NameMemo _currencyMemo;
    private OtlpView? _view;
    private int _resource = -1;
    private ushort _resourceService;
    private ushort _resourceNamespace;
    private ushort _resourceNodeType;
    private ushort _resourceTenant;

    /// <summary>A reader.</summary>
    /// <param name="names">Where texts get their numbers.</param>
    /// <param name="slots">Where keys are registered.</param>
    public FactReader(TraceNames names, AttributeSlots slots)
    {
        _names = names;
        Slots = slots;
        _service = slots.Register("service.name");
        _namespace = slots.Register("service.namespace");
        _nodeType = slots.Register("node_type");
        _status = slots.Register("status");
        _code = slots.Register("code");
        _orderNo = slots.Register(BusinessKeys.OrderNo);
        _customerId = slots.Register(BusinessKeys.CustomerId);
        _tenant = slots.Register(BusinessKeys.Tenant);
        _channel = slots.Register("payment_channel");
        _amount = slots.Register("amount");
        _currency = slots.Register("currency");
        _node = new SlotMask(_nodeType, _status, _code);
        _business = new SlotMask(_orderNo, _customerId, _tenant, _channel, _amount, _currency);
    }

    /// <summary>Where keys are registered.</summary>
    public AttributeSlots Slots { get; }

    /// <summary>Reads a span, all but whether it failed.</summary>
    /// <param name="view">Its chunk.</param>
    /// <param name="span">The span.</param>
    /// <param name="facts">What was read.</param>
    public void Read(OtlpView view, in SpanRecord span, out SpanFacts facts)
    {
        if (_resource != span.ResourceNode || !ReferenceEquals(_view, view))
        {
            ReadResource(view, span.ResourceNode);
        }

        facts = new SpanFacts
        {
            TraceIdHigh = span.TraceIdHigh,
            TraceIdLow = span.TraceIdLow,
            SpanId = span.SpanId,
            ParentSpanId = span.ParentSpanId,
            StartNs = span.StartNs,
            EndNs = span.EndNs,
            Kind = span.Kind,
            Service = _resourceService,
            Namespace = _resourceNamespace,
            NodeType = _resourceNodeType,
            Name = _nameMemo.NumberOf(_names.Spans, view.Name(span)),
        };
        if (view.HasAny(Slots, span.Node, _node))
        {
            facts.NodeType = Number(view, span.Node, _nodeType, _names.Nodes, ref _nodeTypeMemo) is var nodeType and not NameTable.Empty
                ? nodeType
                : _resourceNodeType;
            facts.Status = Number(view, span.Node, _status, _names.Codes, ref _statusMemo);
            facts.Code = Number(view, span.Node, _code, _names.Codes, ref _codeMemo);
        }
    }

    /// <summary>Reads whose transfer a span is of, as far as that is not known yet.</summary>
    /// <param name="view">Its chunk.</param>
    /// <param name="span">The span.</param>
    /// <param name="business">What is known.</param>
    public void Learn(OtlpView view, in SpanRecord span, ref BusinessFacts business)
    {
        if (business.Tenant == NameTable.Empty)
        {
            if (_resource != span.ResourceNode || !ReferenceEquals(_view, view))
            {
                ReadResource(view, span.ResourceNode);
            }

            business.Tenant = _resourceTenant;
        }

        if (!view.HasAny(Slots, span.Node, _business))
        {
            return;
        }

        if (business.OrderNo.IsEmpty && view.TryGetAttribute(Slots, span.Node, _orderNo, out var orderNo))
        {
            business.SetOrderNo(orderNo.Text);
        }

        if (business.CustomerId.IsEmpty && view.TryGetAttribute(Slots, span.Node, _customerId, out var customerId))
        {
            business.SetCustomerId(customerId.Text);
        }

        if (business.Tenant == NameTable.Empty)
        {
            business.Tenant = Number(view, span.Node, _tenant, _names.Keys);
        }

        if (business.Channel == NameTable.Empty)
        {
            business.Channel = Number(view, span.Node, _channel, _names.Keys, ref _channelMemo);
        }

        LearnAmount(view, span, ref business);
    }

    /// <summary>Lets go of the chunk read last.</summary>
    public void Reset()
    {
        _view = null;
        _resource = -1;
    }

    private void LearnAmount(OtlpView view, in SpanRecord span, ref BusinessFacts business)
    {
        if (business.HasAmount || !view.TryGetAttribute(Slots, span.Node, _amount, out var amount))
        {
            return;
        }

        if (amount.Kind == AnyValueKind.Int)
        {
            (business.HasAmount, business.Amount) = (true, amount.Int);
        }
        else if (Utf8Parser.TryParse(amount.Text, out long parsed, out var length) && length == amount.Text.Length)
        {
            (business.HasAmount, business.Amount) = (true, parsed);
        }

        // With its amount only: a currency of another span may be that of another amount.
        business.Currency = business.HasAmount ? Number(view, span.Node, _currency, _names.Keys, ref _currencyMemo) : business.Currency;
    }

    private void ReadResource(OtlpView view, int resource)
    {
        (_view, _resource) = (view, resource);
        _resourceService = Number(view, resource, _service, _names.Nodes);
        _resourceNamespace = Number(view, resource, _namespace, _names.Nodes);
        _resourceNodeType = Number(view, resource, _nodeType, _names.Nodes);
        _resourceTenant = Number(view, resource, _tenant, _names.Keys);
    }

    private ushort Number(OtlpView view, int node, int slot, NameTable table, ref NameMemo memo) =>
        view.TryGetAttribute(Slots, node, slot, out var value) ? memo.NumberOf(table, value.Text) : NameTable.Empty;

    private ushort Number(OtlpView view, int node, int slot, NameTable table) =>
        view.TryGetAttribute(Slots, node, slot, out var value) ? table.NumberOf(value.Text) : NameTable.Empty;
}
