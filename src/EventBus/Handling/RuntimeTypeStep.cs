namespace EventBus.Handling;

/// <summary>In a subscription whose events may be of many types: takes those of one type through what was asked for them, and all others past it.</summary>
internal sealed class RuntimeTypeStep<T, TEvent>(IEventHandler<T> around, IEventHandler<T> next) : IEventHandler<T>
    where T : notnull
{
    public ValueTask HandleAsync(T @event, EventContext context, CancellationToken cancellationToken) =>
        (@event is TEvent ? around : next).HandleAsync(@event, context, cancellationToken);
}
