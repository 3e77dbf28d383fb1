namespace EventBus.Settling;

/// <summary>What becomes of a failed attempt.</summary>
/// <param name="Retries">Whether the delivery is tried again.</param>
/// <param name="Delay">How long it waits until then.</param>
/// <param name="Counts">Whether the attempt counts.</param>
/// <param name="Reason">Why it is given up, where it is.</param>
internal readonly record struct Verdict(bool Retries, TimeSpan Delay, bool Counts, DeadLetterReason Reason);
