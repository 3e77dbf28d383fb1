using EventBus.Storage;

namespace EventBus.StoreContract;

/// <summary>Where the logs of a contract's tests live. Disposing it leaves nothing behind.</summary>
public interface IEventLogHome : IDisposable
{
    /// <summary>Makes an empty log that is not open yet.</summary>
    IEventLog Create();

    /// <summary>The same log as a new process finds it after the owner has died without closing it; not open yet. The earlier owner is only believed dead: it
    /// may still try to write.</summary>
    IEventLog AfterCrash(IEventLog log);
}
