namespace EventBus.Hosting.Observing;

/// <summary>The numbers of the log messages, a hundred for each folder, above those of the bus.</summary>
internal static class LogEventIds
{
    public const int Receipt = 1000;
    public const int Lost = 1001;
    public const int LeftForTheNextStart = 1002;
    public const int MoreAbandoned = 1003;
    public const int StillScheduled = 1004;
    public const int MoreScheduled = 1005;
    public const int CutShort = 1006;

    public const int Paused = 1100;
    public const int Resumed = 1101;
    public const int NeedsRestart = 1102;
    public const int AsItRuns = 1103;
    public const int WrongConfiguration = 1104;
    public const int UnreadSection = 1105;
}
