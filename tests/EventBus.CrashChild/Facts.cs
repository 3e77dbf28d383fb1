using System.Globalization;
using System.Text.Json.Serialization;

namespace EventBus.CrashChild;

/// <summary>An event that tells by itself what must become of it.</summary>
/// <param name="Publisher">Who publishes it.</param>
/// <param name="Number">From 0, for each publisher; some are skipped by a crash.</param>
[EventType("fact")]
public sealed record Fact(int Publisher, int Number)
{
    private const int BatchSize = 3;

    public string? Ballast { get; init; }

    [JsonIgnore]
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Publisher}-{Number}");

    /// <summary>A key has one publisher, so that the order of publishing is known.</summary>
    [JsonIgnore]
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Publisher}/{Number % 3}");

    /// <summary>Whether it is published in one batch with its neighbours.</summary>
    [JsonIgnore]
    public bool IsInBatch => Publisher == 0 && Number / BatchSize % 4 == 0;

    [JsonIgnore]
    public string Batch => string.Create(CultureInfo.InvariantCulture, $"{Publisher}/{Number / BatchSize}");

    /// <summary>Whether its publisher gives it an id, which is its name.</summary>
    [JsonIgnore]
    public bool HasId => !IsInBatch && Number % 2 == 0;

    /// <summary>For the subscription that fails: every attempt does.</summary>
    [JsonIgnore]
    public bool IsPoison => Number % 7 == 0;

    /// <summary>For the subscription that fails: the first attempts do.</summary>
    [JsonIgnore]
    public bool FailsFirst => Number % 5 == 0;

    /// <summary>For the subscription that fails: its handler takes its time, and others are done before it.</summary>
    [JsonIgnore]
    public bool IsSlow => Number % 11 == 4;

    /// <summary>For the subscription that hangs, in a life in which it does: its handler never returns.</summary>
    [JsonIgnore]
    public bool Hangs => Number % 9 == 2;

    /// <summary>For the subscription that refuses.</summary>
    [JsonIgnore]
    public bool IsRefused => Number % 6 == 0;

    /// <summary>For the subscription that refuses: it is taken when it is redriven.</summary>
    [JsonIgnore]
    public bool IsTakenLater => Number % 12 == 0;

    /// <summary>The events that are published with it: itself, where it has no batch.</summary>
    public IReadOnlyList<Fact> WithBatch() => IsInBatch ? [.. Enumerable.Range(Number / BatchSize * BatchSize, BatchSize).Select(number => this with { Number = number })] : [this];

    public static Fact Parse(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        return new(int.Parse(name.AsSpan(0, dash), CultureInfo.InvariantCulture), int.Parse(name.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }
}

/// <summary>An event that is scheduled.</summary>
[EventType("reminder")]
public sealed record Reminder(int Number)
{
    public const string Prefix = "r-";

    [JsonIgnore]
    public string Name => Prefix + Number.ToString(CultureInfo.InvariantCulture);

    [JsonIgnore]
    public bool HasId => Number % 2 == 0;

    public static Reminder Parse(string name) => new(int.Parse(name.AsSpan(Prefix.Length), CultureInfo.InvariantCulture));
}

/// <summary>An event that is never written to the log.</summary>
[EventType("beat")]
public sealed record Beat(int Number);

/// <summary>The subscriptions of a working life.</summary>
public static class Subscriptions
{
    public const string Ordered = "ordered";
    public const string Failing = "failing";
    public const string Idempotent = "idempotent";
    public const string Refusing = "refusing";
    public const string Reminders = "reminders";

    /// <summary>It is paused while events are published.</summary>
    public const string Paused = "paused";

    /// <summary>Some of its handlers do not return as long as their process lives.</summary>
    public const string Hanging = "hanging";

    /// <summary>It is replayed while the oldest events are removed.</summary>
    public const string Replayed = "replayed";

    /// <summary>Queued: it has to get what becomes due while its process lives.</summary>
    public const string QueuedReminders = "queued-reminders";

    /// <summary>So many attempts a poisoned event gets.</summary>
    public const int PoisonAttempts = 4;
}
