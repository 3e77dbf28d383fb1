namespace EventBus;

/// <summary>The dependency injection scope of an inline handler.</summary>
public enum InlineScope
{
    /// <summary>A scope of its own for each event. The default.</summary>
    Own,

    /// <summary>The publisher's scope, for those who share a unit of work with it. Published from outside any scope, one of its own.</summary>
    Caller,
}
