using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>Something whose changes ride on whatever is committed next, and that hears of what was appended. All members are called on
/// the writer's thread.</summary>
internal interface ICommitRider
{
    /// <summary>Writes its changes, if there are any.</summary>
    /// <returns>Whether it wrote something.</returns>
    bool Write(ILogTransaction transaction);

    /// <summary>What it wrote is committed.</summary>
    void Committed();

    /// <summary>What it wrote was not committed; it is asked again.</summary>
    void NotCommitted();

    /// <summary>What it wrote was refused, and was not committed: the log is well, and its changes do not fit in.</summary>
    /// <returns>Whether it has other changes to write instead. If not, it is failed, alone, and asked no more.</returns>
    bool TryMend(Exception refusal);

    /// <summary>Events were appended and committed.</summary>
    void Receive(CommittedBatch batch);

    /// <summary>The log has failed, and nothing is written any more.</summary>
    void Fail(EventLogException error);

    /// <summary>The writer has ended, and nothing is written any more.</summary>
    void Closed();
}
