using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.FieldEncryption.Policies;

/// <summary>What is done to which fields of which tenants.</summary>
internal sealed record PolicyConfig
{
    private const int KeptCharactersMax = 64;

    /// <summary>Tenants it is for, with wildcards; empty for all.</summary>
    public IReadOnlyList<WildcardText> Tenants { get; init; } = [];

    /// <summary>Classes of data it is for, lower case; empty for all.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Keys of attributes, with wildcards.</summary>
    public IReadOnlyList<WildcardText> Fields { get; init; } = [];

    /// <summary>What is done.</summary>
    public FieldAction Action { get; init; }

    /// <summary>Characters at the front that a mask leaves.</summary>
    public int KeepFirst { get; init; }

    /// <summary>Characters at the end that a mask leaves.</summary>
    public int KeepLast { get; init; }

    /// <summary>A policy that is part of the build.</summary>
    /// <param name="dataClass">The class it is for.</param>
    /// <param name="action">What is done.</param>
    /// <param name="fields">The fields.</param>
    public static PolicyConfig Of(string dataClass, FieldAction action, params string[] fields) => new()
    {
        Classes = [dataClass],
        Action = action,
        Fields = Array.ConvertAll(fields, static f => new WildcardText(f)),
    };

    /// <summary>Reads an entry of <c>policies</c>.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="reserved">Keys that no policy may change: they choose the policy.</param>
    public static PolicyConfig Read(ConfigSection entry, IReadOnlyList<string> reserved)
    {
        var mask = entry.Section("mask");
        var config = new PolicyConfig
        {
            Tenants = Wildcards(entry, "tenants"),
            Classes = [.. entry.Texts("classes").Select(static c => c.ToLowerInvariant())],
            Fields = Wildcards(entry, "fields"),
            Action = entry.Word(
                "action",
                FieldAction.Encrypt,
                ("encrypt", FieldAction.Encrypt),
                ("drop", FieldAction.Drop),
                ("mask", FieldAction.Mask),
                ("hash", FieldAction.Hash),
                ("keep", FieldAction.Keep)),
            KeepFirst = mask.Int32("keep_first", 0, 0, KeptCharactersMax),
            KeepLast = mask.Int32("keep_last", 0, 0, KeptCharactersMax),
        };
        if (config.Fields.Count == 0)
        {
            entry.Error("fields", "must have at least one key of an attribute");
        }

        foreach (var field in config.Fields)
        {
            if (field.IsExact && reserved.Contains(field.Pattern))
            {
                entry.Error("fields", $"must not have \"{field.Pattern}\", which chooses the policy");
            }
        }

        if (config.Action != FieldAction.Mask && entry.Node("mask") is not null)
        {
            entry.Error("mask", "is for the action \"mask\" only");
        }

        mask.Finish();
        entry.Finish();
        return config;
    }

    private static List<WildcardText> Wildcards(ConfigSection entry, string key)
    {
        var texts = new List<WildcardText>();
        foreach (var (text, _) in entry.PlacedTexts(key))
        {
            if (text.Length == 0)
            {
                entry.Error(key, "must not have an empty text, got \"\"");
            }

            texts.Add(new WildcardText(text));
        }

        return texts;
    }
}
