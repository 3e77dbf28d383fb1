namespace EventBus.Observing;

/// <summary>Which of many losses are worth a line: a flood of losses must not become a flood of lines.</summary>
internal static class Flood
{
    /// <summary>The first one, then at every power of ten.</summary>
    public static bool IsWorthALine(long count)
    {
        while (count % 10 == 0)
            count /= 10;
        return count == 1;
    }
}
