namespace OnlineRetail;

/// <summary>What the process returns.</summary>
public enum ExitCode
{
    /// <summary>Every row was published and everything accepted was settled.</summary>
    Success = 0,

    /// <summary>Something that the bus accepted was not settled.</summary>
    Unsettled = 1,

    /// <summary>The command line is wrong.</summary>
    WrongCommandLine = 2,

    /// <summary>The file cannot be used at all: missing, empty, or without a column that is needed.</summary>
    UnusableFile = 3,

    /// <summary>Some rows were bad; all others were published.</summary>
    BadRows = 4,

    /// <summary>The event log cannot be used: another process has it, or its folder is missing.</summary>
    UnusableLog = 5,

    /// <summary>Ctrl+C.</summary>
    Interrupted = 130,
}
