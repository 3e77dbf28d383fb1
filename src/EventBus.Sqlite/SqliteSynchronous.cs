namespace EventBus;

/// <summary>How far a commit goes before it counts.</summary>
public enum SqliteSynchronous
{
    /// <summary>Every commit waits until the disk has it: neither a crash of the process nor one of the machine loses what was committed.</summary>
    Full = 0,

    /// <summary>A commit waits until the operating system has it. A crash of the process loses nothing; a crash of the machine or a loss of power loses the latest
    /// commits: those since the last checkpoint, which comes about every 4 MB. What is left is in order and undamaged.</summary>
    Normal = 1,
}
