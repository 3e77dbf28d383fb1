namespace EventBus.Settling;

/// <summary>A delivery that is not settled yet, and until when it waits.</summary>
internal readonly record struct Parking(RetryState Retry, TimeSpan Delay);
