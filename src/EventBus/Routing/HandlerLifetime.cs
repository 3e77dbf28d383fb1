namespace EventBus;

/// <summary>How long a handler lives. A registration that the application made itself goes before it.</summary>
public enum HandlerLifetime
{
    /// <summary>One for each delivery, in a dependency injection scope of its own. The default.</summary>
    Scoped,

    /// <summary>One for the bus.</summary>
    Singleton,

    /// <summary>One for each delivery, in a scope of its own.</summary>
    Transient,
}
