namespace EventBus.Handling;

/// <summary>Something that must be looked after while attempts run.</summary>
internal interface IWatched
{
    /// <summary>How often at least.</summary>
    TimeSpan Period { get; }

    void Check();
}
