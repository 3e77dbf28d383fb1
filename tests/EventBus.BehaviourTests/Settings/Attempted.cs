namespace EventBus.BehaviourTests.Settings;

/// <summary>The event that a trial publishes. The first one fails once.</summary>
[EventType("attempted")]
internal sealed record Attempted(int Number);

/// <summary>An event of another subscription, which nothing of the trial may touch.</summary>
internal sealed record Witnessed(int Number);

/// <summary>What a trial's handler throws.</summary>
internal sealed class PlannedException(Exception? innerException = null) : Exception("fails as planned", innerException);
