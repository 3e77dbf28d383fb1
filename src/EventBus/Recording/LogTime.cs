namespace EventBus.Recording;

/// <summary>Times as every log keeps them: UTC, to the millisecond. What is compared with a stored time is cut in the same way, or an event would lie before its own time.</summary>
internal static class LogTime
{
    public static DateTimeOffset Of(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
