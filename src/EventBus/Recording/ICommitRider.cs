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

    /// <summary>Events were appended and committed.</summary>
    void Receive(CommittedBatch batch);

    /// <summary>The log has failed, and nothing is written any more.</summary>
    void Fail(EventLogException error);

    /// <summary>The writer has ended, and nothing is written any more.</summary>
    void Closed();
}
