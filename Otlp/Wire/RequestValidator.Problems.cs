using System.Diagnostics;
using System.Runtime.CompilerServices;
using TelemetryPipeline.Otlp.Schema;

namespace TelemetryPipeline.Otlp.Wire;

/// <content>Malformed requests, which end the pass, and items that are refused alone, which do not.</content>
internal ref partial struct RequestValidator
{
    /// <summary>What is malformed.</summary>
    public readonly OtlpError Error => _error;

    /// <summary>What is refused; null where nothing is.</summary>
    public readonly RefusedItems? Refused => _refused;

    // Only the first fault is shown, and a million of them must not cost a million texts.
    private readonly bool NeedsText => _holders == 0 || _refused is null;

    private int Fail(string problem, int offset)
    {
        Debug.Assert(_error.Problem is null, "the first problem ends the pass");
        _error = new OtlpError(problem, offset);
        return Bad;
    }

    /// <summary>Marks what the current item or holder of items cannot be represented for; outside of these, ends the pass.</summary>
    private bool Refuse(ItemProblem problem, string text, int offset)
    {
        if (_holders == 0)
        {
            return Fail(text, offset) > 0;
        }

        _refused ??= new RefusedItems(problem, new OtlpError(text, offset));
        _damage = _damage == ItemProblem.None ? problem : _damage;
        return true;
    }

    // What is refused inside goes with its holder.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Remove(int start, int items, int fields)
    {
        var offsets = _refused!.FieldOffsets;
        offsets.RemoveRange(fields, offsets.Count - fields);
        offsets.Add(start);
        _refused.Add(_damage, ItemCount - items);
        ItemCount = items;
    }

    // Texts are made in methods of their own: an interpolated string makes every call of the method around it clear
    // the stack space that the text would need.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RefuseWireType(uint field, int kind, int wire, int rule, int offset) => Refuse(
        ItemProblem.WrongType,
        NeedsText ? $"field {field} of {(MessageKind)kind} has wire type {wire}, not {rule & FieldRule.WireMask}" : "",
        offset);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool FailLength(uint field, int kind, int length, int left, int offset) => Fail(
        $"field {field} of {(MessageKind)kind} is {length} bytes long, only {left} are left", offset) > 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RefuseId(string name, int length, int expected, int offset) => Refuse(
        ItemProblem.InvalidId, NeedsText ? $"a {name} id is {length} bytes long, not {expected}" : "", offset);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool FailPacked(int length, int offset) =>
        Fail($"packed 8-byte numbers are {length} bytes long together", offset) > 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RefuseContent(int rule, int offset) => Refuse(
        ItemProblem.WrongType,
        NeedsText ? $"wire type {(int)WireType.LengthDelimited} on a field of wire type {rule & FieldRule.WireMask}" : "",
        offset);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int FailImpossible(ulong length, int offset) => Fail($"a length of {length} bytes is impossible", offset);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int FailUnknown(uint tag, int length, int left, int offset) =>
        Fail($"unknown field {tag >> 3} is {length} bytes long, only {left} are left", offset);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int FailNoWireType(uint tag, int offset) =>
        Fail($"wire type {tag & FieldRule.WireMask} does not exist", offset);
}
